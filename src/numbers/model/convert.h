// SPDX-License-Identifier: MIT
// Any model that can be loaded, written as one folder: config.json of our format and model.safetensors.
#pragma once

#include <pop2piano/model.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

/// How weights are stored. int8: the matrices of products, each row with its own scale; the rest stays bfloat16.
enum class StoredType { f32, bf16, int8 };

struct ConvertOptions {
  StoredType type = StoredType::bf16;
  enum class Existing { keep, replace } existing = Existing::keep;  ///< keep: an error if the model is there already
};

struct ConvertReport {
  std::int64_t parameters = 0;
  std::int64_t bytes_before = 0, bytes_after = 0;  ///< of the weights
  std::vector<std::string> dropped;                ///< tensors that the network does not use
  double logit_difference = 0.0;                   ///< largest, as a share of the largest logit
  double agreement = 0.0;                          ///< share of steps with the same likeliest token
};

/// Reads `from`, writes the folder `to`, loads it again and compares the logits of both for made-up features and
/// tokens. Throws Error as Model::load() does; already_exists; malformed when the comparison fails: what was there
/// before stays then.
[[nodiscard]] ConvertReport convert_model(const std::filesystem::path& from, const std::filesystem::path& to,
                                          const ConvertOptions& options, const Monitor& monitor = {});

}  // namespace pop2piano
