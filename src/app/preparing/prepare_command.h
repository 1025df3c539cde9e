// SPDX-License-Identifier: MIT
// pop2piano prepare: lists of songs and piano covers -> training records; how far they are; a page about them.
#pragma once

#include <CLI/CLI.hpp>

#include "app/console/console.h"

namespace pop2piano::cli {

void add_prepare_command(CLI::App& program, Console& console);

}  // namespace pop2piano::cli
