// SPDX-License-Identifier: MIT
#include "listening/piano/piano_network.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/core/installed_file.h"
#include "numbers/nets/activation.h"
#include "numbers/nets/convolution.h"
#include "numbers/nets/planes.h"

namespace pop2piano {
namespace {

using nets::Planes;

constexpr std::size_t kPooled = 2 * kPianoWidth;  // mean and largest over the pitches
constexpr std::size_t kBlock = 512;               // frames worked on at a time
constexpr std::size_t kFarthest = [] {            // rows that a layer reaches to either side
  std::size_t most = 0;
  for (const PianoLayer& layer : kPianoLayers) most = std::max(most, layer.pitches / 2 * layer.semitones_apart);
  return most;
}();

// Kept levels to numbers around 0.
constexpr float kScale = 1.0F / 54.0F, kShift = 2.0F;

nets::ConvolutionShape shape_of(const PianoLayer& layer) {
  nets::ConvolutionShape shape{.outputs = kPianoWidth, .channels = kPianoWidth};
  const auto apart = static_cast<int>(layer.semitones_apart), half = static_cast<int>(layer.pitches / 2);
  if (layer.pitches > 1 && apart > 1) {
    std::vector<int> rows;
    for (int i = -half; i <= half; ++i) rows.push_back(i * apart);
    shape.taps = nets::taps_across(rows);
  } else {
    shape.taps = nets::taps_in_time(layer.taps, layer.frames_apart, -half);
    shape.span = layer.pitches;
  }
  return shape;
}

// One of the two kinds of layers.
struct Layer {
  std::size_t reach = 0;                         // frames
  std::optional<nets::Convolution> convolution;  // x += relu(convolution(x) + bias)
  std::optional<nets::Dense> around;             // x += what the other pitches of its frame say [kPianoWidth, kPooled]

  Layer(const PianoLayer& layer, const NetworkValues& values) : reach(layer.reach()) {
    const std::string name = layer.name;
    if (layer.pools()) {
      around.emplace(values.at(name + ".weight"), kPianoWidth);
    } else {
      convolution.emplace(values, name, shape_of(layer), nets::fastest_precision());
    }
  }
};

}  // namespace

const std::vector<NetworkPart>& piano_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    std::vector<NetworkPart> list{network_part("in.weight", {kPianoWidth, kPianoInputs}),
                                  network_part("in.bias", {kPianoWidth})};
    for (const PianoLayer& layer : kPianoLayers) {
      const std::string name = layer.name;
      if (layer.pools()) {
        list.push_back(network_part(name + ".weight", {kPianoWidth, kPooled}));
        continue;
      }
      list.push_back(network_part(name + ".weight", {kPianoWidth, kPianoWidth, layer.taps, layer.pitches}));
      list.push_back(network_part(name + ".bias", {kPianoWidth}));
    }
    list.push_back(network_part("heads.weight", {kPianoHeads, kPianoWidth, 1, 1}));
    list.push_back(network_part("heads.bias", {kPianoHeads}));
    list.push_back(network_part("pedal.weight", {1, kPooled}));
    list.push_back(network_part("pedal.bias", {1}));
    return list;
  }();
  return parts;
}

const std::array<std::size_t, kPianoPartials>& piano_partial_bands() {
  static const std::array<std::size_t, kPianoPartials> bands = [] {
    std::array<std::size_t, kPianoPartials> list;
    for (std::size_t i = 0; i < kPianoPartials; ++i)
      list[i] = static_cast<std::size_t>(std::lround(12.0 * kPianoThirds * std::log2(static_cast<double>(i + 1))));
    return list;
  }();
  return bands;
}

void read_piano_inputs(std::span<const float> levels, std::span<float> out) {
  const std::array<std::size_t, kPianoPartials>& partials = piano_partial_bands();
  const std::array windows{levels.first(kPianoBands), levels.subspan(kPianoBands, kPianoBands)};
  std::array<float, 2> means{};
  for (std::size_t w = 0; w < windows.size(); ++w) {
    for (const float level : windows[w]) means[w] += level;
    means[w] = means[w] / static_cast<float>(kPianoBands) * kScale - kShift;
  }
  float* to = out.data();
  for (std::size_t p = 0; p < kPianoKeys; ++p) {
    for (const auto& window : windows) {
      for (const std::size_t partial : partials) {
        const std::size_t first = p * kPianoThirds + partial;
        for (std::size_t third = first; third < first + kPianoThirds; ++third)
          *to++ = third < kPianoBands ? window[third] * kScale - kShift : -kShift;
      }
    }
    *to++ = static_cast<float>(p) / static_cast<float>(kPianoKeys);
    *to++ = means[0];
    *to++ = means[1];
  }
}

struct PianoNetwork::Weights {
  nets::Dense in;           // [kPianoWidth, kPianoInputs]
  std::vector<float> bias;  // of it
  std::vector<Layer> layers;
  nets::Convolution heads;   // [kPianoHeads, kPianoWidth]
  std::vector<float> pedal;  // [kPooled]
  float pedal_bias = 0.0F;

  explicit Weights(const NetworkValues& values)
      : in(values.at("in.weight"), kPianoWidth),
        bias(values.at("in.bias")),
        heads(values, "heads", {.outputs = kPianoHeads, .channels = kPianoWidth}, nets::fastest_precision()),
        pedal(values.at("pedal.weight")),
        pedal_bias(values.at("pedal.bias")[0]) {
    for (const PianoLayer& shape : kPianoLayers) layers.emplace_back(shape, values);
  }
};

namespace {

// The layers of a stretch of frames, `kPianoReach` more on either side; what lies outside the sound is zero.
class Stretch {
 public:
  Stretch(std::size_t first, std::size_t last, std::size_t frames)
      : first_(static_cast<std::ptrdiff_t>(first)),
        last_(static_cast<std::ptrdiff_t>(last)),
        frames_(static_cast<std::ptrdiff_t>(frames)),
        x_(shape(last - first), nets::fastest_precision()),
        next_(shape(last - first)) {}

  void read_inputs(Span2D<const std::uint8_t> levels, const nets::Dense& in, std::span<const float> bias) {
    std::vector<float> inputs((kPianoKeys + nets::Dense::kRowBlock) * kPianoInputs);
    std::vector<float> heard(kPianoLevels);
    for_frames(kReach, [&](std::ptrdiff_t at) {
      const auto row = levels.row(static_cast<std::size_t>(first_ + at));
      std::copy(row.begin(), row.end(), heard.begin());
      read_piano_inputs(heard, inputs);
      float* out = x_.at(at);
      in.multiply(inputs.data(), kPianoKeys, out);
      for (std::size_t p = 0; p < kPianoKeys; ++p) {
        for (std::size_t c = 0; c < kPianoWidth; ++c)
          out[p * kPianoWidth + c] = nets::relu(out[p * kPianoWidth + c] + bias[c]);
      }
      x_.written(at);
    });
  }

  // `around`: frames on either side of the stretch whose outputs are still needed.
  void pass(const Layer& layer, std::ptrdiff_t around) {
    if (layer.around) {
      for_frames(around, [&](std::ptrdiff_t at) { look_around(*layer.around, at); });
      return;
    }
    layer.convolution->add(x_, begin(around), end(around), next_, nets::relu);
    x_.exchange(next_);
    for_frames(around, [&](std::ptrdiff_t at) { x_.written(at); });
  }

  // The stretch's frame number `at`: [kPianoOutputs].
  void read_heads(const nets::Convolution& heads, std::span<const float> pedal, float pedal_bias, std::ptrdiff_t at,
                  std::span<float> out) const {
    heads.run(x_, at, at + 1, kPianoKeys, out.data(), nets::logistic);
    std::array<float, kPooled> around;
    nets::pool_rows(x_, at, around);
    out.back() = nets::logistic(nets::dot(pedal, around) + pedal_bias);
  }

 private:
  static nets::PlanesShape shape(std::size_t frames) {
    return {.steps = frames,
            .rows = kPianoKeys,
            .channels = kPianoWidth,
            .margin = kPianoReach,
            .below = kFarthest,
            .above = kFarthest};
  }
  // Frames of the sound from `around` before the stretch to as many behind it.
  [[nodiscard]] std::ptrdiff_t begin(std::ptrdiff_t around) const { return std::max(-around, -first_); }
  [[nodiscard]] std::ptrdiff_t end(std::ptrdiff_t around) const { return std::min(last_ + around, frames_) - first_; }
  void for_frames(std::ptrdiff_t around, const auto& work) {
    for (std::ptrdiff_t at = begin(around); at < end(around); ++at) work(at);
  }

  // Adds to every pitch what the others of its frame say.
  void look_around(const nets::Dense& around, std::ptrdiff_t at) {
    std::array<float, nets::Dense::kRowBlock * kPooled> row{};
    std::array<float, kPianoWidth> sums;
    nets::pool_rows(x_, at, std::span(row).first<kPooled>());
    around.multiply(row.data(), 1, sums.data());
    float* places = x_.at(at);
    for (std::size_t p = 0; p < kPianoKeys; ++p) {
      for (std::size_t c = 0; c < kPianoWidth; ++c) places[p * kPianoWidth + c] += sums[c];
    }
    x_.written(at);
  }

  static constexpr auto kReach = static_cast<std::ptrdiff_t>(kPianoReach);
  std::ptrdiff_t first_, last_, frames_;  // of the sound
  Planes x_, next_;
};

}  // namespace

PianoNetwork::PianoNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
PianoNetwork::~PianoNetwork() = default;

std::shared_ptr<const PianoNetwork> PianoNetwork::load(const std::filesystem::path& file) {
  const NetworkValues values = read_network_parts(file, piano_network_parts(), "piano network");
  return std::shared_ptr<const PianoNetwork>(new PianoNetwork(std::make_unique<const Weights>(values)));
}

Matrix<float> PianoNetwork::run(Span2D<const std::uint8_t> levels, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const std::size_t frames = levels.rows();
  Matrix<float> out(frames, kPianoOutputs);
  parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
    Stretch x(first, last, frames);
    x.read_inputs(levels, w.in, w.bias);
    auto around = static_cast<std::ptrdiff_t>(kPianoReach);
    for (const Layer& layer : w.layers) x.pass(layer, around -= static_cast<std::ptrdiff_t>(layer.reach));
    for (std::size_t frame = first; frame < last; ++frame)
      x.read_heads(w.heads, w.pedal, w.pedal_bias, static_cast<std::ptrdiff_t>(frame - first), out.row(frame));
  });
  return out;
}

std::shared_ptr<const PianoNetwork> installed_piano_network() {
  const auto file = installed_file("piano/piano.safetensors", "POP2PIANO_PIANO");
  if (!file.empty()) return PianoNetwork::load(file);
  const auto folders = installed_folders();
  throw Error(ErrorCode::not_found,
              "piano/piano.safetensors: the piano network is not in any folder of models" +
                  (folders.empty() ? std::string() : " (the first is " + folders.front().string() + ")") +
                  "; put it there, or name the file in POP2PIANO_PIANO");
}

}  // namespace pop2piano
