// SPDX-License-Identifier: MIT
// Options that every command about a song has: which part of it, and whose beats.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace pop2piano::cli {

struct SongOptions {
  std::string start, end;  ///< as typed
  std::optional<int> stream;
  std::string beats_file;
  BeatOptions rhythm{};  ///< without the beats of the file
  int threads = 0;

  void add_to(CLI::App& command);
  [[nodiscard]] RecordingOptions recording() const;
  /// The first option that was given and needs the sound, "--start"; empty: none. Bars alone (--metre, --downbeat) do
  /// not.
  [[nodiscard]] std::string of_the_sound() const;
  /// With the beats of the file, if one was named.
  [[nodiscard]] BeatOptions beats() const;
};

}  // namespace pop2piano::cli
