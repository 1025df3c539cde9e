# How our own targets are made: one function per kind, so that flags and names are set in one place.

add_library(pop2piano_flags INTERFACE)
# Options are aggregates set by designated initialisers, where leaving a field out is the point.
target_compile_options(pop2piano_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -Wno-missing-field-initializers
  $<$<BOOL:${POP2PIANO_WERROR}>:-Werror>
  # GCC 12 sees overlaps and overruns in inlined std::string and std::vector code that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)

if(POP2PIANO_SANITIZE)  # "address,undefined" or "thread", set by the presets
  add_compile_options(-fsanitize=${POP2PIANO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${POP2PIANO_SANITIZE})
  # GCC 12 with sanitizers takes std::function inside std::regex for uninitialised (GCC bug 105562).
  target_compile_options(pop2piano_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(POP2PIANO_BUILD_FUZZ)  # the fuzzer follows which branches its inputs take
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(POP2PIANO_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# pop2piano_unity(TARGET [b.cpp ...])
# With POP2PIANO_UNITY_BUILD the sources of TARGET are compiled together, but for those named: another one has their local names.
function(pop2piano_unity target)
  if(POP2PIANO_UNITY_BUILD)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # takes each source for a header
  endif()
endfunction()

# pop2piano_room(NAME SOURCES a.cpp ... [USES room ...] [PUBLIC target ...] [PRIVATE target ...] [APART b.cpp ...])
# One folder src/FLOOR/NAME: the static library pop2piano_NAME. USES names other rooms; the edges that are allowed stand in
# docs/architecture.md and are checked by the test arch.includes. APART: as of pop2piano_unity().
function(pop2piano_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PUBLIC;PRIVATE;APART" ${ARGN})
  add_library(pop2piano_${name} STATIC ${ARG_SOURCES})
  target_include_directories(pop2piano_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  list(TRANSFORM ARG_USES PREPEND pop2piano_ OUTPUT_VARIABLE used)
  target_link_libraries(pop2piano_${name} PUBLIC ${used} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:pop2piano_flags>)
  pop2piano_unity(pop2piano_${name} ${ARG_APART})
endfunction()

# pop2piano_embed(ROOM FILE...)
# Builds files of the room's folder into it, byte for byte: report.css becomes std::string_view pop2piano::report_css(), which a
# header of the room declares. A path from the root names a file of another folder.
function(pop2piano_embed room)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME own_name)
    string(MAKE_C_IDENTIFIER "${own_name}" name)
    cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE input)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
    set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake")
    add_custom_command(OUTPUT "${output}" DEPENDS "${input}" "${script}" VERBATIM
      COMMAND "${CMAKE_COMMAND}" "-DINPUT=${input}" "-DOUTPUT=${output}" "-DNAME=${name}" -P "${script}")
    target_sources(pop2piano_${room} PRIVATE "${output}")
  endforeach()
endfunction()

# pop2piano_test(NAME SOURCES a_test.cpp ... USES room ... [LABELS unit ...] [LIBRARIES target ...])
# A GoogleTest program tests/…/NAME whose cases ctest lists one by one under the given labels (default: unit).
function(pop2piano_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;LABELS;LIBRARIES" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND pop2piano_ OUTPUT_VARIABLE used)
  target_link_libraries(${name} PRIVATE ${used} ${ARG_LIBRARIES} GTest::gtest_main pop2piano_flags)
  # Comparisons compile twice as fast this way; what they compare is in the rooms, which keep the build type's options.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
    POP2PIANO_SOURCE_DIR="${PROJECT_SOURCE_DIR}" POP2PIANO_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." TEST_LIST ${name}_cases DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  # gtest_discover_tests cannot pass a list, so the labels are set by a script that ctest reads after its own.
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake")
  file(WRITE "${script}" "foreach(case IN LISTS ${name}_cases)
  set_tests_properties(\"\${case}\" PROPERTIES LABELS \"${ARG_LABELS}\")
endforeach()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()

# pop2piano_bench(NAME SOURCES ... USES room ... [LIBRARIES target ...])
function(pop2piano_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND pop2piano_ OUTPUT_VARIABLE used)
  target_link_libraries(${name} PRIVATE ${used} ${ARG_LIBRARIES} pop2piano_flags)
  target_compile_definitions(${name} PRIVATE POP2PIANO_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()
