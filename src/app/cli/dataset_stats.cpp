// SPDX-License-Identifier: MIT
#include "app/cli/dataset_stats.h"

#include <pop2piano/audio.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "app/cli/free_target.h"
#include "app/cli/interrupt.h"
#include "base/core/output_file.h"
#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/studio/sound_coding.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

struct StatsArguments {
  fs::path a, b, plot;
  std::size_t songs = 40;
  bool force = false;
};

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::exists(path)) throw Error(ErrorCode::not_found, path.string() + ": no such file or folder");
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<float> samples_of(const Recording& recording) {
  std::vector<float> samples(static_cast<std::size_t>(recording.sample_count()));
  const auto stream = recording.stream();
  std::size_t done = 0;
  while (const std::size_t count = stream->read(std::span(samples).subspan(done))) done += count;
  samples.resize(done);
  return samples;
}

class SoundsOfPath {
 public:
  SoundsOfPath(const StatsArguments& arguments, Console& console) : arguments_(arguments), console_(console) {}

  std::vector<SoundStatistics> read(const fs::path& path) {
    statistics_.clear();
    for (const fs::path& file : files_of(path)) {
      if (statistics_.size() >= arguments_.songs) break;
      interrupt_token().check();
      if (file.extension() == kShardExtension) {
        read_records(file);
      } else {
        read_recording(file);
      }
      console_.monitor(nullptr).report(path.string(),
                                       static_cast<double>(statistics_.size()) / static_cast<double>(arguments_.songs));
    }
    console_.finish_progress();
    if (statistics_.empty()) {
      throw Error(ErrorCode::nothing_found,
                  path.string() +
                      ": no song with sound in it; give recordings, or records made with `synthesize "
                      "--audio`");
    }
    return std::move(statistics_);
  }

 private:
  void read_records(const fs::path& shard) {
    const RecordReader reader(shard);
    for (std::size_t i = 0; i < reader.size() && statistics_.size() < arguments_.songs; ++i) {
      const SongView song = reader.song(i);
      const TensorView* sound = song.record.find(kAudioTensor);
      if (sound != nullptr) add(decode_flac(sound->bytes), song.description.song);
    }
  }

  void read_recording(const fs::path& file) {
    try {
      add(samples_of(Recording::open(file)), file.string());
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      console_.warn(std::string(error.what()) + " (left out)");
    }
  }

  void add(const std::vector<float>& samples, const std::string& what) {
    try {
      statistics_.push_back(sound_statistics(samples, what));
    } catch (const Error& error) {
      console_.warn(std::string(error.what()) + " (left out)");
    }
  }

  const StatsArguments& arguments_;
  Console& console_;
  std::vector<SoundStatistics> statistics_;
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

void stats(const StatsArguments& arguments, Console& console) {
  if (!arguments.plot.empty()) check_free(arguments.plot, arguments.force);
  SoundsOfPath sounds(arguments, console);
  const auto a = sounds.read(arguments.a);
  if (arguments.b.empty()) return print_one(a, console);
  const auto b = sounds.read(arguments.b);
  const StatisticsComparison comparison = compare_statistics(a, b);
  print_both(comparison, arguments, console);
  if (arguments.plot.empty()) return;
  write_file(arguments.plot,
             statistics_plot(comparison, arguments.a.filename().string(), arguments.b.filename().string()));
  console.say(arguments.plot.string());
}

constexpr double kPanelWidth = 300, kPanelHeight = 170, kMargin = 46;

std::string polyline(const std::vector<std::pair<double, double>>& points, const char* colour) {
  std::string text = fmt::format("<polyline fill='none' stroke='{}' stroke-width='2' points='", colour);
  for (const auto& [x, y] : points) text += fmt::format("{:.1f},{:.1f} ", x, y);
  return text + "'/>\n";
}

using Rows = std::span<const StatisticsComparison::Row>;

std::string panel(Rows rows, double left, double top) {
  double low = 1e300, high = -1e300;
  for (const auto& row : rows) {
    low = std::min({low, row.mean_a - row.sd_a, row.mean_b - row.sd_b});
    high = std::max({high, row.mean_a + row.sd_a, row.mean_b + row.sd_b});
  }
  const double range = std::max(1e-9, high - low);
  const double width = kPanelWidth - kMargin, height = kPanelHeight - kMargin;
  const auto y = [&](double value) { return top + height * (1.0 - (value - low) / range); };
  std::string text = fmt::format(
      "<rect x='{:.0f}' y='{:.0f}' width='{:.0f}' height='{:.0f}' fill='none' stroke='#bbb'/>\n"
      "<text x='{:.0f}' y='{:.0f}'>{}</text>\n<text x='{:.0f}' y='{:.0f}' text-anchor='end'>{:.2f}</text>\n"
      "<text x='{:.0f}' y='{:.0f}' text-anchor='end'>{:.2f}</text>\n",
      left, top, width, height, left, top - 6, rows.front().name.substr(0, rows.front().name.find(" 1")), left - 4,
      top + 10, high, left - 4, top + height, low);
  std::vector<std::pair<double, double>> a, b;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const double x = left + width * (static_cast<double>(i) + 0.5) / static_cast<double>(rows.size());
    a.emplace_back(x - 3, y(row.mean_a));
    b.emplace_back(x + 3, y(row.mean_b));
    for (const auto& [at, mean, deviation, colour] :
         {std::tuple{x - 3, row.mean_a, row.sd_a, "#1f77b4"}, std::tuple{x + 3, row.mean_b, row.sd_b, "#d62728"}}) {
      text += fmt::format("<line x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}' stroke='{3}'/>\n", at,
                          y(mean - deviation), y(mean + deviation), colour);
    }
    const std::size_t space = row.name.rfind(' ', row.name.size() - 4);
    text += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='middle' font-size='8'>{}</text>\n", x,
                        top + height + 12, row.name.substr(space + 1));
  }
  return text + polyline(a, "#1f77b4") + polyline(b, "#d62728");
}

}  // namespace

std::string statistics_plot(const StatisticsComparison& comparison, const std::string& name_a,
                            const std::string& name_b) {
  const auto escaped = [](const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    return result;
  };
  const std::size_t panels = comparison.rows.size() / kBandGroups;
  const double height = 40 + kPanelHeight * static_cast<double>((panels + 1) / 2);
  std::string text = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' width='{:.0f}' height='{:.0f}' font-family='sans-serif' "
      "font-size='11'>\n<rect width='100%' height='100%' fill='white'/>\n"
      "<text x='46' y='16' fill='#1f77b4'>{}</text>\n<text x='346' y='16' fill='#d62728'>{}</text>\n",
      2 * kPanelWidth + kMargin, height, escaped(name_a), escaped(name_b));
  for (std::size_t p = 0; p < panels; ++p) {
    text += panel(Rows(comparison.rows).subspan(p * kBandGroups, kBandGroups),
                  kMargin + kPanelWidth * static_cast<double>(p % 2), 44 + kPanelHeight * static_cast<double>(p / 2));
  }
  return text + "</svg>\n";
}

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
