# cmake -DINPUT=report.css -DOUTPUT=report_css.cpp -DNAME=report_css -P EmbedFile.cmake
# Writes a source file with INPUT's bytes: std::string_view pop2piano::NAME(). See pop2piano_embed().

file(READ "${INPUT}" bytes HEX)
if(bytes STREQUAL "")
  message(FATAL_ERROR "${INPUT}: expected bytes to embed, found an empty file")
endif()
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REPEAT "....." 24 line)  # 24 bytes of five characters
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
get_filename_component(file "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "// Made from ${file} by cmake/EmbedFile.cmake.
#include <string_view>

namespace pop2piano {

std::string_view ${NAME}();
std::string_view ${NAME}() {
  static constexpr unsigned char kBytes[] = {
${bytes}};
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}

}  // namespace pop2piano
")
