// SPDX-License-Identifier: MIT
// Trains the harmony network on the songs of a training config (train/segment_trainer.h); writes harmony.safetensors.
#pragma once

#include <cstdint>

#include "base/core/random.h"
#include "learning/train/segment_trainer.h"
#include "learning/train_harmony/harmony_network.h"
#include "learning/train_harmony/harmony_songs.h"

namespace pop2piano::training {

struct HarmonyTask {
  using Songs = HarmonySongs;
  using Network = HarmonyTrainingNetwork;
  using Batch = HarmonyBatch;
  static constexpr const char* kFile = "harmony.safetensors";
  static constexpr const char* kFormat = kHarmonyNetworkFormat;
  [[nodiscard]] static Batch batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random);
};
using HarmonyTrainer = SegmentTrainer<HarmonyTask>;

}  // namespace pop2piano::training
