// SPDX-License-Identifier: MIT
// pop2piano dataset stats: renderings beside recordings, in numbers and as a plot.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/console.h"
#include "learning/records/sound_statistics.h"

namespace pop2piano::cli {

void add_stats_action(CLI::App& dataset, Console& console);

/// Six panels, one for each kind of figure by frequency: mean and deviation over the songs of both sides.
[[nodiscard]] std::string statistics_plot(const StatisticsComparison& comparison, const std::string& name_a,
                                          const std::string& name_b);

}  // namespace pop2piano::cli
