// SPDX-License-Identifier: MIT
// Every hyper-parameter of a training run, and one table that reads, writes and documents them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "learning/train/augmentation.h"
#include "learning/train/optimiser_options.h"

namespace pop2piano::training {

/// A file or folder of records and how often its songs are drawn against the others'.
struct RecordSource {
  std::string path;
  double weight = 1.0;
};

/// Factors on the cross-entropy of a target token, by what it says.
struct LossWeights {
  double position = 1.3;
  double melody_pitch = 2.0;
  double accompaniment_pitch = 1.0;
  double duration = 1.0;
  double end = 1.0;
  double label_smoothing = 0.0;  ///< part of the target's probability that is spread over all tokens
};

struct TrainConfig {
  std::string output = "runs/first";
  std::string initial;       // model folder, weights file or empty
  std::string architecture;  // config.json, or empty: that of `initial`
  std::int64_t seed = 1;
  std::string device = "auto";
  std::string precision = "bf16";
  std::int64_t threads = 0;

  std::int64_t steps = 10000;
  std::int64_t batch = 32;
  std::int64_t accumulate = 1;
  double dropout = 0.0;

  std::vector<RecordSource> records;
  std::int64_t loader_threads = 1;
  std::int64_t bucket_batches = 8;
  std::int64_t max_tokens = 256;
  std::int64_t most_songs = 0;
  double style_dropout = 0.15;
  std::int64_t split_modulus = 20;
  std::int64_t validation_remainder = 13;
  std::int64_t test_remainder = 7;

  AugmentationOptions augmentation;
  OptimiserOptions optimiser;
  RateSchedule rate;
  LossWeights loss;

  std::int64_t validate_every = 500;
  std::int64_t validation_segments = 256;
  std::int64_t decoded_segments = 64;
  std::int64_t checkpoint_every = 500;
  std::int64_t keep_checkpoints = 3;
  std::int64_t log_every = 10;
};

/// One line of the table: a dotted name ("data.records"), what it means, where it is kept.
struct ConfigField {
  using Place = std::variant<double*, std::int64_t*, std::string*, std::vector<RecordSource>*>;
  std::string name;
  std::string meaning;
  Place place;
};
std::vector<ConfigField> config_fields(TrainConfig& config);

/// Throws Error: not_found, malformed (no JSON), invalid_argument (unknown key with the nearest known one, wrong type,
/// value out of range). Relative paths stay as written: they count from the working folder.
TrainConfig read_train_config(const std::filesystem::path& file);
TrainConfig parse_train_config(const std::string& text, const std::string& what);
/// The same run on a few songs without augmentation, dropout or validation: what `overfit` trains.
TrainConfig overfit_config(const TrainConfig& config, std::int64_t songs, std::int64_t steps);
/// All fields, as JSON that read_train_config() takes.
std::string to_json(const TrainConfig& config);

}  // namespace pop2piano::training
