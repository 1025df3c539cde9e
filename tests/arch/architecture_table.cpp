// SPDX-License-Identifier: MIT
// Parses the table of rooms of docs/architecture.md and answers what it allows.
#include "arch/architecture_table.h"

#include <sstream>
#include <stdexcept>
#include <string_view>

namespace pop2piano::arch {
namespace {

constexpr std::string_view kAnythingAbove = "anything above";

std::set<std::string> split_names(const std::string& text) {
  std::set<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream >> std::ws, name, ',');) {
    name.erase(name.find_last_not_of(" \t\r") + 1);
    names.insert(name);
  }
  return names;
}

class TableReader {
 public:
  void take(const std::string& line) {
    std::istringstream words(line);
    std::string name;
    if (line.empty()) return;
    if (line.front() != ' ') words >> floor_;
    if (!(words >> name)) return;
    Room room{.floor = floor_, .uses = {}};
    const std::size_t uses = line.find(" uses ");
    if (uses != std::string::npos) room.uses = names_of(line.substr(uses + 6));
    for (const std::string& used : room.uses)
      if (!table_.contains(used))
        throw std::runtime_error(name + " uses " + used + ", which stands in no line above it");
    if (!table_.emplace(name, std::move(room)).second) throw std::runtime_error(name + " stands in the table twice");
  }

  std::map<std::string, Room> table() && { return std::move(table_); }

 private:
  std::set<std::string> names_of(const std::string& text) const {
    if (!text.starts_with(kAnythingAbove)) return split_names(text);
    const std::size_t but = text.find(" but ");
    const std::string left_out = but == std::string::npos ? "" : text.substr(but + 5);
    std::set<std::string> names;
    for (const auto& [name, room] : table_)
      if (left_out.empty() || (name != left_out && !name.starts_with(left_out + "_"))) names.insert(name);
    return names;
  }

  std::string floor_;
  std::map<std::string, Room> table_;
};

}  // namespace

std::map<std::string, Room> parse_architecture(const std::string& markdown) {
  TableReader reader;
  std::istringstream stream(markdown);
  bool fenced = false, in_table = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) {
      fenced = !fenced;
      in_table = false;
    } else if (fenced) {
      in_table = in_table || line.starts_with("base ");
      if (in_table) reader.take(line);
    }
  }
  std::map<std::string, Room> table = std::move(reader).table();
  if (!table.contains("core")) throw std::runtime_error("docs/architecture.md has no table of rooms with core in it");
  return table;
}

std::string room_of(const std::string& path) {
  constexpr std::string_view kPublic = "include/pop2piano/";
  if (path.starts_with(kPublic)) {
    const std::string name = path.substr(kPublic.size(), path.rfind('.') - kPublic.size());
    return name == "error" || name == "measure" || name == "progress" ? "core" : name;
  }
  if (!path.starts_with("src/")) return {};
  const std::size_t floor = path.find('/', 4);
  const std::size_t room = floor == std::string::npos ? floor : path.find('/', floor + 1);
  return room == std::string::npos ? std::string{} : path.substr(floor + 1, room - floor - 1);
}

bool may_use(const std::map<std::string, Room>& table, const std::string& path, const std::string& used) {
  const std::string user = room_of(path);
  if (used == user || used == "core") return true;
  const auto entry = table.find(user);
  return entry != table.end() && entry->second.uses.contains(used);
}

}  // namespace pop2piano::arch
