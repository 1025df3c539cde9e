// SPDX-License-Identifier: MIT
// Man page and shell completion, written from the option table that also parses and prints --help.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace pop2piano::cli {

/// roff for section 1.
std::string man_page(const CLI::App& program);
/// `shell`: "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& program, const std::string& shell);
/// Every long option of a command and of the program: "--style".
std::vector<std::string> long_options(const CLI::App& command);

}  // namespace pop2piano::cli
