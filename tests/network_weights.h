// SPDX-License-Identifier: MIT
// Weights files of the small networks: random ones for tests of the engine.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/core/random.h"
#include "numbers/nets/network_parts.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano::testing {

using NetworkWeights = std::map<std::string, std::vector<float>>;

inline NetworkWeights random_weights(const std::vector<NetworkPart>& parts, std::uint64_t seed) {
  NetworkWeights weights;
  Random random(seed);
  for (const NetworkPart& part : parts) {
    const double scale = std::sqrt(1.0 / static_cast<double>(part.values() / part.shape[0]));
    for (std::int64_t i = 0; i < part.values(); ++i)
      weights[part.name].push_back(static_cast<float>(scale * random.normal()));
  }
  return weights;
}

inline void write_weights(const std::vector<NetworkPart>& parts, const NetworkWeights& weights,
                          const std::filesystem::path& file) {
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const NetworkPart& part : parts)
    tensors[part.name] = {DataType::f32, part.shape, std::as_bytes(std::span(weights.at(part.name)))};
  write_safetensors(file, tensors, {});
}

}  // namespace pop2piano::testing
