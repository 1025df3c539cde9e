# Compares what `PROGRAM manual markdown` prints with the page in docs/reference.
execute_process(COMMAND ${PROGRAM} manual markdown OUTPUT_FILE ${PRINTED} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} manual markdown: ${result}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files --ignore-eol ${PRINTED} ${PAGE} RESULT_VARIABLE differs)
if(differs)
  message(FATAL_ERROR "${PAGE} is not what the program says. Renew it: ${PROGRAM} manual markdown > ${PAGE}")
endif()
