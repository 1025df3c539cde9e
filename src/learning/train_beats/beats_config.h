// SPDX-License-Identifier: MIT
// Settings of a training run of the beat network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano::training {

/// A folder of records with sound and how often its songs are drawn against the others'.
struct BeatSource {
  std::string path;
  double weight = 1.0;
};

struct BeatTrainConfig {
  std::string output = "runs/beats";
  std::string start_from;              ///< weights file to begin with; empty: random weights
  std::vector<BeatSource> records;     ///< songs to learn from
  std::vector<BeatSource> validation;  ///< songs to measure the loss on
  std::int64_t seed = 1;
  std::int64_t threads = 1;
  std::int64_t steps = 6000;
  std::int64_t batch = 8;              ///< segments
  std::int64_t segment_frames = 2048;  ///< of 20 ms
  double peak_rate = 2e-3;
  std::int64_t warmup_steps = 200;
  double weight_decay = 0.01;
  double dropout = 0.1;          ///< of the channels of each block
  double average_decay = 0.998;  ///< of the moving average of the weights
  double downbeat_weight = 0.7;  ///< of the downbeats' loss against the beats'
  std::int64_t checkpoint_every = 250;
  std::int64_t validation_batches = 12;
};

/// JSON with the fields' names as keys; a source is a path or {"path": ..., "weight": ...}. Throws Error: not_found,
/// malformed, invalid_argument (unknown key with the nearest known one, value out of range).
BeatTrainConfig read_beat_config(const std::filesystem::path& file);

}  // namespace pop2piano::training
