// SPDX-License-Identifier: MIT
#include "app/cli/arranging_options.h"

#include <pop2piano/cover.h>
#include <pop2piano/error.h>

#include <charconv>
#include <cstdlib>

#include "music/score/clean_notes.h"

namespace pop2piano::cli {

void ArrangingOptions::add_to(CLI::App& command) {
  command.add_option("--level", level, "For whom: easy, medium, full, or 1..5 (default: full)")
      ->type_name("LEVEL")
      ->group("Music");
  command.add_option("--hands", hands, "How far a hand reaches: octave, ninth or tenth (default: tenth)")
      ->type_name("SPAN")
      ->group("Music");
  command
      .add_option("--key", key,
                  "Move the piano part: semitones (-3), to a tonic (C, F#, Bb), or to the nearest easy key (easy)")
      ->type_name("KEY")
      ->group("Music");
  command
      .add_flag("--tune-on-top,!--no-tune-on-top", tune_on_top,
                "Nothing sounds above the tune (default); --no-tune-on-top: accompaniment may")
      ->group("Music");
  command.add_flag("--pedal,!--no-pedal", pedal, "Sustain pedal by the harmony (default); --no-pedal: none")
      ->group("Music");
  command.add_flag("--fingering", fingering, "Fingers (1 thumb .. 5) in the sheet music")->group("Music");
}

PianoOptions ArrangingOptions::piano() const {
  return {.level = level_of(level),
          .hand_span = hand_span_of(hands),
          .tune = tune_on_top ? TunePlace::on_top : TunePlace::as_written};
}

std::optional<int> ArrangingOptions::semitones() const {
  if (key.empty()) return std::nullopt;
  int value = 0;
  const char* first = key.data() + (key[0] == '+' ? 1 : 0);
  const char* last = key.data() + key.size();
  const auto [end, error] = std::from_chars(first, last, value);
  return error == std::errc{} && end == last ? std::optional<int>(value) : std::nullopt;
}

MusicXmlOptions ArrangingOptions::sheet() const {
  MusicXmlOptions options;
  options.pedal = pedal;
  options.fingering = fingering;
  return options;
}

void transpose_as_asked(Score& score, const ArrangingOptions& options) {
  if (options.key.empty()) return;
  if (const auto semitones = options.semitones()) {
    if (std::abs(*semitones) > 24) {
      throw Error(ErrorCode::invalid_argument, "--key must lie within 24 semitones, got " + std::to_string(*semitones));
    }
    return transpose(score, *semitones);
  }
  const int tonic = options.key == "easy" ? -1 : pitch_class_of(options.key);
  if (!score.key) return;
  transpose(score, tonic < 0 ? semitones_to_easy_key(*score.key) : semitones_to_tonic(*score.key, tonic));
}

}  // namespace pop2piano::cli
