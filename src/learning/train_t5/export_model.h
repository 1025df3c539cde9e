// SPDX-License-Identifier: MIT
// A checkpoint as a model for the engine, compared with the training network token by token.
#pragma once

#include <pop2piano/model.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "learning/train_t5/parameters.h"

namespace pop2piano::training {

struct ExportReport {
  std::int64_t segments = 0;  ///< compared
  std::int64_t equal = 0;     ///< whose greedy tokens agree
  std::int64_t tokens = 0;
};

/// Weights and network of a checkpoint file or a model folder.
struct NamedModel {
  ModelConfig config;
  NamedTensors weights;
};
NamedModel read_any_model(const std::filesystem::path& path);
/// Mean of the weights of several; throws Error(malformed) where names or shapes differ.
NamedModel average_models(std::span<const std::filesystem::path> paths);

/// Whether write_model() wrote `weights` to `folder`: throws Error(malformed) naming the first tensor that is not there
/// bit by bit as bf16.
void check_written(const std::filesystem::path& folder, const NamedTensors& weights);

/// The engine's greedy tokens with what write_model() made of `model` in `folder` against those of the training network
/// with the weights in memory, rounded to bf16; on made-up features, both in float.
ExportReport compare_with_engine(const std::filesystem::path& folder, const NamedModel& model, std::int64_t segments);

}  // namespace pop2piano::training
