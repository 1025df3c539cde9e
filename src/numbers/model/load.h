// SPDX-License-Identifier: MIT
// A model folder or checkpoint file as configuration and tensors, whatever container holds them.
#pragma once

#include <pop2piano/model.h>

#include <filesystem>
#include <string>
#include <vector>

#include "numbers/weights/tensor.h"

namespace pop2piano {

struct LoadedFiles {
  ModelConfig config;
  TensorSet tensors;
  std::string licence;  ///< empty: the folder does not say
};

/// Throws Error as Model::load() does.
[[nodiscard]] LoadedFiles load_files(const std::filesystem::path& path);

/// The files that an index (model.safetensors.index.json, pytorch_model.bin.index.json) names, which lie beside it.
[[nodiscard]] std::vector<std::string> shard_files(const std::filesystem::path& index);

}  // namespace pop2piano
