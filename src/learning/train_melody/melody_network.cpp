// SPDX-License-Identifier: MIT
#include "learning/train_melody/melody_network.h"

#include <algorithm>
#include <array>
#include <string>

#include "listening/melody/melody_network.h"

namespace pop2piano::training {

MelodyTrainingNetwork::MelodyTrainingNetwork(std::uint64_t seed, at::Device device)
    : weights_(
          melody_network_parts(), seed, 2.0,
          [](const std::string& name) {
            // Residual branches begin small, the heads undecided.
            const bool branch = std::ranges::any_of(kMelodyLayers, [&](const MelodyLayer& layer) {
              return !layer.pools() && name == std::string(layer.name) + ".weight";
            });
            return branch ? 0.5 : name == "in.weight" ? 1.0 : 0.1;
          },
          device) {}

MelodyLogits MelodyTrainingNetwork::forward(const at::Tensor& inputs) const {
  const auto& w = weights_;
  const auto batch = inputs.size(0), steps = inputs.size(1), pitches = inputs.size(2);
  const auto beats = steps / static_cast<std::int64_t>(kMelodyStepsPerBeat);
  auto x = at::linear(inputs, w.leaf("in.weight"));  // [batch, steps, pitches, channels]
  x = at::relu(x + w.leaf("in.phase").repeat({beats, 1}).unsqueeze(1));
  x = x.permute({0, 3, 1, 2});  // [batch, channels, steps, pitches], channels innermost in memory
  const auto convolved = [&](const MelodyLayer& layer) {
    const auto n = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    const std::array dilation{n(layer.steps_apart), n(layer.semitones_apart)};
    const std::array padding{n(layer.reach()), n(layer.pitches / 2 * layer.semitones_apart)};
    const std::string name = layer.name;
    return at::relu(at::conv2d(x, w.leaf(name + ".weight").contiguous(at::MemoryFormat::ChannelsLast),
                               w.leaf(name + ".bias"), {1, 1}, padding, dilation));
  };
  const auto pooled = [&] {  // [batch, steps, 2 * channels]
    return at::cat({x.mean(3), x.amax(3)}, 1).transpose(1, 2);
  };
  for (const MelodyLayer& layer : kMelodyLayers) {
    x = x + (layer.pools()
                 ? at::linear(pooled(), w.leaf(std::string(layer.name) + ".weight")).transpose(1, 2).unsqueeze(3)
                 : convolved(layer));
  }
  const auto around = pooled();
  const auto places = x.permute({0, 2, 3, 1});  // [batch, steps, pitches, channels]
  const auto head = [&](const std::string& name) {
    const auto pitch = at::linear(places, w.leaf(name + ".pitch")).view({batch, steps, pitches});
    const auto none = at::linear(around, w.leaf(name + ".none"), w.leaf(name + ".bias"));
    return at::cat({pitch, none}, 2);
  };
  return {.begins = head("begins"), .sounds = head("sounds")};
}

at::Tensor MelodyTrainingNetwork::loss(const MelodyBatch& batch) const {
  const auto device = weights_.flat().device();
  const auto logits = forward(batch.inputs.to(device));
  const auto reach = static_cast<std::int64_t>(kMelodyReach);
  const auto part = [&](const at::Tensor& all, const at::Tensor& right) {
    const auto inner = [&](const at::Tensor& values) { return values.slice(1, reach, values.size(1) - reach); };
    const auto chosen = inner(all);
    return (at::logsumexp(chosen, {2}) - at::logsumexp(chosen + inner(right), {2})).mean();
  };
  return part(logits.begins, batch.begins.to(device)) + part(logits.sounds, batch.sounds.to(device));
}

}  // namespace pop2piano::training
