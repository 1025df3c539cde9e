# What `cmake --install` gives: public headers, one library, the command, the model, and the CMake package pop2piano.

include(CMakePackageConfigHelpers)

# The rooms behind the public headers (x.h belongs to the room x) and all that they use: in `rooms` our targets,
# in `libraries` the third-party ones.
function(pop2piano_collect rooms libraries)
  file(GLOB headers RELATIVE "${PROJECT_SOURCE_DIR}/include/pop2piano" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/include/pop2piano/*.h")
  list(TRANSFORM headers REPLACE "^(.*)\\.h$" "pop2piano_\\1" OUTPUT_VARIABLE waiting)
  list(APPEND waiting pop2piano_core pop2piano_scorefiles)  # score.h declares what scorefiles defines
  set(ours "")
  set(others "")
  while(waiting)
    list(POP_FRONT waiting target)
    if(NOT TARGET ${target} OR target IN_LIST ours)
      continue()
    endif()
    list(APPEND ours ${target})
    get_target_property(links ${target} LINK_LIBRARIES)
    foreach(link IN LISTS links)
      if(link MATCHES "^pop2piano_")
        list(APPEND waiting ${link})
      elseif(link AND NOT link MATCHES "BUILD_INTERFACE" AND NOT link IN_LIST others)
        list(APPEND others "${link}")
      endif()
    endforeach()
  endwhile()
  set(${rooms} "${ours}" PARENT_SCOPE)
  set(${libraries} "${others}" PARENT_SCOPE)
endfunction()

pop2piano_collect(installed_rooms installed_libraries)
# Objects of every room in one archive (or one shared library with BUILD_SHARED_LIBS). Not for linking inside this build.
list(TRANSFORM installed_rooms REPLACE "^(.+)$" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE installed_objects)
add_library(pop2piano_library ${installed_objects})
set_target_properties(pop2piano_library PROPERTIES
  OUTPUT_NAME pop2piano EXPORT_NAME pop2piano LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_compile_features(pop2piano_library INTERFACE cxx_std_20)
target_include_directories(pop2piano_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(pop2piano_library PRIVATE ${installed_libraries})

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/pop2piano")
set(model_folder "${CMAKE_INSTALL_DATADIR}/pop2piano/models/default")
install(TARGETS pop2piano_library EXPORT pop2piano)
install(DIRECTORY include/pop2piano DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY models/default/ DESTINATION ${model_folder})
foreach(network figures harmony melody piano rhythm writer)
  install(DIRECTORY models/${network}/ DESTINATION "${CMAKE_INSTALL_DATADIR}/pop2piano/models/${network}")
endforeach()
install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(EXPORT pop2piano NAMESPACE pop2piano:: FILE pop2pianoTargets.cmake DESTINATION ${package_folder})
configure_package_config_file(cmake/pop2pianoConfig.cmake.in "${PROJECT_BINARY_DIR}/pop2pianoConfig.cmake"
  INSTALL_DESTINATION ${package_folder} PATH_VARS model_folder)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/pop2pianoConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/pop2pianoConfig.cmake" "${PROJECT_BINARY_DIR}/pop2pianoConfigVersion.cmake"
  DESTINATION ${package_folder})

# The command, and what it says about its own options.
if(TARGET pop2piano)
  install(TARGETS pop2piano RUNTIME)
  set(manuals "${PROJECT_BINARY_DIR}/manuals")
  file(MAKE_DIRECTORY "${manuals}")
  add_custom_command(OUTPUT ${manuals}/pop2piano.1 ${manuals}/pop2piano.bash ${manuals}/pop2piano.zsh ${manuals}/pop2piano.fish
    COMMAND pop2piano manual man > pop2piano.1
    COMMAND pop2piano manual bash > pop2piano.bash
    COMMAND pop2piano manual zsh > pop2piano.zsh
    COMMAND pop2piano manual fish > pop2piano.fish
    DEPENDS pop2piano WORKING_DIRECTORY "${manuals}" COMMENT "Writing man page and shell completions" VERBATIM)
  add_custom_target(pop2piano_manuals ALL DEPENDS ${manuals}/pop2piano.1)
  install(FILES ${manuals}/pop2piano.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${manuals}/pop2piano.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME pop2piano)
  install(FILES ${manuals}/pop2piano.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _pop2piano)
  install(FILES ${manuals}/pop2piano.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
