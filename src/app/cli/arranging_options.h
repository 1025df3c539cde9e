// SPDX-License-Identifier: MIT
// Options of every command that arranges: for whom, in which key, and what stands in the sheet music beside the notes.
#pragma once

#include <pop2piano/arrange.h>
#include <pop2piano/score.h>

#include <string>

#include <CLI/CLI.hpp>

namespace pop2piano::cli {

struct ArrangingOptions {
  PianoOptions piano{};
  MusicXmlOptions sheet{};
  std::string level = "full";  ///< as typed, for names and messages

  /// Parsing throws Error(invalid_argument) for names that there are not. To be kept where it is until then.
  void add_to(CLI::App& command);
  [[nodiscard]] PedalMode pedal() const { return sheet.pedal ? PedalMode::by_harmony : PedalMode::none; }
};

}  // namespace pop2piano::cli
