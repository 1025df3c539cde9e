// SPDX-License-Identifier: MIT
// pop2piano manual: man page and completion scripts for packagers and shells.
#include <memory>

#include "app/cli/command.h"
#include "app/cli/manual.h"

namespace pop2piano::cli {

void add_manual_command(CLI::App& program, Console& console) {
  auto kind = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("manual", "Print the man page or a shell's completion script");
  command->add_option("KIND", *kind, "man, bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"man", "bash", "zsh", "fish"}))
      ->type_name("");
  command->footer(
      "Examples:\n"
      "  pop2piano manual man | man -l -\n"
      "  source <(pop2piano manual bash)");
  command->callback([kind, &program, &console] {
    console.print(*kind == "man" ? man_page(program) : completion_script(program, *kind));
  });
}

}  // namespace pop2piano::cli
