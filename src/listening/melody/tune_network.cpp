// SPDX-License-Identifier: MIT
#include "listening/melody/tune_network.h"

#include <pop2piano/model.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/core/installed_file.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano {
namespace {

using kernels::PackedMatrix;

constexpr std::size_t kPitches = kMelodyPitches;
constexpr std::size_t kWidth = 48;            // channels
constexpr std::size_t kRow = kPitches + 2;    // places of one step: a semitone below and one above are zero
constexpr std::size_t kStep = kRow * kWidth;  // floats
constexpr std::size_t kPooled = 2 * kWidth;   // mean and largest over the pitches
constexpr std::size_t kBlock = 256;           // steps worked on at a time
constexpr std::size_t kHeads = 2;             // begins, sounds

// Multiples of the fundamental whose levels are read: partials, then what a lower or higher pitch would have between.
constexpr std::array kPartials{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 0.5, 1.5, 2.5};
static_assert(kPartials.size() + 9 == kTuneInputs);

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

void multiply(const float* a, std::size_t a_stride, std::size_t m, const PackedMatrix& b, float* c) {
  kernels::Product product{.a = a, .a_stride = a_stride, .c = c, .c_stride = kWidth, .m = m};
  b.describe(product);
  kernels::kernel_table().multiply_f32(product);
}

// Whether convolutions read what the layers computed as bfloat16, as the weights are: where that is the faster. (Not
// with AVX-512's dot products, for which 48 columns are too few.)
bool rounds() { return kernels::kernel_table().isa == kernels::Isa::amx; }

float dot(const float* a, const float* b, std::size_t n) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Mean and largest of each channel over the pitches of one step.
std::array<float, kPooled> pooled(const float* step) {
  std::array<float, kPooled> out{};
  float *mean = out.data(), *most = out.data() + kWidth;
  std::fill_n(most, kWidth, -1e30F);
  for (std::size_t p = 0; p < kPitches; ++p) {
    const float* place = step + (p + 1) * kWidth;
    for (std::size_t c = 0; c < kWidth; ++c) mean[c] += place[c] / static_cast<float>(kPitches);
    for (std::size_t c = 0; c < kWidth; ++c) most[c] = std::max(most[c], place[c]);
  }
  return out;
}

// Chances of the pitches [kPitches] among themselves and none.
void softmax(std::span<float> logits, float none) {
  const float most = std::max(none, *std::ranges::max_element(logits));
  float sum = std::exp(none - most);
  for (float& logit : logits) sum += logit = std::exp(logit - most);
  for (float& logit : logits) logit /= sum;
}

struct Layer {
  TuneLayer shape;
  std::vector<PackedMatrix> taps;  // [kWidth, (pitches, kWidth)] each; of taps in pitch that lie apart [kWidth, kWidth]
  std::vector<float> bias;
};

Layer read_layer(const TuneLayer& shape, const std::map<std::string, std::vector<float>>& parts) {
  const std::string name = shape.name;
  const auto& weights = parts.at(name + ".weight");
  Layer layer{shape, {}, {}};
  if (shape.pools()) {
    layer.taps.push_back(PackedMatrix::pack(weights, kWidth, kPooled, kernels::ElementType::f32));
    return layer;
  }
  layer.bias = parts.at(name + ".bias");
  const bool apart = shape.semitones_apart > 1;
  const std::size_t wide = apart ? 1 : shape.pitches;  // taps in pitch that one product reads
  for (std::size_t tap = 0; tap < shape.taps * shape.pitches; tap += wide) {
    std::vector<float> rows(kWidth * wide * kWidth);
    for (std::size_t o = 0; o < kWidth; ++o) {
      for (std::size_t r = 0; r < wide; ++r) {
        for (std::size_t i = 0; i < kWidth; ++i)
          rows[(o * wide + r) * kWidth + i] = weights[(o * kWidth + i) * shape.taps * shape.pitches + tap + r];
      }
    }
    layer.taps.push_back(PackedMatrix::pack(rows, kWidth, wide * kWidth,
                                            rounds() ? kernels::ElementType::bf16 : kernels::ElementType::f32));
  }
  return layer;
}

struct Head {
  std::vector<float> pitch;  // [kWidth]
  std::vector<float> none;   // [kPooled]
  float bias = 0.0F;         // of none
};

}  // namespace

const std::vector<NetworkPart>& tune_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    const auto n = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    std::vector<NetworkPart> list{{"in.weight", {n(kWidth), n(kTuneInputs)}},
                                  {"in.phase", {n(kTuneStepsPerBeat), n(kWidth)}}};
    for (const TuneLayer& layer : kTuneLayers) {
      const std::string name = layer.name;
      if (layer.pools()) {
        list.push_back({name + ".weight", {n(kWidth), n(kPooled)}});
        continue;
      }
      list.push_back({name + ".weight", {n(kWidth), n(kWidth), n(layer.taps), n(layer.pitches)}});
      list.push_back({name + ".bias", {n(kWidth)}});
    }
    for (const char* name : {"begins", "sounds"}) {
      list.push_back({std::string(name) + ".pitch", {1, n(kWidth)}});
      list.push_back({std::string(name) + ".none", {1, n(kPooled)}});
      list.push_back({std::string(name) + ".bias", {1}});
    }
    return list;
  }();
  return parts;
}

void read_tune_inputs(std::span<const float> bands, std::span<const float> melody, std::span<float> out) {
  const PartialPlaces& places = partial_places();
  float level = 0.0F, total = 0.0F;
  for (const float band : bands) level += band;
  level /= static_cast<float>(bands.size());
  const auto tune = melody.subspan(kPitches);
  for (const float share : tune) total += share;
  const auto at = [](std::span<const float> values, std::size_t p, int semitones) {
    const auto place = static_cast<std::ptrdiff_t>(p) + semitones;
    return place < 0 || place >= static_cast<std::ptrdiff_t>(kPitches) ? 0.0F : values[static_cast<std::size_t>(place)];
  };
  for (std::size_t p = 0; p < kPitches; ++p) {
    float* to = out.data() + p * kTuneInputs;
    for (const BandPlace& place : places[p]) {
      *to++ = place.there ? bands[place.below] + place.share * (bands[place.below + 1] - bands[place.below]) : 0.0F;
    }
    for (const int octave : {0, -12, 12}) {
      *to++ = at(melody, p, octave);
      *to++ = at(tune, p, octave);
    }
    *to++ = static_cast<float>(p) / static_cast<float>(kPitches);
    *to++ = level;
    *to++ = total;
  }
}

struct TuneNetwork::Weights {
  PackedMatrix in;           // [kWidth, kTuneInputs]
  std::vector<float> phase;  // [kTuneStepsPerBeat, kWidth]
  std::vector<Layer> layers;
  std::array<Head, kHeads> heads;

  explicit Weights(const std::map<std::string, std::vector<float>>& parts);
};

TuneNetwork::Weights::Weights(const std::map<std::string, std::vector<float>>& parts)
    : in(PackedMatrix::pack(parts.at("in.weight"), kWidth, kTuneInputs, kernels::ElementType::f32)),
      phase(parts.at("in.phase")) {
  for (const TuneLayer& shape : kTuneLayers) layers.push_back(read_layer(shape, parts));
  const std::array<std::string, kHeads> names{"begins", "sounds"};
  for (std::size_t i = 0; i < kHeads; ++i) {
    heads[i] = {parts.at(names[i] + ".pitch"), parts.at(names[i] + ".none"), parts.at(names[i] + ".bias")[0]};
  }
}

namespace {

// The layers of a stretch of steps, `kTuneReach` more on either side; what lies outside the song is zero.
class Stretch {
 public:
  Stretch(std::size_t first, std::size_t last, std::size_t steps)
      : first_(static_cast<std::ptrdiff_t>(first) - kReach),
        count_(last - first + 2 * kTuneReach),
        steps_(static_cast<std::ptrdiff_t>(steps)),
        x_(count_ * kStep + kSpare, 0.0F),
        next_(x_.size(), 0.0F),
        rounded_(rounds() ? x_.size() : 0) {}

  // Step i of the stretch as a step of the song, if it is one.
  [[nodiscard]] bool inside(std::size_t i) const { return song_step(i) >= 0 && song_step(i) < steps_; }
  [[nodiscard]] std::ptrdiff_t song_step(std::size_t i) const { return first_ + static_cast<std::ptrdiff_t>(i); }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] float* step(std::size_t i) { return x_.data() + i * kStep; }
  // To be called when a step was written.
  void written(std::size_t i) {
    const std::size_t at = i * kStep + kWidth, count = kPitches * kWidth;
    if (!rounded_.empty()) kernels::kernel_table().round_bf16(x_.data() + at, count, count, rounded_.data() + at);
  }

  // The layer at steps [margin, size - margin). Steps outside the song stay zero.
  void pass(const Layer& layer, std::size_t margin) {
    if (layer.shape.pools()) {
      look_around(layer.taps[0], margin);
    } else if (layer.shape.semitones_apart > 1) {
      compare_octaves(layer, margin);
    } else {
      convolve(layer, margin);
    }
  }

 private:
  void convolve(const Layer& layer, std::size_t margin) {
    const TuneLayer& shape = layer.shape;
    add(layer.bias, margin, [&](std::size_t i, float* products) {
      for (std::size_t tap = 0; tap < shape.taps; ++tap) {
        const std::size_t from = i + tap * shape.steps_apart - shape.reach();
        multiply_places(from * kStep + (shape.pitches == 3 ? 0 : kWidth), kPitches, layer.taps[tap], products, tap > 0);
      }
    });
  }

  void compare_octaves(const Layer& layer, std::size_t margin) {
    const std::size_t apart = layer.shape.semitones_apart;
    const std::size_t in_range = kPitches - apart;  // have an octave below or above them
    add(layer.bias, margin, [&](std::size_t i, float* products) {
      const std::size_t places = i * kStep + kWidth;
      multiply_places(places, kPitches, layer.taps[1], products, false);
      multiply_places(places, in_range, layer.taps[0], products + apart * kWidth, true);
      multiply_places(places + apart * kWidth, in_range, layer.taps[2], products, true);
    });
  }

  // `count` places from number `first` of the stretch on, times a tap.
  void multiply_places(std::size_t first, std::size_t count, const PackedMatrix& tap, float* products,
                       bool accumulate) const {
    kernels::Product product{
        .a_stride = kWidth, .c = products, .c_stride = kWidth, .m = count, .accumulate = accumulate};
    tap.describe(product);
    if (rounded_.empty()) {
      product.a = x_.data() + first;
      kernels::kernel_table().multiply_f32(product);
    } else {
      product.a = rounded_.data() + first;
      kernels::kernel_table().multiply_bf16(product);
    }
  }

  // Adds to every pitch what the others of its step say.
  void look_around(const PackedMatrix& around, std::size_t margin) {
    std::vector<float> row(kernels::kRowBlock * kPooled), sums(kernels::kRowBlock * kWidth);
    for (std::size_t i = margin; i < count_ - margin; ++i) {
      if (!inside(i)) continue;
      std::ranges::copy(pooled(step(i)), row.begin());
      multiply(row.data(), kPooled, 1, around, sums.data());
      float* places = step(i) + kWidth;
      for (std::size_t p = 0; p < kPitches; ++p) {
        for (std::size_t c = 0; c < kWidth; ++c) places[p * kWidth + c] += sums[c];
      }
      written(i);
    }
  }

  // x += relu(what `products_of` writes for a step [kPitches, kWidth] + bias).
  void add(const std::vector<float>& bias, std::size_t margin, const auto& products_of) {
    std::array<float, kPitches * kWidth> products;
    for (std::size_t i = margin; i < count_ - margin; ++i) {
      if (!inside(i)) continue;
      products_of(i, products.data());
      const float* before = step(i) + kWidth;
      float* after = next_.data() + i * kStep + kWidth;
      for (std::size_t p = 0; p < kPitches; ++p) {
        for (std::size_t c = 0; c < kWidth; ++c) {
          const std::size_t at = p * kWidth + c;
          after[at] = before[at] + std::max(0.0F, products[at] + bias[c]);
        }
      }
    }
    std::swap(x_, next_);
    for (std::size_t i = margin; i < count_ - margin; ++i) {
      if (inside(i)) written(i);
    }
  }

  static constexpr std::size_t kSpare =
      (kernels::kRowBlock + 1) * kWidth;  // that kernels may read behind the last step
  static constexpr auto kReach = static_cast<std::ptrdiff_t>(kTuneReach);
  std::ptrdiff_t first_;
  std::size_t count_;
  std::ptrdiff_t steps_;
  std::vector<float> x_, next_;         // [steps, kRow, kWidth], then kSpare
  std::vector<std::uint16_t> rounded_;  // x_ as bfloat16; empty where floats are multiplied
};

void read_inputs(Stretch& x, Span2D<const float> bands, Span2D<const float> melody, const PackedMatrix& in,
                 std::span<const float> phase) {
  std::array<float, kPitches * kTuneInputs> inputs;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!x.inside(i)) continue;
    const auto step = static_cast<std::size_t>(x.song_step(i));
    read_tune_inputs(bands.row(step), melody.row(step), inputs);
    float* out = x.step(i) + kWidth;
    multiply(inputs.data(), kTuneInputs, kPitches, in, out);
    const float* shift = phase.data() + step % kTuneStepsPerBeat * kWidth;
    for (std::size_t p = 0; p < kPitches; ++p) {
      for (std::size_t c = 0; c < kWidth; ++c) out[p * kWidth + c] = std::max(0.0F, out[p * kWidth + c] + shift[c]);
    }
    x.written(i);
  }
}

}  // namespace

TuneNetwork::TuneNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
TuneNetwork::~TuneNetwork() = default;

std::shared_ptr<const TuneNetwork> TuneNetwork::load(const std::filesystem::path& file) {
  const auto parts = read_network_parts(file, tune_network_parts(), "tune network");
  return std::shared_ptr<const TuneNetwork>(new TuneNetwork(std::make_unique<const Weights>(parts)));
}

Matrix<float> TuneNetwork::run(Span2D<const float> bands, Span2D<const float> melody, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const std::size_t steps = bands.rows();
  Matrix<float> out(steps, kMelodyChannels);
  parallel_for(pool, steps, kBlock, [&](std::size_t first, std::size_t last) {
    Stretch x(first, last, steps);
    read_inputs(x, bands, melody, w.in, w.phase);
    std::size_t margin = 0;
    for (const Layer& layer : w.layers) x.pass(layer, margin += layer.shape.reach());
    for (std::size_t step = first; step < last; ++step) {
      const float* places = x.step(step - first + kTuneReach);
      const auto around = pooled(places);
      for (std::size_t i = 0; i < kHeads; ++i) {
        const auto chances = out.row(step).subspan(i * kPitches, kPitches);
        for (std::size_t p = 0; p < kPitches; ++p)
          chances[p] = dot(places + (p + 1) * kWidth, w.heads[i].pitch.data(), kWidth);
        softmax(chances, w.heads[i].bias + dot(around.data(), w.heads[i].none.data(), kPooled));
      }
    }
  });
  return out;
}

bool tune_network_reads(const FeatureSettings& features) {
  const FeatureSettings expected;
  return features.kind == expected.kind && features.sample_rate == expected.sample_rate &&
         features.n_fft == expected.n_fft && features.n_mels == expected.n_mels && features.f_min == expected.f_min &&
         features.f_max == expected.f_max && features.frames_per_beat == static_cast<int>(kTuneStepsPerBeat) &&
         features.smoothing_bands == expected.smoothing_bands && features.scale == expected.scale &&
         features.normalised_floor == expected.normalised_floor;
}

std::shared_ptr<const TuneNetwork> installed_tune_network(const FeatureSettings& features) {
  const auto file = tune_network_reads(features) ? installed_file("melody/tune.safetensors", "POP2PIANO_TUNE")
                                                 : std::filesystem::path();
  return file.empty() ? nullptr : TuneNetwork::load(file);
}

}  // namespace pop2piano
