// SPDX-License-Identifier: MIT
// Segments for the tune network: what is heard, and the tune of the arrangement at each step.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/core/random.h"
#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"

namespace pop2piano::training {

inline constexpr int kTuneSegmentBeats = 24;

/// One segment of kTuneSegmentBeats beats.
struct TuneSegment {
  std::vector<float> inputs;  // [steps, kMelodyPitches, kTuneInputs]
  std::vector<int> begins;    // [steps] MIDI pitch, as it is heard, of the tune's note that begins; -1: none does
  std::vector<int> sounds;    // [steps] of the one that sounds; -1: none
};

/// Immutable; may be shared between threads.
class TuneSongs {
 public:
  enum class Hearing { plain, varied };
  /// Throws as TrainingSongs does; a validation split without songs is empty.
  TuneSongs(const TrainConfig& config, Split split);

  [[nodiscard]] std::size_t size() const { return songs_->size(); }
  /// A song drawn by weight and length, a place in it, a hearing (the config's augmentation): all from `random`.
  [[nodiscard]] TuneSegment draw(Hearing hearing, Random random) const;

 private:
  AugmentationOptions augmentation_;
  std::unique_ptr<const TrainingSongs> songs_;
  std::vector<int> octaves_;  // [songs] semitones from the arrangement's tune to what is heard
};

}  // namespace pop2piano::training
