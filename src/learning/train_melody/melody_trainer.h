// SPDX-License-Identifier: MIT
// Trains the melody network on the songs of a training config (train/segment_trainer.h); writes melody.safetensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/core/random.h"
#include "learning/train/segment_trainer.h"
#include "learning/train_melody/melody_network.h"
#include "learning/train_melody/melody_songs.h"
#include "listening/melody/melody_network.h"

namespace pop2piano::training {

struct MelodyTask {
  using Songs = MelodySongs;
  using Network = MelodyTrainingNetwork;
  using Batch = MelodyBatch;
  static constexpr const char* kFile = "melody.safetensors";
  static constexpr const char* kFormat = kMelodyNetworkFormat;
  [[nodiscard]] static Batch batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random);
};
using MelodyTrainer = SegmentTrainer<MelodyTask>;

/// Writes the mean of melody networks' weights files; one that is named twice counts twice. Throws Error: as
/// MelodyNetwork::load(), write_failed.
void average_melody_networks(std::span<const std::filesystem::path> files, const std::filesystem::path& output);

}  // namespace pop2piano::training
