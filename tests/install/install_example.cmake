# Run by the test install.example: cmake -DBUILD=... -DSOURCE=... -DGENERATOR=... -DCXX=... -P install_example.cmake
set(work "${BUILD}/install_example")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\nended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
foreach(pattern IN ITEMS bin/pop2piano include/pop2piano/cover.h share/pop2piano/models/default/config.json
    share/pop2piano/models/default/model.safetensors share/pop2piano/models/melody/melody.safetensors
    share/pop2piano/models/harmony/harmony.safetensors share/pop2piano/models/writer/model.safetensors
    share/pop2piano/models/figures/figures.safetensors
    share/pop2piano/models/rhythm/beats.safetensors share/pop2piano/models/piano/piano.safetensors share/man/man1/pop2piano.1
    share/bash-completion/completions/pop2piano)
  if(NOT EXISTS "${prefix}/${pattern}")
    message(FATAL_ERROR "not installed: ${pattern}")
  endif()
endforeach()
file(GLOB_RECURSE libraries "${prefix}/*/libpop2piano*")
list(FILTER libraries EXCLUDE REGEX "\\.so\\.") # of a shared library only the plain name counts
list(LENGTH libraries count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "expected one library, found: ${libraries}")
endif()

run(${prefix}/bin/pop2piano --version)
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/cover_song -B ${work}/example -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${work}/example)
set(ENV{LD_LIBRARY_PATH} "${prefix}/lib")
run(${work}/example/cover_song ${SOURCE}/examples/song/example_song.ogg ${work}/cover.mid)
message(STATUS "${output}")
if(NOT output MATCHES "^([0-9]+) notes at ([0-9.]+) beats per minute" OR CMAKE_MATCH_1 LESS 50)
  message(FATAL_ERROR "expected at least 50 notes, got: ${output}")
endif()
file(READ "${work}/cover.mid" head LIMIT 4 HEX)
if(NOT head STREQUAL "4d546864")
  message(FATAL_ERROR "cover.mid does not begin with MThd but with ${head}")
endif()
file(REMOVE_RECURSE "${work}")
