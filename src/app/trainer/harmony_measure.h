// SPDX-License-Identifier: MIT
// pop2piano-train measure-harmony: bass and chords as the network and as templates hear them, on rendered songs.
#pragma once

#include <pop2piano/progress.h>

#include <CLI/CLI.hpp>

namespace pop2piano::training::app {

void add_measure_harmony(CLI::App& program, const CancelToken& cancel);

}  // namespace pop2piano::training::app
