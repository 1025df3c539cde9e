// SPDX-License-Identifier: MIT
// The subcommands of `pop2piano`. Each adds its options to the program; running one throws Error or returns.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "app/console/console.h"

namespace pop2piano::cli {

void add_cover_command(CLI::App& program, Console& console);
void add_analyse_command(CLI::App& program, Console& console);
void add_beats_command(CLI::App& program, Console& console);
void add_convert_command(CLI::App& program, Console& console);
void add_fetch_model_command(CLI::App& program, Console& console);
void add_info_command(CLI::App& program, Console& console);
void add_arrange_command(CLI::App& program, Console& console);
void add_engrave_command(CLI::App& program, Console& console);
void add_render_command(CLI::App& program, Console& console);
void add_samples_command(CLI::App& program, Console& console);
void add_serve_command(CLI::App& program, Console& console);
void add_transcribe_command(CLI::App& program, Console& console);
void add_synthesize_command(CLI::App& program, Console& console);
void add_dataset_command(CLI::App& program, Console& console);
void add_help_command(CLI::App& program, Console& console);

/// Version, build type, instruction set, libraries: what `--version` prints.
std::string version_text();

}  // namespace pop2piano::cli
