// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/core/installed_file.h"
#include "numbers/nets/activation.h"
#include "numbers/nets/convolution.h"
#include "numbers/nets/planes.h"

namespace pop2piano {
namespace {

using nets::Convolution;
using nets::Planes;

constexpr std::size_t kFirst = 24, kSecond = 32, kWidth = 32, kHalf = kWidth / 2;  // channels
constexpr std::size_t kTaps = 5;  // in time, of the first convolution and the dilated ones
constexpr std::size_t kFirstReach = 5, kSecondReach = 3, kStride = 3;             // bands
constexpr std::size_t kFirstBands = (kBeatBands - kFirstReach) / kStride + 1;     // 20
constexpr std::size_t kSecondBands = (kFirstBands - kSecondReach) / kStride + 1;  // 6
constexpr std::size_t kPooled = kSecondBands * kSecond;                           // inputs of the mix
constexpr std::size_t kMixed = kPooled + kHarmonyInputs;                          // inputs of the mix
constexpr std::size_t kReach = 2 * (std::size_t{2} << (kBeatBlocks - 1));         // frames, of the widest tap
constexpr std::size_t kBlock = 256;                                               // frames worked on at a time

std::ptrdiff_t number(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

}  // namespace

const std::vector<NetworkPart>& beat_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    std::vector<NetworkPart> list;
    const auto add = [&](const std::string& name, std::initializer_list<std::size_t> shape) {
      list.push_back(network_part(name + ".bias", {*shape.begin()}));
      list.push_back(network_part(name + ".weight", shape));
    };
    add("front.0", {kFirst, 1, kTaps, kFirstReach});
    add("front.1", {kSecond, kFirst, 3, kSecondReach});
    add("mix", {kWidth, kMixed, 1});
    for (std::size_t i = 0; i < kBeatBlocks; ++i) {
      const std::string block = "block." + std::to_string(i);
      add(block + ".near", {kHalf, kWidth, kTaps});
      add(block + ".far", {kHalf, kWidth, kTaps});
      add(block + ".join", {kWidth, kWidth, 1});
    }
    add("out", {2, kWidth, 1});
    return list;
  }();
  return parts;
}

namespace {

// A residual block: two dilated convolutions side by side, then one of a single tap.
struct Block {
  Convolution near, far, join;

  Block(const NetworkValues& values, const std::string& name, std::size_t dilation)
      : near(values, name + ".near", half(dilation)),
        far(values, name + ".far", half(2 * dilation)),
        join(values, name + ".join", {.outputs = kWidth, .channels = kWidth}) {}
  // Frames [first, last): `to` = `from` + y, sum += y.
  void apply(std::size_t first, std::size_t last, const Planes& from, Planes& to, Planes& sum) const;

 private:
  static nets::ConvolutionShape half(std::size_t dilation) {
    return {.outputs = kHalf, .channels = kWidth, .taps = nets::taps_in_time(kTaps, dilation)};
  }
};

void Block::apply(std::size_t first, std::size_t last, const Planes& from, Planes& to, Planes& sum) const {
  const auto begin = number(first), end = number(last);
  Planes heard({.steps = last - first, .channels = kWidth});
  near.multiply(from, begin, end, 1, heard.at(0), kWidth);
  far.multiply(from, begin, end, 1, heard.at(0) + kHalf, kWidth);
  for (std::size_t t = 0; t < last - first; ++t) {
    float* row = heard.at(number(t));
    for (std::size_t c = 0; c < kHalf; ++c) row[c] = nets::elu(row[c] + near.bias()[c]);
    for (std::size_t c = 0; c < kHalf; ++c) row[kHalf + c] = nets::elu(row[kHalf + c] + far.bias()[c]);
  }
  join.run(heard, 0, end - begin, 1, to.at(begin), nets::identity);
  const float* before = from.at(begin);
  float *after = to.at(begin), *total = sum.at(begin);
  for (std::size_t i = 0; i < (last - first) * kWidth; ++i) {
    const float y = after[i];
    after[i] = before[i] + y;
    total[i] += y;
  }
}

// The mix's weights for what the second convolution writes: of bands the channels, where the file has of channels the
// bands.
std::vector<float> mix_weights(const NetworkValues& values) {
  const auto& of_file = values.at("mix.weight");
  std::vector<float> weights = of_file;
  for (std::size_t o = 0; o < kWidth; ++o) {
    for (std::size_t c = 0; c < kSecond; ++c) {
      for (std::size_t b = 0; b < kSecondBands; ++b)
        weights[o * kMixed + b * kSecond + c] = of_file[o * kMixed + c * kSecondBands + b];
    }
  }
  return weights;
}

}  // namespace

struct BeatNetwork::Weights {
  // The first convolution reads what its taps in time see of a band as that band's channels.
  Convolution first, second, mix, out;
  std::vector<Block> blocks;

  explicit Weights(const NetworkValues& values)
      : first(values, "front.0", {.outputs = kFirst, .channels = kTaps, .span = kFirstReach, .row_stride = kStride}),
        second(values, "front.1",
               {.outputs = kSecond,
                .channels = kFirst,
                .taps = nets::taps_in_time(3, 1),
                .span = kSecondReach,
                .row_stride = kStride}),
        mix(mix_weights(values), values.at("mix.bias"), {.outputs = kWidth, .channels = kMixed}),
        out(values, "out", {.outputs = 2, .channels = kWidth}) {
    for (std::size_t i = 0; i < kBeatBlocks; ++i)
      blocks.emplace_back(values, "block." + std::to_string(i), std::size_t{1} << i);
  }
};

namespace {

// The convolutions over bands, for a stretch of frames.
class FrontEnd {
 public:
  FrontEnd(const BeatInput& input, const Convolution& first, const Convolution& second)
      : input_(input), first_(first), second_(second) {
    const BandLevels levels = loud_levels(input.bands.view());
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      for (std::size_t v = 0; v < 256; ++v) normalised_[b][v] = normalised_band(static_cast<float>(v) - levels[b]);
    }
  }
  [[nodiscard]] std::size_t frames() const { return (input_.bands.rows() + 1) / 2; }

  // What the two convolutions say of frames [first, last): the first kPooled channels of `mixed`.
  void run(std::size_t first, std::size_t last, Planes& mixed) const {
    Planes window({.steps = 1, .rows = kBeatBands, .channels = kTaps});
    Planes bands({.steps = last - first, .rows = kFirstBands, .channels = kFirst, .margin = 1});
    for (std::size_t t = first == 0 ? 0 : first - 1; t < std::min(last + 1, frames()); ++t) {
      look_at(t, window);
      first_.run(window, 0, 1, kFirstBands, bands.at(number(t) - number(first)), nets::elu);
    }
    for (std::ptrdiff_t t = 0; t < number(last - first); ++t)
      second_.run(bands, t, t + 1, kSecondBands, mixed.at(t), nets::elu);
  }

 private:
  void look_at(std::size_t frame, Planes& window) const {
    float* places = window.at(0);
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      const std::size_t t = 2 * frame + tap;  // two more than the row
      const bool there = t >= 2 && t - 2 < input_.bands.rows();
      for (std::size_t b = 0; b < kBeatBands; ++b)
        places[b * kTaps + tap] = there ? normalised_[b][input_.bands(t - 2, b)] : 0.0f;
    }
  }

  const BeatInput& input_;
  const Convolution& first_;
  const Convolution& second_;
  std::array<std::array<float, 256>, kBeatBands> normalised_{};
};

void add_harmony(const Matrix<std::uint8_t>& harmony, std::size_t frame, float* out) {
  constexpr std::size_t kPer = kFramesPerHarmony / 2;
  if (harmony.rows() == 0) return;
  const std::size_t below = frame / kPer, above = below + 1;
  const float share = static_cast<float>(frame % kPer) / kPer;
  if (below >= harmony.rows() || (share > 0 && above >= harmony.rows())) return;
  for (std::size_t c = 0; c < kHarmonyInputs; ++c) {
    const float low = harmony(below, c), high = share > 0 ? harmony(above, c) : low;
    out[c] = (low + share * (high - low)) / 255.0f;
  }
}

}  // namespace

BeatNetwork::BeatNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
BeatNetwork::~BeatNetwork() = default;

std::shared_ptr<const BeatNetwork> BeatNetwork::load(const std::filesystem::path& file) {
  const NetworkValues values = read_network_parts(file, beat_network_parts(), "beat network");
  return std::shared_ptr<const BeatNetwork>(new BeatNetwork(std::make_unique<const Weights>(values)));
}

BeatProbabilities BeatNetwork::run(const BeatInput& input, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const FrontEnd front(input, w.first, w.second);
  const std::size_t frames = front.frames();
  const nets::PlanesShape shape{.steps = frames, .channels = kWidth, .margin = kReach};
  Planes x(shape), next(shape), sum({.steps = frames, .channels = kWidth});
  parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
    Planes mixed({.steps = last - first, .channels = kMixed});
    front.run(first, last, mixed);
    for (std::size_t t = first; t < last; ++t) add_harmony(input.harmony, t, mixed.at(number(t - first)) + kPooled);
    w.mix.run(mixed, 0, number(last - first), 1, x.at(number(first)), nets::elu);
  });
  for (const Block& block : w.blocks) {
    parallel_for(pool, frames, kBlock,
                 [&](std::size_t first, std::size_t last) { block.apply(first, last, x, next, sum); });
    std::swap(x, next);
  }
  BeatProbabilities result{.frame_rate = kBeatFrameRate, .beat = {}, .downbeat = {}};
  result.beat.resize(frames);
  result.downbeat.resize(frames);
  parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
    float* rows = sum.at(number(first));
    for (std::size_t i = 0; i < (last - first) * kWidth; ++i) rows[i] = nets::elu(rows[i]);
    std::vector<float> chances(2 * (last - first));
    w.out.run(sum, number(first), number(last), 1, chances.data(), nets::logistic);
    for (std::size_t t = first; t < last; ++t) {
      const float* chance = chances.data() + 2 * (t - first);
      result.beat[t] = chance[0];
      result.downbeat[t] = std::min(chance[0], chance[1]);
    }
  });
  return result;
}

std::filesystem::path installed_beat_network() { return installed_file("rhythm/beats.safetensors", "POP2PIANO_BEATS"); }

}  // namespace pop2piano
