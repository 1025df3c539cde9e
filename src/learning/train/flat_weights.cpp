// SPDX-License-Identifier: MIT
#include "learning/train/flat_weights.h"

#include <cmath>

#include "base/core/random.h"

namespace pop2piano::training {

FlatWeights::FlatWeights(const std::vector<NetworkPart>& parts, std::uint64_t seed, double gain,
                         const std::function<double(const std::string&)>& scale_of, at::Device device)
    : parts_(parts) {
  std::int64_t size = 0;
  for (const auto& part : parts_) size += part.values();
  flat_ = at::zeros({size}, at::kFloat);
  Random random(seed);
  for (const auto& [name, view] : named(flat_)) {
    if (view.dim() == 1) continue;  // biases begin at 0
    const double inputs = static_cast<double>(view.numel() / view.size(0));
    const double deviation = scale_of(name) * std::sqrt(gain / inputs);
    float* values = view.data_ptr<float>();
    for (std::int64_t i = 0; i < view.numel(); ++i) values[i] = static_cast<float>(deviation * random.normal());
  }
  flat_ = flat_.to(device);
  for (const auto& [name, view] : named(flat_)) {
    leaves_[name] = view.detach();
    leaves_[name].requires_grad_(true);
  }
}

std::map<std::string, at::Tensor> FlatWeights::named(const at::Tensor& flat) const {
  std::map<std::string, at::Tensor> views;
  std::int64_t at = 0;
  for (const auto& part : parts_) {
    views[part.name] = flat.narrow(0, at, part.values()).view(part.shape);
    at += part.values();
  }
  return views;
}

at::Tensor FlatWeights::take_gradient() {
  std::vector<at::Tensor> gradients;
  gradients.reserve(parts_.size());
  for (const auto& part : parts_) {
    at::Tensor& gradient = leaves_.at(part.name).mutable_grad();
    gradients.push_back(gradient.defined() ? gradient.flatten().clone() : at::zeros({part.values()}, flat_.options()));
    gradient = at::Tensor();
  }
  return at::cat(gradients);
}

}  // namespace pop2piano::training
