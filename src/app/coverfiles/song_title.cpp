// SPDX-License-Identifier: MIT
#include "app/coverfiles/song_title.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace pop2piano {

std::string title_from_name(const std::string& song) {
  if (song == "-") return "Piano cover";
  std::string name = std::filesystem::path(song).stem().string();
  std::replace(name.begin(), name.end(), '_', ' ');
  const std::size_t first = name.find_first_not_of("0123456789.- ");  // a track number
  const bool numbered = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0;
  return numbered && first != std::string::npos ? name.substr(first) : name;
}

}  // namespace pop2piano
