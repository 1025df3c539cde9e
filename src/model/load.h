// SPDX-License-Identifier: MIT
// A model folder or checkpoint file as configuration and tensors, whatever container holds them.
#pragma once

#include <pop2piano/model.h>

#include <filesystem>

#include "model/tensor.h"

namespace pop2piano {

struct LoadedFiles {
  ModelConfig config;
  TensorSet tensors;
  std::string licence;  ///< empty: the folder does not say
};

/// Throws Error as Model::load() does.
[[nodiscard]] LoadedFiles load_files(const std::filesystem::path& path);

}  // namespace pop2piano
