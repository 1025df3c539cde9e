// SPDX-License-Identifier: MIT
#include "learning/train_beats/beats_network.h"

#include <string>

#include "listening/rhythm/beat_network.h"

namespace pop2piano::training {

BeatTrainingNetwork::BeatTrainingNetwork(std::uint64_t seed, at::Device device)
    : weights_(
          beat_network_parts(), seed, 1.5,
          [](const std::string& name) { return name.find("join") != std::string::npos ? 0.5 : 1.0; }, device) {
  // Few frames are beats: the start says so.
  const at::NoGradGuard no_grad;
  weights_.leaf("out.bias").fill_(-3.0);
}

at::Tensor BeatTrainingNetwork::forward(const BeatBatch& batch, double dropout) const {
  const auto w = [&](const char* name) { return weights_.leaf(std::string(name) + ".weight"); };
  const auto b = [&](const char* name) { return weights_.leaf(std::string(name) + ".bias"); };
  auto x = at::elu(at::conv2d(batch.bands, w("front.0"), b("front.0"), {2, 3}, {2, 0}));
  x = at::elu(at::conv2d(x, w("front.1"), b("front.1"), {1, 3}, {1, 0}));  // [batch, channels, frames, bands]
  x = x.transpose(2, 3).flatten(1, 2);                                     // [batch, channels * bands, frames]
  x = at::elu(at::conv1d(at::cat({x, batch.harmony}, 1), w("mix"), b("mix")));
  at::Tensor sum;
  for (std::size_t i = 0; i < kBeatBlocks; ++i) {
    const std::string name = "block." + std::to_string(i);
    const std::int64_t near = std::int64_t{1} << i, far = 2 * near;
    auto y = at::cat(
        {at::conv1d(x, weights_.leaf(name + ".near.weight"), weights_.leaf(name + ".near.bias"), {1}, {2 * near},
                    {near}),
         at::conv1d(x, weights_.leaf(name + ".far.weight"), weights_.leaf(name + ".far.bias"), {1}, {2 * far}, {far})},
        1);
    y = at::feature_dropout(at::elu(y), dropout, dropout > 0);
    y = at::conv1d(y, weights_.leaf(name + ".join.weight"), weights_.leaf(name + ".join.bias"));
    x = x + y;
    sum = sum.defined() ? sum + y : y;
  }
  return at::conv1d(at::elu(sum), w("out"), b("out"));
}

at::Tensor BeatTrainingNetwork::loss(const BeatBatch& drawn, double dropout, double downbeat_weight) const {
  const auto there = [device = weights_.flat().device()](const at::Tensor& values) { return values.to(device); };
  const BeatBatch batch{.bands = there(drawn.bands),
                        .harmony = there(drawn.harmony),
                        .beat = there(drawn.beat),
                        .downbeat = there(drawn.downbeat),
                        .weight = there(drawn.weight)};
  const auto logits = forward(batch, dropout);
  const auto part = [&](std::int64_t row, const at::Tensor& target) {
    const auto losses =
        at::binary_cross_entropy_with_logits(logits.select(1, row), target, {}, {}, at::Reduction::None);
    return (losses * batch.weight).sum() / batch.weight.sum().clamp_min(1.0);
  };
  return part(0, batch.beat) + downbeat_weight * part(1, batch.downbeat);
}

}  // namespace pop2piano::training
