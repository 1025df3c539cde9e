// SPDX-License-Identifier: MIT
// The commands of an option table.
#include "app/manual/manual.h"

namespace pop2piano::cli {
namespace {

// Each command, followed by its own.
void add_commands(const CLI::App& program, const std::string& path, std::vector<NamedCommand>& all) {
  for (const CLI::App* command : visible_commands(program)) {
    all.push_back({path + command->get_name(), command});
    add_commands(*command, all.back().path + " ", all);
  }
}

}  // namespace

std::vector<const CLI::App*> visible_commands(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<NamedCommand> all_commands(const CLI::App& program) {
  std::vector<NamedCommand> all;
  add_commands(program, "", all);
  return all;
}

std::vector<std::string> long_options(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace pop2piano::cli
