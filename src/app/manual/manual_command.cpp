// SPDX-License-Identifier: MIT
// The command `manual`: man page, reference page and completion scripts for packagers and shells.
#include <memory>
#include <utility>

#include "app/manual/manual.h"

namespace pop2piano::cli {
namespace {

std::string manual(const CLI::App& program, const std::string& kind) {
  if (kind == "man") return man_page(program);
  if (kind == "markdown") return reference_page(program);
  return completion_script(program, kind);
}

}  // namespace

void add_manual_command(CLI::App& program, std::function<void(const std::string&)> print) {
  auto kind = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("manual", "Print the man page, the reference page, or a shell's completion script");
  command->add_option("KIND", *kind, "man, markdown, bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"man", "markdown", "bash", "zsh", "fish"}))
      ->type_name("");
  const std::string call = program.get_name() + " manual ";
  command->footer("Examples:\n  " + call + "man | man -l -\n  source <(" + call + "bash)");
  command->callback([kind, &program, print = std::move(print)] { print(manual(program, *kind)); });
}

}  // namespace pop2piano::cli
