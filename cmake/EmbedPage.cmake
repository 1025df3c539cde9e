# pop2piano_embed_page(ROOM FOLDER): all files of FOLDER become pop2piano::serve::embedded_page(). The assembler takes their bytes
# as they are, so megabytes cost no time. Without the folder the list is empty.
function(pop2piano_embed_page room folder)
  file(GLOB_RECURSE files RELATIVE "${folder}" CONFIGURE_DEPENDS "${folder}/*")
  set(blocks "")
  set(names "")
  set(entries "")
  set(inputs "")
  set(number 0)
  foreach(file IN LISTS files)
    string(APPEND blocks "asm(\".pushsection .rodata\\n.balign 16\\npage_file_${number}:\\n.incbin \\\"${folder}/${file}\\\"\\npage_end_${number}:\\n.popsection\\n\");\n")
    string(APPEND names "extern const char page_file_${number}[], page_end_${number}[];\n")
    string(APPEND entries "      {\"${file}\", {page_file_${number}, static_cast<std::size_t>(page_end_${number} - page_file_${number})}},\n")
    list(APPEND inputs "${folder}/${file}")
    math(EXPR number "${number} + 1")
  endforeach()
  if(number EQUAL 0)
    set(body "  return {};\n")
  else()
    set(body "  static const std::array<EmbeddedFile, ${number}> files{{\n${entries}  }};\n  return files;\n")
  endif()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_page.cpp")
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT "// Made by cmake/EmbedPage.cmake.
#include \"app/serve/embedded_page.h\"

#include <array>
#include <cstddef>

${blocks}
extern \"C\" {
${names}}

namespace pop2piano::serve {

std::span<const EmbeddedFile> embedded_page() {
${body}}

}  // namespace pop2piano::serve
")
  target_sources(pop2piano_${room} PRIVATE "${output}")
  set_source_files_properties("${output}" PROPERTIES OBJECT_DEPENDS "${inputs}" SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
