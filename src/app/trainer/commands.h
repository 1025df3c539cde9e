// SPDX-License-Identifier: MIT
// The subcommands of pop2piano-train.
#pragma once

#include <pop2piano/progress.h>

#include <CLI/CLI.hpp>

namespace pop2piano::training::app {

/// `cancel` is set by Ctrl-C and must outlive the program.
void add_commands(CLI::App& program, const CancelToken& cancel);

}  // namespace pop2piano::training::app
