// SPDX-License-Identifier: MIT
// What the networks hear of a sound, as records hold it: at one level, as the program hears recordings. And records
// whose kept sound is heard anew when the features have changed, which costs a fraction of rendering.
#pragma once

#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {

/// [samples] so that the largest magnitude is 1: the level at which the program hears every recording. The sound that a
/// record keeps has the level that it was made with, and published networks hear that.
[[nodiscard]] std::vector<float> levelled(std::span<const float> sound);

/// Log-mel before song normalisation, f16 bits, [steps, 512]. `sound`: mono, 22.05 kHz.
[[nodiscard]] Matrix<std::uint16_t> log_mel_features(std::span<const float> sound, const BeatGrid& grid,
                                                     ThreadPool& pool);
/// kMelodyTensor, [steps, kMelodyChannels].
[[nodiscard]] OwnedTensor melody_features(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool);
/// The same of what was heard in the sound, levelled().
[[nodiscard]] OwnedTensor melody_features(const MelodyFrames& heard, const BeatGrid& grid);

/// kHarmonyTensor, [frames, kHarmonyBands].
[[nodiscard]] OwnedTensor harmony_features(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool);

struct FeaturesReport {
  std::size_t made = 0;              ///< records written by this call
  std::size_t present = 0;           ///< shards found in the folder already
  std::vector<std::string> omitted;  ///< records left out, one line each: which and why
};

/// Writes each shard (a *.p2pd file) to the folder `out` under its own name, with the features of today's extraction.
/// Shards that are there already are kept, so that a broken-off run goes on. Records without sound are left out and
/// named. Throws Error: not_found, unreadable, write_failed, cancelled.
FeaturesReport refresh_features(std::span<const std::filesystem::path> shards, const std::filesystem::path& out,
                                ThreadPool& pool, const Monitor& monitor = {});

}  // namespace pop2piano
