// SPDX-License-Identifier: MIT
#include "base/core/paths.h"

#include <system_error>

namespace pop2piano {

bool path_exists(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool is_plain_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

std::string fitting_name(const std::string& stem, const std::string& ending, std::size_t most) {
  if (stem.size() + ending.size() <= most) return stem + ending;
  std::size_t kept = ending.size() < most ? most - ending.size() : 0;
  while (kept > 0 && (static_cast<unsigned char>(stem[kept]) & 0xC0U) == 0x80U) --kept;
  return stem.substr(0, kept) + ending;
}

std::string plain_reason(const std::filesystem::filesystem_error& error) {
  const std::string path = error.path1().string();
  return (path.empty() ? "" : path + ": ") + error.code().message();
}

}  // namespace pop2piano
