// SPDX-License-Identifier: MIT
// Songs as the harmony network hears them, what bass and chords sound in them, and segments of them, each time heard
// differently: through other equalisers, in noise, out of tune, at another level.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/random.h"
#include "learning/dataset/record_set.h"
#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"
#include "listening/harmony/harmony_network.h"

namespace pop2piano::training {

inline constexpr int kHarmonySegmentBeats = 48;

/// What sounds in each of kHarmonyFramesPerBeat frames to a beat, as classes of HeardHarmony.
struct HarmonyTarget {
  std::vector<int> chord;       ///< [frames]
  std::vector<int> chord_bass;  ///< [frames]
  std::vector<int> bass;        ///< [frames] the bass instrument; where it rests for a beat and more, the lowest note
};
/// Of a record with kChordTensor, kBassTensor and kLowestTensor. Throws Error(malformed) when one is missing.
[[nodiscard]] HarmonyTarget harmony_target(const SongView& view, std::size_t frames);

/// One segment of kHarmonySegmentBeats beats.
struct HarmonySegment {
  std::vector<float> inputs;  // [frames, kHarmonyPitches, kHarmonyInputs]
  HarmonyTarget target;       // [frames]
};

/// Immutable; may be shared between threads.
class HarmonySongs {
 public:
  enum class Hearing { plain, varied };
  /// The songs of `config`'s records in that split. Throws Error: not_found, nothing_found (no song to train on),
  /// malformed (a record without kHarmonyTensor).
  HarmonySongs(const TrainConfig& config, Split split);

  [[nodiscard]] std::size_t size() const { return songs_.size(); }
  /// A song drawn by weight and length, a place in it, a hearing: all from `random`.
  [[nodiscard]] HarmonySegment draw(Hearing hearing, Random random) const;

 private:
  struct Song {
    Span2D<const std::uint8_t> levels;  // [frames, kHarmonyBands]
    std::vector<float> mean;            // [kHarmonyBands]
    HarmonyTarget target;
    double last_weight = 0;  // sum of weights up to and with this song
  };
  AugmentationOptions augmentation_;
  std::vector<RecordSet> sets_;
  std::vector<Song> songs_;
};

/// The record's kHarmonyTensor. Throws Error(malformed).
[[nodiscard]] Span2D<const std::uint8_t> harmony_levels(const SongView& view);

}  // namespace pop2piano::training
