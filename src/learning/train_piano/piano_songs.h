// SPDX-License-Identifier: MIT
// Segments for the piano network: what is heard, and what is played in each frame.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/random.h"
#include "learning/dataset/record_set.h"
#include "learning/performances/performance.h"
#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"

namespace pop2piano::training {

/// The levels of a record [frames, kPianoLevels], borrowed. Throws Error(malformed) where it has none.
[[nodiscard]] Span2D<const std::uint8_t> piano_levels(const SongView& view);

struct PianoSegment {
  std::vector<float> inputs;   // [frames, kPianoKeys, kPianoInputs]
  std::vector<float> targets;  // [frames, kPianoKeys, kPianoHeads]
  std::vector<float> pedal;    // [frames]
};

/// Onsets and ends as triangles of 50 ms to either side, so that their frames' values say where between the frames they
/// lie; velocities where notes begin. `targets` and `pedal` of `frames` frames from `first` on.
void set_piano_targets(const PianoPerformance& performance, std::size_t first, std::size_t frames,
                       std::span<float> targets, std::span<float> pedal);

/// Immutable; may be shared between threads.
class PianoSongs {
 public:
  enum class Hearing { plain, varied };
  /// Throws Error: invalid_argument (no records named), not_found, nothing_found (no training song), malformed. A
  /// validation split without songs is empty.
  PianoSongs(const TrainConfig& config, Split split);

  [[nodiscard]] std::size_t size() const { return songs_.size(); }
  /// A song drawn by weight and length, a place in it, a hearing (the config's augmentation): all from `random`.
  [[nodiscard]] PianoSegment draw(Hearing hearing, Random random) const;
  [[nodiscard]] std::size_t segment_frames() const { return frames_; }

 private:
  struct Song {
    Span2D<const std::uint8_t> levels;
    PianoPerformance performance;
    double last_weight = 0.0;  // sum up to this song
  };
  AugmentationOptions augmentation_;
  std::size_t frames_;
  std::vector<RecordSet> sets_;
  std::vector<Song> songs_;
};

}  // namespace pop2piano::training
