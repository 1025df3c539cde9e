// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "rhythm/beat_network.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFile = "rhythm/beats.safetensors";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

fs::path installed_beat_network() {
  const std::string chosen = environment("POP2PIANO_BEATS");
  if (chosen == "none") return {};
  if (!chosen.empty()) return chosen;
  std::vector<fs::path> folders;
  if (const auto models = environment("POP2PIANO_MODELS"); !models.empty()) folders.emplace_back(models);
  if (const auto home = environment("HOME"); !home.empty()) {
    folders.push_back(fs::path(home) / ".local/share/pop2piano/models");
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(program.parent_path().parent_path() / "share/pop2piano/models");
  folders.emplace_back(POP2PIANO_SOURCE_MODELS);
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / kFile, error)) return folder / kFile;
  }
  return {};
}

}  // namespace pop2piano
