// SPDX-License-Identifier: MIT
// pop2piano-train piano-songs, piano, measure-piano: the piano network from scores to figures.
#pragma once

#include <pop2piano/progress.h>

#include <CLI/CLI.hpp>

namespace pop2piano::training::app {

/// `cancel` must outlive the parsing.
void add_piano_commands(CLI::App& program, const CancelToken& cancel);

}  // namespace pop2piano::training::app
