// SPDX-License-Identifier: MIT
#include "train/tune_network.h"

#include <algorithm>
#include <array>
#include <string>

#include "melody/tune_network.h"

namespace pop2piano::training {

TuneTrainingNetwork::TuneTrainingNetwork(std::uint64_t seed)
    : weights_(tune_network_parts(), seed, 2.0, [](const std::string& name) {
        // Residual branches begin small, the heads undecided.
        constexpr std::array kBranches{"near.weight", "octaves.weight", "mid.weight", "far.weight", "last.weight"};
        return std::ranges::find(kBranches, name) != kBranches.end() ? 0.5 : name.starts_with("in.weight") ? 1.0 : 0.1;
      }) {}

TuneLogits TuneTrainingNetwork::forward(const at::Tensor& inputs) const {
  const auto& w = weights_;
  const auto batch = inputs.size(0), steps = inputs.size(1), pitches = inputs.size(2);
  const auto beats = steps / static_cast<std::int64_t>(kTuneStepsPerBeat);
  auto x = at::linear(inputs, w.leaf("in.weight"));  // [batch, steps, pitches, channels]
  x = at::relu(x + w.leaf("in.phase").repeat({beats, 1}).unsqueeze(1));
  x = x.permute({0, 3, 1, 2});  // [batch, channels, steps, pitches], channels innermost in memory
  const auto branch = [&](const std::string& name, at::IntArrayRef padding, at::IntArrayRef dilation) {
    return at::relu(at::conv2d(x, w.leaf(name + ".weight").contiguous(at::MemoryFormat::ChannelsLast),
                               w.leaf(name + ".bias"), {1, 1}, padding, dilation));
  };
  const auto in_time = [&](const std::string& name, std::size_t taps_apart) {
    const auto dilation = static_cast<std::int64_t>(taps_apart);
    return branch(name, {2 * dilation, 0}, {dilation, 1});
  };
  const auto pooled = [&] {  // [batch, steps, 2 * channels]
    return at::cat({x.mean(3), x.amax(3)}, 1).transpose(1, 2);
  };
  x = x + branch("near", {2, 1}, {1, 1});
  x = x + at::linear(pooled(), w.leaf("around.weight")).transpose(1, 2).unsqueeze(3);
  x = x + branch("octaves", {0, 12}, {1, 12});
  x = x + in_time("mid", kTuneDilations[0]);
  x = x + in_time("far", kTuneDilations[1]);
  x = x + branch("last", {2, 1}, {1, 1});
  const auto around = pooled();
  const auto places = x.permute({0, 2, 3, 1});  // [batch, steps, pitches, channels]
  const auto head = [&](const std::string& name) {
    const auto pitch = at::linear(places, w.leaf(name + ".pitch")).view({batch, steps, pitches});
    const auto none = at::linear(around, w.leaf(name + ".none"), w.leaf(name + ".bias"));
    return at::cat({pitch, none}, 2);
  };
  return {.begins = head("begins"), .sounds = head("sounds")};
}

at::Tensor TuneTrainingNetwork::loss(const TuneBatch& batch) const {
  const auto logits = forward(batch.inputs);
  const auto reach = static_cast<std::int64_t>(kTuneReach);
  const auto part = [&](const at::Tensor& all, const at::Tensor& right) {
    const auto inner = [&](const at::Tensor& values) { return values.slice(1, reach, values.size(1) - reach); };
    const auto chosen = inner(all);
    return (at::logsumexp(chosen, {2}) - at::logsumexp(chosen + inner(right), {2})).mean();
  };
  return part(logits.begins, batch.begins) + part(logits.sounds, batch.sounds);
}

}  // namespace pop2piano::training
