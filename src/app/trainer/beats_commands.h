// SPDX-License-Identifier: MIT
// pop2piano-train beats, beat-songs: the beat network's training from records to weights.
#pragma once

#include <pop2piano/progress.h>

#include <CLI/CLI.hpp>

namespace pop2piano::training::app {

/// `cancel` must outlive the parsing.
void add_beats_commands(CLI::App& program, const CancelToken& cancel);

}  // namespace pop2piano::training::app
