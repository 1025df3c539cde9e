// SPDX-License-Identifier: MIT
// The man page: roff.
#include <sstream>

#include "app/manual/manual.h"

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

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string man_page(const CLI::App& program) {
  std::ostringstream out;
  out << ".TH " << upper_case(program.get_name()) << " 1\n.SH NAME\n"
      << roff(program.get_name()) << " \\- " << roff(program.get_description()) << "\n.SH SYNOPSIS\n"
      << ".B " << roff(program.get_name()) << "\nCOMMAND [OPTIONS]\n.SH OPTIONS\n";
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

}  // namespace pop2piano::cli
