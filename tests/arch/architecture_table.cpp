// SPDX-License-Identifier: MIT
// Parses the module table of docs/architecture.md and answers what it allows.
#include "arch/architecture_table.h"

#include <sstream>
#include <stdexcept>
#include <string_view>

namespace pop2piano::arch {
namespace {

constexpr std::string_view kAnythingBelow = "anything below";

std::set<std::string> split_names(const std::string& text) {
  std::set<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream >> std::ws, name, ',');) {
    name.erase(name.find_last_not_of(" \t\r") + 1);
    names.insert(name);
  }
  return names;
}

void add_line(std::map<std::string, Module>& table, const std::string& line, int& level) {
  std::istringstream words(line);
  std::string name;
  if (!(words >> name)) return;
  if (name == "level") words >> level >> name;
  if (level < 0) return;
  Module& entry = table[name];
  entry.level = level;
  const std::size_t uses = line.find(" uses ");
  if (uses == std::string::npos) return;
  const std::string used = line.substr(uses + 6);
  if (used.starts_with(kAnythingBelow))
    entry.uses.insert(std::string(kAnythingBelow));
  else
    entry.uses = split_names(used);
}

void resolve(std::map<std::string, Module>& table) {
  for (auto& [name, entry] : table) {
    if (entry.uses.erase(std::string(kAnythingBelow)) != 0)
      for (const auto& [other, below] : table)
        if (below.level < entry.level) entry.uses.insert(other);
    for (const std::string& used : entry.uses) {
      if (!table.contains(used)) throw std::runtime_error(name + " uses " + used + ", which the table does not list");
    }
  }
}

}  // namespace

std::map<std::string, Module> parse_architecture(const std::string& markdown) {
  std::map<std::string, Module> table;
  std::istringstream stream(markdown);
  bool fenced = false;
  int level = -1;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) {
      fenced = !fenced;
      level = -1;
    } else if (fenced) {
      add_line(table, line, level);
    }
  }
  if (!table.contains("core")) throw std::runtime_error("docs/architecture.md has no table of modules with core in it");
  resolve(table);
  return table;
}

std::string module_of(const std::string& path) {
  constexpr std::string_view kPublic = "include/pop2piano/";
  if (path.starts_with(kPublic)) {
    const std::string name = path.substr(kPublic.size(), path.rfind('.') - kPublic.size());
    return name == "error" || name == "progress" ? "core" : name;
  }
  if (!path.starts_with("src/")) return {};
  const std::size_t slash = path.find('/', 4);
  return slash == std::string::npos ? std::string{} : path.substr(4, slash - 4);
}

bool may_use(const std::map<std::string, Module>& table, const std::string& path, const std::string& used) {
  const std::string user = module_of(path);
  if (used == user || used == "core") return true;
  const auto entry = table.find(user);
  if (entry == table.end() || !entry->second.uses.contains(used)) return false;
  return user != "app" || used != "train" || path.starts_with("src/app/train/");
}

}  // namespace pop2piano::arch
