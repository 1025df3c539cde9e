// SPDX-License-Identifier: MIT
// pop2piano beats: the beats of a song, one per line.
#include <pop2piano/cover.h>

#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/song_options.h"

namespace pop2piano::cli {
namespace {

struct BeatsArguments {
  std::string song;
  SongOptions song_options;
};

void print_beats(const BeatsArguments& arguments, Console& console) {
  const Monitor monitor = console.monitor(&interrupt_token());
  const Recording recording = Recording::open(arguments.song, arguments.song_options.recording(), monitor);
  const Rhythm rhythm = find_beats(recording, arguments.song_options.beats(), arguments.song_options.threads, monitor);
  for (const std::string& remark : rhythm.remarks) console.warn(arguments.song + ": " + remark);
  const BeatGrid& grid = rhythm.grid;
  if (console.json()) {
    console.event("beats", {{"song", arguments.song},
                            {"tempo", grid.tempo()},
                            {"beats_per_bar", grid.beats_per_bar},
                            {"confidence", rhythm.confidence},
                            {"constant_tempo", rhythm.constant_tempo},
                            {"swing_ratio", rhythm.swing_ratio},
                            {"times", grid.times},
                            {"numbers", grid.numbers}});
  }
  for (std::size_t i = 0; i < grid.size(); ++i)
    console.print(fmt::format("{:.4f}\t{}", grid.times[i], grid.numbers[i]));
}

}  // namespace

void add_beats_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<BeatsArguments>();
  CLI::App* command =
      program.add_subcommand("beats", "Print the beats of a song: time in seconds and number in the bar");
  command->add_option("SONG", arguments->song, "Any file with sound; - reads standard input")
      ->required()
      ->type_name("");
  arguments->song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano beats song.mp3 > song.beats\n"
      "  pop2piano beats song.mp3 --tempo-times 0.5 --metre 3\n"
      "The lines can be edited and given to `pop2piano cover --beats FILE`.");
  command->callback([arguments, &console] { print_beats(*arguments, console); });
}

}  // namespace pop2piano::cli
