// SPDX-License-Identifier: MIT
#include "listening/melody/melody_network.h"

#include <pop2piano/model.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
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

constexpr std::size_t kPitches = kMelodyPitches;
constexpr std::size_t kWidth = 48;           // channels
constexpr std::size_t kPooled = 2 * kWidth;  // mean and largest over the pitches
constexpr std::size_t kBlock = 256;          // steps worked on at a time
constexpr std::size_t kHeads = 2;            // begins, sounds

// Multiples of the fundamental whose levels are read: partials, then what a lower or higher pitch would have between.
constexpr std::array kPartials{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 0.5, 1.5, 2.5};
static_assert(kPartials.size() + 9 == kMelodyInputs);

struct BandPlace {
  std::size_t below = 0;
  float share = 0.0F;  // of the next band
  bool there = false;
};

// Where the partials of each semitone lie among the bands of FeatureSettings' defaults.
using PartialPlaces = std::array<std::array<BandPlace, kPartials.size()>, kPitches>;
const PartialPlaces& partial_places() {
  static const PartialPlaces places = [] {
    const FeatureSettings features;
    const auto mel = [](double f) { return 2595.0 * std::log10(1.0 + f / 700.0); };
    const double low = mel(features.f_min), width = (mel(features.f_max) - low) / (features.n_mels + 1);
    PartialPlaces all{};
    for (std::size_t p = 0; p < kPitches; ++p) {
      const double fundamental = 440.0 * std::exp2((static_cast<double>(p) + kLowestMelodyPitch - 69.0) / 12.0);
      for (std::size_t i = 0; i < kPartials.size(); ++i) {
        const double at = (mel(kPartials[i] * fundamental) - low) / width - 1.0;
        if (at < 0.0 || at >= features.n_mels - 1) continue;
        all[p][i] = {static_cast<std::size_t>(at), static_cast<float>(at - std::floor(at)), true};
      }
    }
    return all;
  }();
  return places;
}

nets::ConvolutionShape shape_of(const MelodyLayer& layer) {
  nets::ConvolutionShape shape{.outputs = kWidth, .channels = kWidth};
  const int apart = static_cast<int>(layer.semitones_apart);
  if (apart > 1) {
    shape.taps = nets::taps_across(std::array{-apart, 0, apart});
  } else {
    shape.taps = nets::taps_in_time(layer.taps, layer.steps_apart, -static_cast<std::ptrdiff_t>(layer.pitches / 2));
    shape.span = layer.pitches;
  }
  return shape;
}

// One of the two kinds of layers.
struct Layer {
  std::size_t reach = 0;                         // steps
  std::optional<nets::Convolution> convolution;  // x += relu(convolution(x) + bias)
  std::optional<nets::Dense> around;             // x += what the other pitches of its step say [kWidth, kPooled]

  Layer(const MelodyLayer& layer, const NetworkValues& values) : reach(layer.reach()) {
    const std::string name = layer.name;
    if (layer.pools()) {
      around.emplace(values.at(name + ".weight"), kWidth);
    } else {
      convolution.emplace(values, name, shape_of(layer), nets::fastest_precision());
    }
  }
};

struct Head {
  std::vector<float> pitch;  // [kWidth]
  std::vector<float> none;   // [kPooled]
  float bias = 0.0F;         // of none
};

}  // namespace

const std::vector<NetworkPart>& melody_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    std::vector<NetworkPart> list{network_part("in.weight", {kWidth, kMelodyInputs}),
                                  network_part("in.phase", {kMelodyStepsPerBeat, kWidth})};
    for (const MelodyLayer& layer : kMelodyLayers) {
      const std::string name = layer.name;
      if (layer.pools()) {
        list.push_back(network_part(name + ".weight", {kWidth, kPooled}));
        continue;
      }
      list.push_back(network_part(name + ".weight", {kWidth, kWidth, layer.taps, layer.pitches}));
      list.push_back(network_part(name + ".bias", {kWidth}));
    }
    for (const std::string name : {"begins", "sounds"}) {
      list.push_back(network_part(name + ".pitch", {1, kWidth}));
      list.push_back(network_part(name + ".none", {1, kPooled}));
      list.push_back(network_part(name + ".bias", {1}));
    }
    return list;
  }();
  return parts;
}

void read_melody_inputs(std::span<const float> bands, std::span<const float> melody, std::span<float> out) {
  const PartialPlaces& places = partial_places();
  float level = 0.0F, total = 0.0F;
  for (const float band : bands) level += band;
  level /= static_cast<float>(bands.size());
  const auto contour = melody.subspan(kPitches);
  for (const float share : contour) total += share;
  const auto at = [](std::span<const float> values, std::size_t p, int semitones) {
    const auto place = static_cast<std::ptrdiff_t>(p) + semitones;
    return place < 0 || place >= static_cast<std::ptrdiff_t>(kPitches) ? 0.0F : values[static_cast<std::size_t>(place)];
  };
  for (std::size_t p = 0; p < kPitches; ++p) {
    float* to = out.data() + p * kMelodyInputs;
    for (const BandPlace& place : places[p]) {
      *to++ = place.there ? bands[place.below] + place.share * (bands[place.below + 1] - bands[place.below]) : 0.0F;
    }
    for (const int octave : {0, -12, 12}) {
      *to++ = at(melody, p, octave);
      *to++ = at(contour, p, octave);
    }
    *to++ = static_cast<float>(p) / static_cast<float>(kPitches);
    *to++ = level;
    *to++ = total;
  }
}

struct MelodyNetwork::Weights {
  nets::Dense in;            // [kWidth, kMelodyInputs]
  std::vector<float> phase;  // [kMelodyStepsPerBeat, kWidth]
  std::vector<Layer> layers;
  std::array<Head, kHeads> heads;

  explicit Weights(const NetworkValues& values);
};

MelodyNetwork::Weights::Weights(const NetworkValues& values)
    : in(values.at("in.weight"), kWidth), phase(values.at("in.phase")) {
  for (const MelodyLayer& shape : kMelodyLayers) layers.emplace_back(shape, values);
  const std::array<std::string, kHeads> names{"begins", "sounds"};
  for (std::size_t i = 0; i < kHeads; ++i) {
    heads[i] = {values.at(names[i] + ".pitch"), values.at(names[i] + ".none"), values.at(names[i] + ".bias")[0]};
  }
}

namespace {

// The layers of a stretch of steps, `kMelodyReach` more on either side; what lies outside the song is zero.
class Stretch {
 public:
  Stretch(std::size_t first, std::size_t last, std::size_t steps)
      : first_(static_cast<std::ptrdiff_t>(first)),
        last_(static_cast<std::ptrdiff_t>(last)),
        steps_(static_cast<std::ptrdiff_t>(steps)),
        x_(shape(last - first), nets::fastest_precision()),
        next_(shape(last - first)) {}

  void read_inputs(Span2D<const float> bands, Span2D<const float> melody, const nets::Dense& in,
                   std::span<const float> phase) {
    std::array<float, kPitches * kMelodyInputs> inputs;
    for_steps(kReach, [&](std::ptrdiff_t at) {
      const auto step = static_cast<std::size_t>(first_ + at);
      read_melody_inputs(bands.row(step), melody.row(step), inputs);
      float* out = x_.at(at);
      in.multiply(inputs.data(), kPitches, out);
      const float* shift = phase.data() + step % kMelodyStepsPerBeat * kWidth;
      for (std::size_t p = 0; p < kPitches; ++p) {
        for (std::size_t c = 0; c < kWidth; ++c) out[p * kWidth + c] = nets::relu(out[p * kWidth + c] + shift[c]);
      }
      x_.written(at);
    });
  }

  // `around`: steps on either side of the stretch whose outputs are still needed.
  void pass(const Layer& layer, std::ptrdiff_t around) {
    if (layer.around) {
      for_steps(around, [&](std::ptrdiff_t at) { look_around(*layer.around, at); });
      return;
    }
    layer.convolution->add(x_, begin(around), end(around), next_, nets::relu);
    x_.exchange(next_);
    for_steps(around, [&](std::ptrdiff_t at) { x_.written(at); });
  }

  // Chances of the pitches at the stretch's step number `at`: [kHeads, kPitches].
  void read_heads(std::span<const Head> heads, std::ptrdiff_t at, std::span<float> out) const {
    std::array<float, kPooled> around;
    nets::pool_rows(x_, at, around);
    for (const Head& head : heads) {
      const auto chances = out.first(kPitches);
      for (std::size_t p = 0; p < kPitches; ++p)
        chances[p] = nets::dot(head.pitch, {x_.at(at, static_cast<std::ptrdiff_t>(p)), kWidth});
      nets::softmax(chances, head.bias + nets::dot(head.none, around));
      out = out.subspan(kPitches);
    }
  }

 private:
  static nets::PlanesShape shape(std::size_t steps) {
    return {.steps = steps, .rows = kPitches, .channels = kWidth, .margin = kMelodyReach, .below = 1, .above = 1};
  }
  // Steps of the song from `around` steps before the stretch to as many behind it.
  [[nodiscard]] std::ptrdiff_t begin(std::ptrdiff_t around) const { return std::max(-around, -first_); }
  [[nodiscard]] std::ptrdiff_t end(std::ptrdiff_t around) const { return std::min(last_ + around, steps_) - first_; }
  void for_steps(std::ptrdiff_t around, const auto& work) {
    for (std::ptrdiff_t at = begin(around); at < end(around); ++at) work(at);
  }

  // Adds to every pitch what the others of its step say.
  void look_around(const nets::Dense& around, std::ptrdiff_t at) {
    std::array<float, nets::Dense::kRowBlock * kPooled> row{};
    std::array<float, kWidth> sums;
    nets::pool_rows(x_, at, std::span(row).first<kPooled>());
    around.multiply(row.data(), 1, sums.data());
    float* places = x_.at(at);
    for (std::size_t p = 0; p < kPitches; ++p) {
      for (std::size_t c = 0; c < kWidth; ++c) places[p * kWidth + c] += sums[c];
    }
    x_.written(at);
  }

  static constexpr auto kReach = static_cast<std::ptrdiff_t>(kMelodyReach);
  std::ptrdiff_t first_, last_, steps_;  // of the song
  Planes x_, next_;
};

}  // namespace

MelodyNetwork::MelodyNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
MelodyNetwork::~MelodyNetwork() = default;

std::shared_ptr<const MelodyNetwork> MelodyNetwork::load(const std::filesystem::path& file) {
  const NetworkValues values = read_network_parts(file, melody_network_parts(), "melody network");
  return std::shared_ptr<const MelodyNetwork>(new MelodyNetwork(std::make_unique<const Weights>(values)));
}

Matrix<float> MelodyNetwork::run(Span2D<const float> bands, Span2D<const float> melody, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const std::size_t steps = bands.rows();
  Matrix<float> out(steps, kMelodyChannels);
  parallel_for(pool, steps, kBlock, [&](std::size_t first, std::size_t last) {
    Stretch x(first, last, steps);
    x.read_inputs(bands, melody, w.in, w.phase);
    auto around = static_cast<std::ptrdiff_t>(kMelodyReach);
    for (const Layer& layer : w.layers) x.pass(layer, around -= static_cast<std::ptrdiff_t>(layer.reach));
    for (std::size_t step = first; step < last; ++step)
      x.read_heads(w.heads, static_cast<std::ptrdiff_t>(step - first), out.row(step));
  });
  return out;
}

bool melody_network_reads(const FeatureSettings& features) {
  const FeatureSettings expected;
  return features.kind == expected.kind && features.sample_rate == expected.sample_rate &&
         features.n_fft == expected.n_fft && features.n_mels == expected.n_mels && features.f_min == expected.f_min &&
         features.f_max == expected.f_max && features.frames_per_beat == static_cast<int>(kMelodyStepsPerBeat) &&
         features.smoothing_bands == expected.smoothing_bands && features.scale == expected.scale &&
         features.normalised_floor == expected.normalised_floor;
}

std::shared_ptr<const MelodyNetwork> installed_melody_network(const FeatureSettings& features) {
  const auto file = melody_network_reads(features) ? installed_file("melody/melody.safetensors", "POP2PIANO_TUNE")
                                                   : std::filesystem::path();
  return file.empty() ? nullptr : MelodyNetwork::load(file);
}

}  // namespace pop2piano
