// SPDX-License-Identifier: MIT
#include "app/cli/dataset_stats.h"

#include <pop2piano/error.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "app/console/interrupt.h"
#include "app/targets/free_target.h"
#include "base/core/output_file.h"
#include "learning/records/statistics_of_files.h"
#include "learning/records/statistics_plot.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

struct StatsArguments {
  fs::path a, b, plot;
  std::size_t songs = 40;
  bool force = false;
};

void print_one(const std::vector<SoundStatistics>& songs, Console& console) {
  const StatisticsComparison same = compare_statistics(songs, songs);
  for (const auto& row : same.rows) {
    console.event("statistic", {{"name", row.name}, {"mean", row.mean_a}, {"deviation", row.sd_a}});
    console.say(fmt::format("{:<24} {:>9.3f} +- {:<8.3f}", row.name, row.mean_a, row.sd_a));
  }
}

void print_both(const StatisticsComparison& comparison, const StatsArguments& a, Console& console) {
  console.say(
      fmt::format("{:<24} {:>20} {:>20} {:>9}", "", a.a.filename().string(), a.b.filename().string(), "distance"));
  for (const auto& row : comparison.rows) {
    console.event("statistic", {{"name", row.name},
                                {"mean_a", row.mean_a},
                                {"deviation_a", row.sd_a},
                                {"mean_b", row.mean_b},
                                {"deviation_b", row.sd_b},
                                {"distance", row.distance}});
    console.say(fmt::format("{:<24} {:>9.3f} +- {:<7.3f} {:>9.3f} +- {:<7.3f} {:>8.2f}{}", row.name, row.mean_a,
                            row.sd_a, row.mean_b, row.sd_b, row.distance, std::abs(row.distance) > 1 ? " *" : ""));
  }
  console.say("distance: in deviations of the first; * more than one");
}

std::vector<SoundStatistics> statistics_of(const fs::path& path, const StatsArguments& arguments, Console& console) {
  const auto left_out = [&](const std::string& why) { console.warn(why + " (left out)"); };
  auto statistics = statistics_of_files(path, arguments.songs, left_out, console.monitor(&interrupt_token()));
  console.finish_progress();
  return statistics;
}

void stats(const StatsArguments& arguments, Console& console) {
  if (!arguments.plot.empty()) check_free(arguments.plot, arguments.force);
  const auto a = statistics_of(arguments.a, arguments, console);
  if (arguments.b.empty()) return print_one(a, console);
  const auto b = statistics_of(arguments.b, arguments, console);
  const StatisticsComparison comparison = compare_statistics(a, b);
  print_both(comparison, arguments, console);
  if (arguments.plot.empty()) return;
  write_file(arguments.plot,
             statistics_plot(comparison, arguments.a.filename().string(), arguments.b.filename().string()));
  console.say(arguments.plot.string());
}

}  // namespace

void add_stats_action(CLI::App& dataset, Console& console) {
  auto arguments = std::make_shared<StatsArguments>();
  CLI::App* stats_command =
      dataset.add_subcommand("stats", "What a network sees: one set of songs, or renderings beside recordings");
  stats_command->add_option("A", arguments->a, "A song, a folder of songs, or records with sound")
      ->required()
      ->type_name("");
  stats_command->add_option("B", arguments->b, "What is compared with it")->type_name("");
  stats_command->add_option("--plot", arguments->plot, "Draw both sides")->type_name("OUT.svg");
  stats_command->add_option("--songs", arguments->songs, "At most so many of each side")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  stats_command->add_flag("--force", arguments->force, "Overwrite the plot");
  console.add_options(*stats_command);
  stats_command->footer("Example:\n  pop2piano dataset stats recordings records/train --plot distance.svg");
  stats_command->callback([arguments, &console] { stats(*arguments, console); });
}

}  // namespace pop2piano::cli
