// SPDX-License-Identifier: MIT
// Trains the piano network on the records of a training config (train/segment_trainer.h); writes piano.safetensors.
#pragma once

#include <cstdint>

#include "base/core/random.h"
#include "learning/train/segment_trainer.h"
#include "learning/train_piano/piano_network.h"
#include "learning/train_piano/piano_songs.h"
#include "listening/piano/piano_network.h"

namespace pop2piano::training {

struct PianoTask {
  using Songs = PianoSongs;
  using Network = PianoTrainingNetwork;
  using Batch = PianoBatch;
  static constexpr const char* kFile = "piano.safetensors";
  static constexpr const char* kFormat = kPianoNetworkFormat;
  [[nodiscard]] static Batch batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random);
};
using PianoTrainer = SegmentTrainer<PianoTask>;

}  // namespace pop2piano::training
