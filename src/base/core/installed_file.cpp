// SPDX-License-Identifier: MIT
#include "base/core/installed_file.h"

#include <cstdlib>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::vector<fs::path> installed_folders() {
  std::vector<fs::path> folders;
  if (const auto models = environment("POP2PIANO_MODELS"); !models.empty()) folders.emplace_back(models);
  if (const auto home = environment("HOME"); !home.empty()) {
    folders.push_back(fs::path(home) / ".local/share/pop2piano/models");
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(program.parent_path().parent_path() / "share/pop2piano/models");
  folders.emplace_back(POP2PIANO_SOURCE_MODELS);
  return folders;
}

fs::path installed_file(const fs::path& file, const char* override_name) {
  const std::string chosen = environment(override_name);
  if (chosen == "none") return {};
  if (!chosen.empty()) return chosen;
  std::error_code error;
  for (const fs::path& folder : installed_folders()) {
    if (fs::exists(folder / file, error)) return folder / file;
  }
  return {};
}

}  // namespace pop2piano
