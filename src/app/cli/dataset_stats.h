// SPDX-License-Identifier: MIT
// pop2piano dataset stats: renderings beside recordings, in numbers and as a plot.
#pragma once

#include <CLI/CLI.hpp>

#include "app/console/console.h"

namespace pop2piano::cli {

void add_stats_action(CLI::App& dataset, Console& console);

}  // namespace pop2piano::cli
