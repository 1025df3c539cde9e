// SPDX-License-Identifier: MIT
// Segments for the melody network: what is heard, and the melody of the arrangement at each step.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/core/random.h"
#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"

namespace pop2piano::training {

inline constexpr int kMelodySegmentBeats = 24;

/// One segment of kMelodySegmentBeats beats.
struct MelodySegment {
  std::vector<float> inputs;  // [steps, kMelodyPitches, kMelodyInputs]
  std::vector<int> begins;    // [steps] MIDI pitch, as it is heard, of the melody's note that begins; -1: none does
  std::vector<int> sounds;    // [steps] of the one that sounds; -1: none
};

/// Immutable; may be shared between threads.
class MelodySongs {
 public:
  enum class Hearing { plain, varied };
  /// Throws as TrainingSongs does; a validation split without songs is empty.
  MelodySongs(const TrainConfig& config, Split split);

  [[nodiscard]] std::size_t size() const { return songs_->size(); }
  /// A song drawn by weight and length, a place in it, a hearing (the config's augmentation): all from `random`.
  [[nodiscard]] MelodySegment draw(Hearing hearing, Random random) const;

 private:
  AugmentationOptions augmentation_;
  std::unique_ptr<const TrainingSongs> songs_;
  std::vector<int> octaves_;  // [songs] semitones from the arrangement's melody to what is heard
};

}  // namespace pop2piano::training
