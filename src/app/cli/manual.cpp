// SPDX-License-Identifier: MIT
#include "app/cli/manual.h"

#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pop2piano::cli {
namespace {

std::string roff(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

void write_options(std::ostringstream& out, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    std::string name = option->get_name(false, true);
    if (name.empty()) name = option->get_name(true, false);
    std::string value = option->get_type_size() == 0 ? "" : " " + option->get_type_name();
    if (option->get_positional()) value.clear();
    out << ".TP\n\\fB" << roff(name) << "\\fR" << roff(value) << "\n" << roff(option->get_description()) << "\n";
  }
}

void write_footer(std::ostringstream& out, const std::string& footer) {
  if (!footer.empty()) out << ".PP\n.nf\n" << roff(footer) << "\n.fi\n";
}

struct NamedCommand {
  std::string path;  ///< "evaluate cover"
  const CLI::App* command = nullptr;
};

std::vector<const CLI::App*> visible_commands(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

// Each command, followed by its own.
void add_commands(const CLI::App& program, const std::string& path, std::vector<NamedCommand>& all) {
  for (const CLI::App* command : visible_commands(program)) {
    all.push_back({path + command->get_name(), command});
    add_commands(*command, all.back().path + " ", all);
  }
}

std::vector<NamedCommand> all_commands(const CLI::App& program) {
  std::vector<NamedCommand> all;
  add_commands(program, "", all);
  return all;
}

std::string names_of(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : visible_commands(program)) names.push_back(command->get_name());
  return fmt::format("{}", fmt::join(names, " "));
}

std::string bash_completion(const CLI::App& program) {
  std::ostringstream out;
  out << "# bash completion for pop2piano\n_pop2piano() {\n"
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
  out << "  esac\n}\ncomplete -o filenames -F _pop2piano pop2piano\n";
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
  out << "# fish completion for pop2piano\n";
  for (const auto& [path, command] : all_commands(program)) {
    const std::size_t last = path.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : path.substr(0, last);
    out << "complete -c pop2piano -n '" << fish_condition(parent) << "' -a " << command->get_name() << " -d '"
        << command->get_description() << "'\n";
    for (const std::string& name : long_options(*command)) {
      const bool flag = command->get_option(name)->get_type_size() == 0;
      out << "complete -c pop2piano -n '" << fish_condition(path) << "' -l " << name.substr(2) << (flag ? "" : " -r")
          << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::vector<std::string> long_options(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string man_page(const CLI::App& program) {
  std::ostringstream out;
  out << ".TH POP2PIANO 1\n.SH NAME\npop2piano \\- " << roff(program.get_description()) << "\n.SH SYNOPSIS\n"
      << ".B pop2piano\nCOMMAND [OPTIONS]\n.SH OPTIONS\n";
  write_options(out, program);
  out << ".SH COMMANDS\n";
  for (const auto& [path, command] : all_commands(program)) {
    out << ".SS " << roff(path) << "\n" << roff(command->get_description()) << "\n";
    write_options(out, *command);
    write_footer(out, command->get_footer());
  }
  out << ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C\n";
  return out.str();
}

std::string completion_script(const CLI::App& program, const std::string& shell) {
  if (shell == "fish") return fish_completion(program);
  const std::string bash = bash_completion(program);
  return shell == "zsh" ? "#compdef pop2piano\nautoload -U +X bashcompinit && bashcompinit\n" + bash : bash;
}

}  // namespace pop2piano::cli
