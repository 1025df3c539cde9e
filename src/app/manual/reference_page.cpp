// SPDX-License-Identifier: MIT
// The reference page of a program: Markdown, a heading for each command.
#include <sstream>

#include "app/manual/manual.h"

namespace pop2piano::cli {
namespace {

// In a table's cell: no bars and line ends of its own.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|')
      result += "\\|";
    else
      result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string name_of(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  for (std::size_t at = name.find(','); at != std::string::npos; at = name.find(',', at + 1)) name.insert(at + 1, " ");
  const std::string negated = "{false}";  // how a flag's second name turns it off, in the option table
  if (const std::size_t at = name.find(negated); at != std::string::npos) name.erase(at, negated.size());
  const std::string type = option.get_type_size() == 0 || option.get_positional() ? "" : option.get_type_name();
  return "`" + name + (type.empty() ? "" : " " + type) + "`";
}

std::string meaning_of(const CLI::Option& option) {
  std::string meaning = option.get_description();
  if (!option.get_default_str().empty()) meaning += " (default: " + option.get_default_str() + ")";
  if (option.get_required()) meaning += " (required)";
  return meaning;
}

void write_group(std::ostringstream& out, const std::string& title, const std::vector<const CLI::Option*>& options) {
  if (options.empty()) return;
  out << "\n| " << (title.empty() ? "Argument" : title) << " | |\n|---|---|\n";
  for (const CLI::Option* option : options)
    out << "| " << cell(name_of(*option)) << " | " << cell(meaning_of(*option)) << " |\n";
}

// What stands without a name first, then the groups in the order of --help; --help itself stands at the program only.
void write_options(std::ostringstream& out, const CLI::App& command) {
  std::vector<const CLI::Option*> positional;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional() && !option->get_group().empty()) positional.push_back(option);
  write_group(out, "", positional);
  for (const std::string& group : command.get_groups()) {
    if (group.empty()) continue;
    std::vector<const CLI::Option*> options;
    for (const CLI::Option* option : command.get_options())
      if (!option->get_positional() && option->get_group() == group &&
          (command.get_parent() == nullptr || option != command.get_help_ptr()))
        options.push_back(option);
    write_group(out, group, options);
  }
}

std::string sentence(const std::string& text) { return text.ends_with('.') ? text : text + "."; }

}  // namespace

std::string reference_page(const CLI::App& program) {
  std::ostringstream out;
  out << "# Commands of `" << program.get_name() << "`\n\n"
      << program.get_description() << ". This page is printed by `" << program.get_name() << " manual markdown`.\n";
  write_options(out, program);
  for (const auto& [path, command] : all_commands(program)) {
    out << "\n## " << program.get_name() << " " << path << "\n\n" << sentence(command->get_description()) << "\n";
    write_options(out, *command);
    if (!command->get_footer().empty()) out << "\n```text\n" << command->get_footer() << "\n```\n";
  }
  return out.str();
}

}  // namespace pop2piano::cli
