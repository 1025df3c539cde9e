# The pages of the public headers, by Doxygen, whose warnings are errors:
#   cmake -DDOXYGEN=doxygen -DSOURCE=. -DOUTPUT=build/api -P cmake/PublicApiPages.cmake   then open build/api/html/index.html
file(MAKE_DIRECTORY ${OUTPUT})
file(WRITE ${OUTPUT}/Doxyfile "
PROJECT_NAME = pop2piano
INPUT = ${SOURCE}/include
STRIP_FROM_PATH = ${SOURCE}/include
OUTPUT_DIRECTORY = ${OUTPUT}
RECURSIVE = YES
GENERATE_LATEX = NO
EXTRACT_ALL = NO
WARN_IF_UNDOCUMENTED = YES
WARN_NO_PARAMDOC = NO
WARN_LOGFILE = ${OUTPUT}/warnings.txt
QUIET = YES
HAVE_DOT = NO
PREDEFINED = POP2PIANO_API=
")
file(REMOVE ${OUTPUT}/warnings.txt)
execute_process(COMMAND ${DOXYGEN} ${OUTPUT}/Doxyfile RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "Doxygen did not succeed: ${result}")
endif()
# Every type and free function is documented, every comment is right; a member whose name says it all needs none.
file(STRINGS ${OUTPUT}/warnings.txt warnings REGEX "(warning|error): ")
list(FILTER warnings EXCLUDE REGEX "Member .* is not documented")
list(JOIN warnings "\n" text)
if(text)
  message(FATAL_ERROR "Doxygen warns about the public headers:\n${text}")
endif()
