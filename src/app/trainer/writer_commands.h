// SPDX-License-Identifier: MIT
// The commands around the writer on symbols: writer-songs, writer-measure. It is trained by `run`, as its config.json
// says what it reads.
#pragma once

#include <pop2piano/progress.h>

#include <CLI/CLI.hpp>

namespace pop2piano::training::app {

void add_writer_commands(CLI::App& program, const CancelToken& cancel);

}  // namespace pop2piano::training::app
