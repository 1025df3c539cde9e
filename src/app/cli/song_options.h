// SPDX-License-Identifier: MIT
// Options that every command about a song has: which part of it, and whose beats.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/cover.h>

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace pop2piano::cli {

struct SongOptions {
  std::string start, end;  ///< as typed
  std::optional<int> stream;
  std::string beats_file;
  double tempo_times = 1.0;
  int downbeat = 0;  ///< 0: found
  int metre = 0;     ///< 0: found
  int threads = 0;

  void add_to(CLI::App& command);
  [[nodiscard]] RecordingOptions recording() const;
  /// Reads the beats file, if one was named.
  [[nodiscard]] BeatOptions beats() const;
};

}  // namespace pop2piano::cli
