// SPDX-License-Identifier: MIT
// The weights of a small network as one flat array, with views by the names of its weights file that gradients reach.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "learning/train/torch.h"
#include "numbers/nets/network_parts.h"

namespace pop2piano::training {

class FlatWeights {
 public:
  /// Arrays of two and more dimensions are drawn with deviation scale_of(name) * sqrt(gain / inputs of an output),
  /// those of one are 0. `parts` must outlive it.
  FlatWeights(const std::vector<NetworkPart>& parts, std::uint64_t seed, double gain,
              const std::function<double(const std::string&)>& scale_of, at::Device device = at::kCPU);

  [[nodiscard]] const at::Tensor& flat() const { return flat_; }  ///< [size] float
  [[nodiscard]] const std::vector<NetworkPart>& parts() const { return parts_; }
  /// Views of `flat` (an array like flat()) by name.
  [[nodiscard]] std::map<std::string, at::Tensor> named(const at::Tensor& flat) const;
  /// What the forward pass computes with.
  [[nodiscard]] const at::Tensor& leaf(const std::string& name) const { return leaves_.at(name); }
  /// The gradient since the last call [size]; clears it.
  [[nodiscard]] at::Tensor take_gradient();

 private:
  const std::vector<NetworkPart>& parts_;
  at::Tensor flat_;
  std::map<std::string, at::Tensor> leaves_;
};

}  // namespace pop2piano::training
