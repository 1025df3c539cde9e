// SPDX-License-Identifier: MIT
// pop2piano beats: the beats of a song, one per line; as sound and as a picture.
#include <pop2piano/analysis.h>
#include <pop2piano/error.h>

#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/song_options.h"
#include "app/console/interrupt.h"
#include "base/core/output_file.h"
#include "base/core/thread_pool.h"
#include "listening/analysis/beats.h"
#include "listening/analysis/heard_sound.h"
#include "listening/rhythm/beat_tracker.h"
#include "listening/rhythm/beats_plot.h"
#include "listening/rhythm/beats_text.h"
#include "sound/audio/recording_blocks.h"
#include "sound/render/click_track.h"
#include "writing/cover/report.h"
#include "writing/cover/written_swing.h"

namespace pop2piano::cli {
namespace {

struct BeatsArguments {
  std::string song, format = "txt", click, plot;
  bool alternatives = false;
  SongOptions song_options;
};

// What the tracker hears, whoever's beats are drawn over it.
BeatCurves curves_of(const Recording& recording, const SongOptions& options, const Monitor& monitor) {
  const auto tracker = make_beat_tracker();
  read_levelled_blocks(recording, {}, monitor, [&](std::span<const float> samples) { tracker->push(samples); });
  ThreadPool pool(options.threads);
  return tracker->finish(pool, Monitor{.cancel = monitor.cancel}).curves;
}

void check_outputs(const BeatsArguments& a) {
  const auto ends_with = [](const std::string& name, const std::string& end) {
    return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  if (!a.plot.empty() && !ends_with(a.plot, ".svg")) {
    throw Error(ErrorCode::invalid_argument, "--plot: a file name that ends with .svg expected, " + a.plot +
                                                 " found; browsers open SVG, rsvg-convert makes other formats of it");
  }
  if (!a.click.empty() && !ends_with(a.click, ".wav")) {
    throw Error(ErrorCode::invalid_argument,
                "--click: a file name that ends with .wav expected, " + a.click + " found");
  }
}

void report_json(const BeatsArguments& a, const Rhythm& rhythm, const Tuning& tuning, Console& console) {
  const BeatGrid& grid = rhythm.grid;
  console.event("beats", {{"song", a.song},
                          {"tempo", grid.tempo()},
                          {"beats_per_bar", grid.beats_per_bar},
                          {"confidence", rhythm.confidence},
                          {"activation", rhythm.given        ? "given"
                                         : rhythm.by_network ? "network"
                                                             : "signal"},
                          {"constant_tempo", rhythm.constant_tempo},
                          {"swing_ratio", rhythm.swing_ratio},
                          {"swung", swung_notes(swing_of(rhythm))},
                          {"tuning", tuning.cents},
                          {"key", rhythm.key ? nlohmann::json(to_string(*rhythm.key)) : nlohmann::json(nullptr)},
                          {"times", grid.times},
                          {"numbers", grid.numbers},
                          {"downbeat_chances", rhythm.downbeat_chances},
                          {"answers", answers_json(rhythm)}});
}

/// Wherever the recording was begun: as --beats reads them.
BeatGrid from_start_of_file(BeatGrid grid, const Recording& recording) {
  for (double& time : grid.times) time += recording.start();
  return grid;
}

// A line each: the option that takes it, its chance, what it is; a star where it is taken already.
std::string alternatives_of(const Rhythm& rhythm) {
  std::string text;
  for (const auto& answer : answers_json(rhythm)) {
    const std::string what =
        answer["question"] == "tempo"   ? fmt::format("{:.1f} beats a minute", answer["tempo"].get<double>())
        : answer["question"] == "metre" ? fmt::format("{} beats in a bar", answer["beats_per_bar"].get<int>())
                                        : fmt::format("first beat of a bar at {:.2f} s", answer["time"].get<double>());
    text += fmt::format("{:<20} {:>3.0f} %  {}{}\n", answer["option"].get<std::string>(),
                        100 * answer["chance"].get<double>(), what, answer["taken"].get<bool>() ? " *" : "");
  }
  if (text.empty()) text = "the beats were given: there is nothing to choose from\n";
  return text;
}

void print_rhythm(const BeatsArguments& a, const Rhythm& rhythm, const Tuning& tuning, const BeatsOrigin& origin,
                  Console& console) {
  for (const std::string& remark : rhythm.remarks) console.warn(a.song + ": " + remark);
  if (console.json()) report_json(a, rhythm, tuning, console);
  std::string text =
      a.alternatives ? alternatives_of(rhythm) : beats_as(beat_format_named(a.format), rhythm.grid, origin);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  console.print(text);
}

// Those of a kept analysis: there is no sound to draw or to click over.
void print_kept_beats(const BeatsArguments& a, Console& console) {
  std::string option = a.song_options.of_the_sound();
  if (!a.click.empty()) option = "--click";
  if (!a.plot.empty()) option = "--plot";
  if (!option.empty()) {
    throw Error(ErrorCode::invalid_argument,
                a.song + ": " + option + " needs the recording; this is what was kept of it");
  }
  Analysis analysis = load_analysis(a.song);
  count_bars(analysis, a.song_options.rhythm.beats_per_bar, a.song_options.rhythm.downbeat);
  Rhythm& rhythm = analysis.rhythm;
  for (double& time : rhythm.grid.times) time += analysis.source.start;
  print_rhythm(a, rhythm, analysis.tuning,
               {.title = analysis.source.title,
                .duration = analysis.source.start + analysis.source.duration(),
                .confidence = rhythm.confidence,
                .given = rhythm.given},
               console);
}

void print_beats(const BeatsArguments& a, Console& console) {
  check_outputs(a);
  if (a.song != "-" && is_kept_analysis(a.song)) return print_kept_beats(a, console);
  const Monitor monitor = console.monitor(&interrupt_token());
  const Recording recording = Recording::open(a.song, a.song_options.recording(), monitor);
  ThreadPool pool(a.song_options.threads);
  const HeardSound sound(recording, pool, monitor);
  Rhythm rhythm = find_beats(sound, a.song_options.beats(), pool, monitor);
  for (const std::string& warning : recording.description().warnings) console.warn(a.song + ": " + warning);
  if (!a.click.empty()) write_click(recording, rhythm.grid, a.click, monitor);
  if (!a.plot.empty())
    write_file(a.plot, beats_as_svg(rhythm.grid, curves_of(recording, a.song_options, monitor), a.song));
  if (console.verbose() && !rhythm.given)
    console.warn(rhythm.by_network ? "beats heard by the network" : "beats heard by the signal's onsets and harmony");
  rhythm.grid = from_start_of_file(std::move(rhythm.grid), recording);
  print_rhythm(a, rhythm, sound.tuning(),
               {.title = recording.description().title,
                .duration = recording.start() + recording.duration(),
                .confidence = rhythm.confidence,
                .given = rhythm.given},
               console);
}

}  // namespace

void add_beats_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<BeatsArguments>();
  CLI::App* command =
      program.add_subcommand("beats", "Print the beats of a song: time in seconds and number in the bar");
  command
      ->add_option("SONG", arguments->song, "Any file with sound; - reads standard input; or an analysis that was kept")
      ->required()
      ->type_name("");
  command->add_option("--format", arguments->format, "txt, jams, or audacity (labels to import)")
      ->capture_default_str()
      ->check(CLI::IsMember({"txt", "jams", "audacity"}));
  command->add_flag("--alternatives", arguments->alternatives,
                    "Print other tempi, metres and first beats instead, how likely they are, and the option that takes "
                    "each");
  command->add_option("--click", arguments->click, "Write the song with a tick on every beat, higher on the first")
      ->type_name("WAV");
  command->add_option("--plot", arguments->plot, "Draw what was heard, beats, bars and tempo")->type_name("SVG");
  arguments->song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano beats song.mp3 > song.beats\n"
      "  pop2piano beats song.mp3 --tempo-times 0.5 --metre 3\n"
      "  pop2piano beats song.mp3 --alternatives\n"
      "  pop2piano beats song.mp3 --click check.wav --plot beats.svg --format audacity > labels.txt\n"
      "The lines can be edited and given to `pop2piano cover --beats FILE`.");
  command->callback([arguments, &console] { print_beats(*arguments, console); });
}

}  // namespace pop2piano::cli
