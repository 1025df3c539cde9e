// SPDX-License-Identifier: MIT
#include "learning/train_harmony/harmony_network.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "listening/harmony/harmony_network.h"

namespace pop2piano::training {
namespace {

std::int64_t n(std::size_t value) { return static_cast<std::int64_t>(value); }

// Residual branches begin small, the heads undecided.
double scale_of(const std::string& name) {
  const auto begins = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  if (begins("partials") || begins("near") || begins("circle") || begins("time")) return 0.5;
  return begins("in.weight") || begins("fold") || begins("bass_in") ? 1.0 : 0.1;
}

// Mean and largest over the octaves of each register: [batch, channels, frames, pitches] -> [.., kFolded, .., 12].
at::Tensor folded(const at::Tensor& x) {
  const auto batch = x.size(0), channels = x.size(1), frames = x.size(2);
  const auto octaves = x.reshape({batch, channels, frames, n(kChromaRegisters), -1, 12});
  const auto flat = [&](const at::Tensor& values) {  // [batch, channels, frames, registers, 12]
    return values.permute({0, 3, 1, 2, 4}).reshape({batch, n(kChromaRegisters) * channels, frames, 12});
  };
  return at::cat({flat(octaves.mean(4)), flat(octaves.amax(4))}, 1);
}

}  // namespace

HarmonyTrainingNetwork::HarmonyTrainingNetwork(std::uint64_t seed, at::Device device)
    : weights_(harmony_network_parts(), seed, 2.0, scale_of, device) {}

at::Tensor HarmonyTrainingNetwork::convolved(const at::Tensor& x, const std::string& name, at::IntArrayRef padding,
                                             at::IntArrayRef dilation) const {
  return at::relu(at::conv2d(x, weights_.leaf(name + ".weight"), weights_.leaf(name + ".bias"), 1, padding, dilation));
}

at::Tensor HarmonyTrainingNetwork::partials(const at::Tensor& x) const {
  const auto pitches = x.size(3);
  std::vector<at::Tensor> shifted;
  for (const int offset : kHarmonicOffsets) {
    const std::int64_t count = pitches - std::abs(offset);
    shifted.push_back(offset >= 0 ? at::constant_pad_nd(x.slice(3, offset, pitches), {0, offset})
                                  : at::constant_pad_nd(x.slice(3, 0, count), {-offset, 0}));
  }
  const auto& weight = weights_.leaf("partials.weight");  // [out, in, 1, offsets]
  const auto rows = weight.permute({0, 3, 1, 2}).reshape({weight.size(0), -1, 1, 1});
  return at::relu(at::conv2d(at::cat(shifted, 1), rows, weights_.leaf("partials.bias")));
}

at::Tensor HarmonyTrainingNetwork::circle(const at::Tensor& x, const std::string& name) const {
  return convolved(at::cat({x, x.slice(3, 0, 11)}, 3), name, 0);
}

HarmonyLogits HarmonyTrainingNetwork::forward(const at::Tensor& inputs) const {
  const auto frames = inputs.size(1);
  auto x = at::conv2d(inputs.permute({0, 3, 1, 2}), weights_.leaf("in.weight"), {}, 1, 1);
  const auto phase = weights_.leaf("in.phase").repeat({frames / n(kHarmonyFramesPerBeat) + 1, 1}).slice(0, 0, frames);
  x = at::relu(x + phase.t().unsqueeze(2));
  x = x + partials(x);
  x = x + convolved(x, "near", 1);
  auto chroma = convolved(folded(x), "fold", 0);
  for (std::size_t i = 0; i <= kChromaSteps.size(); ++i) {
    chroma = chroma + circle(chroma, "circle" + std::to_string(i));
    if (i == kChromaSteps.size()) break;
    const std::int64_t apart = n(kChromaSteps[i]);
    const std::array<std::int64_t, 2> padding{n(kTimeTaps / 2) * apart, 0}, dilation{apart, 1};
    chroma = chroma + convolved(chroma, "time" + std::to_string(i), padding, dilation);
  }
  const auto around = at::cat({chroma.mean(3), chroma.amax(3)}, 1).transpose(1, 2);  // [batch, frames, 2 * channels]
  const auto answer = [&](const at::Tensor& logits, const std::string& none) {       // [batch, classes, frames]
    const auto of_none = at::linear(around, weights_.leaf(none + ".weight"), weights_.leaf(none + ".bias"));
    return at::cat({logits.transpose(1, 2), of_none}, 2);
  };
  const auto head = [&](const at::Tensor& from, const std::string& name) {
    return at::conv2d(from, weights_.leaf(name + ".weight"), weights_.leaf(name + ".bias"));
  };
  const auto chord = head(chroma, "chord").transpose(2, 3).flatten(1, 2);  // quality * 12 + root
  const auto bass_pitches = n(kBassPitches);
  const auto low = at::cat({x.slice(3, 0, bass_pitches), chroma.repeat({1, 1, 1, bass_pitches / 12})}, 1);
  const auto bass = head(convolved(low, "bass_in", 0), "bass").squeeze(1).transpose(1, 2);
  return {.chord = answer(chord, "no_chord"),
          .chord_bass = answer(head(chroma, "chord_bass").squeeze(1).transpose(1, 2), "no_chord_bass"),
          .bass = answer(bass, "no_bass")};
}

at::Tensor HarmonyTrainingNetwork::loss(const HarmonyBatch& batch) const {
  const auto device = weights_.flat().device();
  const auto logits = forward(batch.inputs.to(device));
  const auto part = [&](const at::Tensor& all, const at::Tensor& right) {
    return at::cross_entropy_loss(all.flatten(0, 1), right.to(device).flatten(), {}, at::Reduction::Mean, -1);
  };
  return part(logits.chord, batch.chord) + 0.5 * part(logits.chord_bass, batch.chord_bass) +
         part(logits.bass, batch.bass);
}

}  // namespace pop2piano::training
