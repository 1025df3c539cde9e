// SPDX-License-Identifier: MIT
// Renders songs drawn for their rhythm (learning/band/rhythm_song.h) or songs of genres (learning/genres) as records
// with sound and beats.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/band/rhythm_song.h"
#include "learning/genres/groove.h"

namespace pop2piano {

struct BeatSongOptions {
  std::vector<std::filesystem::path> sound_fonts;  ///< empty: all that are installed
  int first = 0;                                   ///< number of the first song
  int count = 100;
  std::uint64_t seed = 1;
  std::vector<std::string> genres;       ///< songs of these in turn; empty: songs of metres and feels
  GrooveUse grooves = GrooveUse::learn;  ///< of songs of genres
  std::optional<Players> players;        ///< of songs of metres and feels; none: drawn
};

/// One shard of eight songs after the other; shards that are there are kept. Returns how many songs were made. Throws
/// Error: not_found (no sound font), invalid_argument (no such genre), write_failed, cancelled.
std::size_t write_beat_songs(const std::filesystem::path& out, const BeatSongOptions& options, ThreadPool& pool,
                             const Monitor& monitor);

}  // namespace pop2piano
