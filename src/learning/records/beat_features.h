// SPDX-License-Identifier: MIT
// Records with sound -> records with what the beat network hears (rhythm/beat_input.h), each song at its own speed.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>

#include "base/core/thread_pool.h"

namespace pop2piano {

struct BeatFeatureOptions {
  /// Songs are played faster or slower so that their tempi spread as people tap, not as one corpus does (POP909: mean
  /// 79 a minute): log-normal around `usual_tempo` with `spread` octaves (Moelants 2002), factors within the bounds.
  bool resampled = true;
  double usual_tempo = 108, spread = 0.6;
  double slowest = 0.65, fastest = 1.8;
  std::uint64_t seed = 1;
};

/// For each finished shard of `records` one of the same name in `out`; what is there stays. Beats slower than 50 or
/// faster than 220 a minute are not made. Returns the number of songs added.
std::size_t write_beat_features(const std::filesystem::path& records, const std::filesystem::path& out,
                                const BeatFeatureOptions& options, ThreadPool& pool, const Monitor& monitor);

struct BeatFeatures {
  std::filesystem::path folder;  ///< NAME.beat-features beside the folder of records
  std::size_t made = 0;          ///< songs that were not in it
};
/// The same with the folder beside `records`.
BeatFeatures beat_features_beside(const std::filesystem::path& records, const BeatFeatureOptions& options,
                                  ThreadPool& pool, const Monitor& monitor);

}  // namespace pop2piano
