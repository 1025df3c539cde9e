// SPDX-License-Identifier: MIT
#include "app/cli/arranging_options.h"

#include <charconv>

#include "music/arrange/arranging.h"

namespace pop2piano::cli {
namespace {

// "-3" and "+3" are semitones, everything else is a name.
void set_key(PianoOptions& options, const std::string& text) {
  options.key.reset();
  options.transpose.reset();
  if (text.empty()) return;
  int semitones = 0;
  const char* first = text.data() + (text[0] == '+' ? 1 : 0);
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, semitones);
  if (error == std::errc{} && end == last) {
    options.transpose = semitones;
  } else {
    options.key = text;
  }
  options.validate();
}

}  // namespace

void ArrangingOptions::add_to(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--level",
          [this](const std::string& text) {
            piano.level = level_of(text);
            level = text;
          },
          "For whom: easy, medium, full, or 1..5 (default: full)")
      ->type_name("LEVEL")
      ->group("Music");
  command
      .add_option_function<std::string>(
          "--hands", [this](const std::string& text) { piano.hand_span = hand_span_of(text); },
          "How far a hand reaches: octave, ninth or tenth (default: tenth)")
      ->type_name("SPAN")
      ->group("Music");
  command
      .add_option_function<std::string>(
          "--key", [this](const std::string& text) { set_key(piano, text); },
          "Move the piano part: semitones (-3), to a tonic (C, F#, Bb), or to the nearest easy key (easy)")
      ->type_name("KEY")
      ->group("Music");
  command
      .add_flag_function(
          "--melody-on-top,!--no-melody-on-top",
          [this](std::int64_t wanted) { piano.melody = wanted > 0 ? MelodyPlace::on_top : MelodyPlace::as_written; },
          "Nothing sounds above the melody (default); --no-melody-on-top: accompaniment may")
      ->group("Music");
  command.add_flag("--pedal,!--no-pedal", sheet.pedal, "Sustain pedal by the harmony (default); --no-pedal: none")
      ->group("Music");
  command.add_flag("--fingering", sheet.fingering, "Fingers (1 thumb .. 5) in the sheet music")->group("Music");
}

}  // namespace pop2piano::cli
