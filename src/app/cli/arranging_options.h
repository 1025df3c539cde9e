// SPDX-License-Identifier: MIT
// Options of every command that arranges: for whom, in which key, and what stands in the sheet music beside the notes.
#pragma once

#include <pop2piano/score.h>

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "music/arrange/arranging.h"

namespace pop2piano::cli {

struct ArrangingOptions {
  std::string level = "full", hands = "tenth", key;  ///< as typed
  bool pedal = true, fingering = false, tune_on_top = true;

  void add_to(CLI::App& command);
  /// Throws Error(invalid_argument) for names that there are not.
  [[nodiscard]] PianoOptions piano() const;
  /// "-3": a number of semitones; nothing for a name and for no key at all.
  [[nodiscard]] std::optional<int> semitones() const;
  [[nodiscard]] PedalMode pedal_mode() const { return pedal ? PedalMode::by_harmony : PedalMode::none; }
  [[nodiscard]] MusicXmlOptions sheet() const;
};

/// Moves the score to where --key wants it.
void transpose_as_asked(Score& score, const ArrangingOptions& options);

}  // namespace pop2piano::cli
