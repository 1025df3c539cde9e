// SPDX-License-Identifier: MIT
#include "base/core/utf8.h"

#include <iterator>

#include <utf8cpp/utf8.h>

namespace pop2piano {

std::size_t valid_utf8_bytes(std::string_view text) {
  return static_cast<std::size_t>(utf8::find_invalid(text.begin(), text.end()) - text.begin());
}

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) utf8::append(static_cast<char32_t>(static_cast<unsigned char>(c)), std::back_inserter(out));
  return out;
}

}  // namespace pop2piano
