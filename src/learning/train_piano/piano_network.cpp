// SPDX-License-Identifier: MIT
#include "learning/train_piano/piano_network.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "listening/piano/piano_network.h"

namespace pop2piano::training {
namespace {

std::int64_t n(std::size_t value) { return static_cast<std::int64_t>(value); }

constexpr std::int64_t kContext = 20;  // frames at either end of a segment that do not count
constexpr double kVelocityWeight = 14.0, kPedalWeight = 1.5;
constexpr double kVelocityCorner = 0.04;  // share of 127: smaller errors count by their square

// Residual branches begin small, the heads undecided.
double scale_of(const std::string& name) {
  const bool branch = std::ranges::any_of(kPianoLayers, [&](const PianoLayer& layer) {
    return !layer.pools() && name == std::string(layer.name) + ".weight";
  });
  return branch ? 0.5 : name == "in.weight" ? 1.0 : 0.1;
}

// Of where notes begin. A recording's loudness says nothing of the piano's, so what a segment's velocities are off
// together counts for a tenth. Large errors count by their size, not by their square: no network hears what another
// note hides.
at::Tensor velocity_loss(const at::Tensor& logits, const at::Tensor& velocities, const at::Tensor& onsets) {
  constexpr double kTogether = 0.1;
  const auto error = at::sigmoid(logits) - velocities;  // [batch, frames, keys]
  const auto count = onsets.sum({1, 2}, true).clamp_min(1.0);
  const auto mean = (onsets * error).sum({1, 2}, true) / count;
  const auto single = error - mean * (1.0 - kTogether);
  return (onsets * ((single * single + kVelocityCorner * kVelocityCorner).sqrt() - kVelocityCorner)).sum();
}

}  // namespace

PianoTrainingNetwork::PianoTrainingNetwork(std::uint64_t seed, at::Device device, at::ScalarType precision)
    : weights_(piano_network_parts(), seed, 2.0, scale_of, device), precision_(precision) {}

PianoLogits PianoTrainingNetwork::forward(const at::Tensor& inputs, at::ScalarType precision) const {
  const auto leaf = [&](const std::string& name) { return weights_.leaf(name).to(precision); };
  auto x = at::relu(at::linear(inputs.to(precision), leaf("in.weight"), leaf("in.bias")));
  x = x.permute({0, 3, 1, 2});  // [batch, channels, frames, keys], channels innermost in memory
  const auto convolved = [&](const PianoLayer& layer) {
    const std::array dilation{n(layer.frames_apart), n(layer.semitones_apart)};
    const std::array padding{n(layer.reach()), n(layer.pitches / 2 * layer.semitones_apart)};
    const std::string name = layer.name;
    return at::relu(at::conv2d(x, leaf(name + ".weight").contiguous(at::MemoryFormat::ChannelsLast),
                               leaf(name + ".bias"), {1, 1}, padding, dilation));
  };
  const auto pooled = [&] {                                                 // [batch, frames, 2 * channels]
    return at::cat({x.mean(3), std::get<0>(x.max(3))}, 1).transpose(1, 2);  // amax() is four times as slow
  };
  for (const PianoLayer& layer : kPianoLayers) {
    x = x + (layer.pools()
                 ? at::linear(pooled(), leaf(std::string(layer.name) + ".weight")).transpose(1, 2).unsqueeze(3)
                 : convolved(layer));
  }
  x = x.to(at::kFloat);
  const auto heads = weights_.leaf("heads.weight").flatten(1);
  return {.heads = at::linear(x.permute({0, 2, 3, 1}), heads, weights_.leaf("heads.bias")).permute({0, 3, 1, 2}),
          .pedal = at::linear(pooled(), weights_.leaf("pedal.weight"), weights_.leaf("pedal.bias")).squeeze(2)};
}

at::Tensor PianoTrainingNetwork::loss(const PianoBatch& batch) const {
  const auto device = weights_.flat().device();
  const auto logits = forward(batch.inputs.to(device), precision_);
  const auto inner = [&](const at::Tensor& values, std::int64_t dimension) {
    return values.slice(dimension, kContext, values.size(dimension) - kContext);
  };
  const auto heads = inner(logits.heads, 2), targets = inner(batch.targets.to(device).permute({0, 3, 1, 2}), 2);
  const auto pedal = inner(logits.pedal, 1), pedal_down = inner(batch.pedal.to(device), 1);
  const auto frames = static_cast<double>(pedal.numel());
  const auto head = [&](const at::Tensor& all, PianoHead which) {
    return all.select(1, n(static_cast<std::size_t>(which)));
  };
  const auto entropy = [](const at::Tensor& found, const at::Tensor& right) {
    return at::binary_cross_entropy_with_logits(found, right, {}, {}, at::Reduction::Sum);
  };
  const auto of_head = [&](PianoHead which) { return entropy(head(heads, which), head(targets, which)); };
  const auto onsets = head(targets, PianoHead::onset);
  const auto sum =
      of_head(PianoHead::onset) + 0.5 * of_head(PianoHead::sounds) + 0.5 * of_head(PianoHead::offset) +
      kVelocityWeight * velocity_loss(head(heads, PianoHead::velocity), head(targets, PianoHead::velocity), onsets) +
      kPedalWeight * entropy(pedal, pedal_down);
  return sum / frames;
}

}  // namespace pop2piano::training
