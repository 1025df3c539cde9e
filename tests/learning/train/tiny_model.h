// SPDX-License-Identifier: MIT
// A network of 0.1 M parameters and a run that trains it in seconds.
#pragma once

#include <filesystem>
#include <string>

#include "base/core/output_file.h"
#include "learning/train/made_up_records.h"
#include "learning/train/train_config.h"
#include "numbers/model/config.h"

namespace pop2piano::testing {

inline constexpr int kTinyBands = 64;

inline ModelConfig tiny_model() {
  ModelConfig model = read_config(std::filesystem::path(POP2PIANO_SOURCE_DIR) / "models" / "default");
  model.d_model = 32;
  model.d_kv = 16;
  model.num_heads = 2;
  model.d_ff = 64;
  model.encoder_layers = 2;
  model.decoder_layers = 2;
  model.features.n_mels = kTinyBands;
  model.features.segment_beats = 8;
  model.features.melody_channels = static_cast<int>(kMadeUpChannels);
  return model;
}

/// Writes records and config.json into `folder`; the run's output is folder/run.
inline training::TrainConfig tiny_run(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_made_up_records(folder / "songs.p2pd", {.count = 30, .beats = 32, .bands = kTinyBands});
  std::filesystem::create_directories(folder / "architecture");
  write_file(folder / "architecture" / "config.json", write_config(tiny_model()));
  training::TrainConfig config;
  config.output = (folder / "run").string();
  config.architecture = (folder / "architecture").string();
  config.records = {{(folder / "songs.p2pd").string(), 1.0}};
  config.device = "cpu";
  config.threads = 1;
  config.steps = 60;
  config.batch = 8;
  config.bucket_batches = 4;
  config.rate = {.peak = 5e-3, .floor = 0.0, .warmup_steps = 10, .total_steps = 60};
  config.validate_every = 30;
  config.validation_segments = 8;
  config.decoded_segments = 4;
  config.checkpoint_every = 20;
  return config;
}

}  // namespace pop2piano::testing
