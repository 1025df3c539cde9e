// SPDX-License-Identifier: MIT
#include "sound/audio/text.h"

#include <cstdio>

#include "base/core/legacy_text.h"

namespace pop2piano {

std::string clean_text(std::string_view text) {
  std::string out = utf8_of_unknown(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  const auto first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

std::string seconds_text(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace pop2piano
