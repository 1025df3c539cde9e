// SPDX-License-Identifier: MIT
#include "app/cli/song_options.h"

#include "app/console/time_text.h"
#include "listening/rhythm/beats_file.h"

namespace pop2piano::cli {

void SongOptions::add_to(CLI::App& command) {
  command.add_option("--start", start, "Begin here: seconds or m:ss")->type_name("TIME")->group("Song");
  command.add_option("--end", end, "Stop here: seconds or m:ss")->type_name("TIME")->group("Song");
  command
      .add_option("--stream", stream,
                  "The audio stream of that number in the file, as info lists them (default: as players choose)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->group("Song");
  command
      .add_option("--beats", beats_file,
                  "Your own beats: a text file, one time in seconds from the start of the file per line, or time and "
                  "beat number")
      ->type_name("FILE")
      ->group("Rhythm");
  command
      .add_option("--tempo-times", rhythm.tempo_times,
                  "Count twice (2), one and a half times (1.5), two thirds (0.667) or half (0.5) as fast as was found")
      ->check(CLI::IsMember({0.5, 0.667, 1.0, 1.5, 2.0}))
      ->type_name("0.5|0.667|1|1.5|2")
      ->group("Rhythm");
  command.add_option("--downbeat", rhythm.downbeat, "The N-th beat that was found is the first of a bar")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->group("Rhythm");
  command.add_option("--metre", rhythm.beats_per_bar, "Beats in a bar (found if not given)")
      ->check(CLI::Range(2, 12))
      ->type_name("N")
      ->group("Rhythm");
  command.add_option("--threads", threads, "Processor threads (default: all); the result does not depend on it")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->group("Machine");
}

RecordingOptions SongOptions::recording() const {
  RecordingOptions options;
  if (!start.empty()) options.start = parse_time(start);
  if (!end.empty()) options.end = parse_time(end);
  if (options.end && *options.end <= options.start) {
    throw Error(ErrorCode::invalid_argument,
                "--end " + end + " must lie after --start " + (start.empty() ? "0" : start));
  }
  options.stream = stream;
  return options;
}

std::string SongOptions::of_the_sound() const {
  if (!start.empty()) return "--start";
  if (!end.empty()) return "--end";
  if (stream) return "--stream";
  if (!beats_file.empty()) return "--beats";
  if (rhythm.tempo_times != 1.0) return "--tempo-times";
  return "";
}

BeatOptions SongOptions::beats() const {
  BeatOptions options = rhythm;
  if (!beats_file.empty()) options.given = read_beats_file(beats_file, rhythm.beats_per_bar.value_or(4));
  return options;
}

}  // namespace pop2piano::cli
