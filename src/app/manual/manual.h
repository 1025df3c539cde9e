// SPDX-License-Identifier: MIT
// Man page, reference page and shell completion, written from the option table that also parses and prints --help.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace pop2piano::cli {

/// roff for section 1.
std::string man_page(const CLI::App& program);
/// Markdown: a heading for each command, its options in tables, its examples.
std::string reference_page(const CLI::App& program);
/// `shell`: "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& program, const std::string& shell);
/// Adds the command `manual KIND`, which gives one of the above to `print`: man, markdown, bash, zsh, fish.
void add_manual_command(CLI::App& program, std::function<void(const std::string&)> print);

/// Every long option of a command: "--style".
std::vector<std::string> long_options(const CLI::App& command);

/// A command with the words that choose it: "evaluate cover".
struct NamedCommand {
  std::string path;
  const CLI::App* command = nullptr;
};

/// The commands of a program that --help shows, without theirs.
std::vector<const CLI::App*> visible_commands(const CLI::App& program);
/// Each of them, followed by its own.
std::vector<NamedCommand> all_commands(const CLI::App& program);

}  // namespace pop2piano::cli
