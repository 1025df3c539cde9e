// SPDX-License-Identifier: MIT
#include "train/beats_network.h"

#include <cmath>
#include <utility>
#include <vector>

#include "core/random.h"
#include "rhythm/beat_network.h"

namespace pop2piano::training {

BeatTrainingNetwork::BeatTrainingNetwork(std::uint64_t seed) {
  std::int64_t size = 0;
  for (const auto& part : beat_network_parts()) size += part.values();
  flat_ = at::zeros({size}, at::kFloat);
  Random random(seed);
  for (const auto& [name, view] : named(flat_)) {
    if (view.dim() == 1) continue;  // biases begin at 0
    const double fan_in = static_cast<double>(view.numel() / view.size(0));
    const double scale = name.find("join") != std::string::npos ? 0.5 : 1.0;
    float* values = view.data_ptr<float>();
    for (std::int64_t i = 0; i < view.numel(); ++i) {
      values[i] = static_cast<float>(scale * std::sqrt(1.5 / fan_in) * random.normal());
    }
  }
  for (const auto& [name, view] : named(flat_)) {
    leaves_[name] = view.detach();
    leaves_[name].requires_grad_(true);
  }
  // Few frames are beats: the start says so.
  const at::NoGradGuard no_grad;
  leaves_.at("out.bias").fill_(-3.0);
}

std::map<std::string, at::Tensor> BeatTrainingNetwork::named(const at::Tensor& flat) const {
  std::map<std::string, at::Tensor> views;
  std::int64_t at = 0;
  for (const auto& part : beat_network_parts()) {
    views[part.name] = flat.narrow(0, at, part.values()).view(part.shape);
    at += part.values();
  }
  return views;
}

at::Tensor BeatTrainingNetwork::take_gradient() {
  std::vector<at::Tensor> parts;
  for (const auto& part : beat_network_parts()) {
    at::Tensor& gradient = leaves_.at(part.name).mutable_grad();
    parts.push_back(gradient.defined() ? gradient.flatten().clone() : at::zeros({part.values()}));
    gradient = at::Tensor();
  }
  return at::cat(parts);
}

at::Tensor BeatTrainingNetwork::forward(const BeatBatch& batch, double dropout) const {
  const auto w = [&](const char* name) { return leaf(std::string(name) + ".weight"); };
  const auto b = [&](const char* name) { return leaf(std::string(name) + ".bias"); };
  auto x = at::elu(at::conv2d(batch.bands, w("front.0"), b("front.0"), {2, 3}, {2, 0}));
  x = at::elu(at::conv2d(x, w("front.1"), b("front.1"), {1, 3}, {1, 0}));  // [batch, channels, frames, bands]
  x = x.transpose(2, 3).flatten(1, 2);                                     // [batch, channels * bands, frames]
  x = at::elu(at::conv1d(at::cat({x, batch.harmony}, 1), w("mix"), b("mix")));
  at::Tensor sum;
  for (std::size_t i = 0; i < kBeatBlocks; ++i) {
    const std::string name = "block." + std::to_string(i);
    const std::int64_t near = std::int64_t{1} << i, far = 2 * near;
    auto y = at::cat({at::conv1d(x, leaf(name + ".near.weight"), leaf(name + ".near.bias"), {1}, {2 * near}, {near}),
                      at::conv1d(x, leaf(name + ".far.weight"), leaf(name + ".far.bias"), {1}, {2 * far}, {far})},
                     1);
    y = at::feature_dropout(at::elu(y), dropout, dropout > 0);
    y = at::conv1d(y, leaf(name + ".join.weight"), leaf(name + ".join.bias"));
    x = x + y;
    sum = sum.defined() ? sum + y : y;
  }
  return at::conv1d(at::elu(sum), w("out"), b("out"));
}

at::Tensor BeatTrainingNetwork::loss(const BeatBatch& batch, double dropout, double downbeat_weight) const {
  const auto logits = forward(batch, dropout);
  const auto part = [&](std::int64_t row, const at::Tensor& target) {
    const auto losses =
        at::binary_cross_entropy_with_logits(logits.select(1, row), target, {}, {}, at::Reduction::None);
    return (losses * batch.weight).sum() / batch.weight.sum().clamp_min(1.0);
  };
  return part(0, batch.beat) + downbeat_weight * part(1, batch.downbeat);
}

}  // namespace pop2piano::training
