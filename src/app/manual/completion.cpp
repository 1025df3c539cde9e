// SPDX-License-Identifier: MIT
// Completion scripts for shells.
#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/manual/manual.h"

namespace pop2piano::cli {
namespace {

std::string names_of(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : visible_commands(program)) names.push_back(command->get_name());
  return fmt::format("{}", fmt::join(names, " "));
}

// The name of the shell function that completes: "_pop2piano_train".
std::string function_of(const CLI::App& program) {
  std::string name = "_" + program.get_name();
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string bash_completion(const CLI::App& program) {
  std::ostringstream out;
  out << "# bash completion for " << program.get_name() << "\n"
      << function_of(program) << "() {\n"
      << "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
      << "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '" << names_of(program)
      << " --help --version' -- \"$word\"))\n    return\n  fi\n"
      << "  case $command in\n";
  for (const CLI::App* command : visible_commands(program)) {
    if (visible_commands(*command).empty()) continue;
    out << "    " << command->get_name() << ")\n      if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W '"
        << names_of(*command) << " --help' -- \"$word\")); return; fi\n      command+=\" ${COMP_WORDS[2]}\" ;;\n";
  }
  out << "  esac\n  if [[ $word != -* ]]; then\n    COMPREPLY=($(compgen -f -- \"$word\"))\n    return\n  fi\n"
      << "  case $command in\n";
  for (const auto& [path, command] : all_commands(program)) {
    out << "    '" << path << "') COMPREPLY=($(compgen -W '"
        << fmt::format("{}", fmt::join(long_options(*command), " ")) << "' -- \"$word\")) ;;\n";
  }
  out << "  esac\n}\ncomplete -o filenames -F " << function_of(program) << " " << program.get_name() << "\n";
  return out.str();
}

// fish knows which words stand on the line, not their order: a nested command's options need all of its words.
std::string fish_condition(const std::string& path) {
  std::string condition;
  std::istringstream words(path);
  for (std::string word; words >> word;) {
    condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") + word;
  }
  return condition.empty() ? "__fish_use_subcommand" : condition;
}

std::string fish_completion(const CLI::App& program) {
  std::ostringstream out;
  out << "# fish completion for " << program.get_name() << "\n";
  for (const auto& [path, command] : all_commands(program)) {
    const std::size_t last = path.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : path.substr(0, last);
    out << "complete -c " << program.get_name() << " -n '" << fish_condition(parent) << "' -a " << command->get_name()
        << " -d '" << command->get_description() << "'\n";
    for (const std::string& name : long_options(*command)) {
      const bool flag = command->get_option(name)->get_type_size() == 0;
      out << "complete -c " << program.get_name() << " -n '" << fish_condition(path) << "' -l " << name.substr(2)
          << (flag ? "" : " -r") << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string completion_script(const CLI::App& program, const std::string& shell) {
  if (shell == "fish") return fish_completion(program);
  const std::string bash = bash_completion(program);
  return shell == "zsh" ? "#compdef " + program.get_name() + "\nautoload -U +X bashcompinit && bashcompinit\n" + bash
                        : bash;
}

}  // namespace pop2piano::cli
