// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "base/core/installed_file.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano {
namespace {

using kernels::PackedMatrix;

constexpr std::size_t kFirst = 24, kSecond = 32, kWidth = 32, kHalf = kWidth / 2;  // channels
constexpr std::size_t kTaps = 5;  // in time, of the first convolution and the dilated ones
constexpr std::size_t kFirstReach = 5, kSecondReach = 3, kStride = 3;             // bands
constexpr std::size_t kFirstBands = (kBeatBands - kFirstReach) / kStride + 1;     // 20
constexpr std::size_t kSecondBands = (kFirstBands - kSecondReach) / kStride + 1;  // 6
constexpr std::size_t kPooled = kSecondBands * kSecond;                           // inputs of the mix
constexpr std::size_t kMixed = kPooled + kHarmonyInputs;                          // inputs of the mix
constexpr std::size_t kReach = 2 * (std::size_t{2} << (kBeatBlocks - 1));         // frames, of the widest tap
constexpr std::size_t kBlock = 256;                                               // frames worked on at a time
constexpr std::size_t kSpareRows = kernels::kRowBlock;  // that kernels may read behind the last

float elu(float x) { return x > 0 ? x : std::exp(x) - 1; }
float logistic(float x) { return 1 / (1 + std::exp(-x)); }

void multiply(const float* a, std::size_t a_stride, std::size_t m, const PackedMatrix& b, float* c,
              std::size_t c_stride, bool accumulate) {
  kernels::Product product{
      .a = a, .a_stride = a_stride, .c = c, .c_stride = c_stride, .m = m, .accumulate = accumulate};
  b.describe(product);
  kernels::kernel_table().multiply_f32(product);
}

using Named = std::map<std::string, std::vector<float>>;

PackedMatrix packed(const std::vector<float>& rows, std::size_t n) {
  return PackedMatrix::pack(rows, n, rows.size() / n, kernels::ElementType::f32);
}

// Tap `tap` of a convolution [out, in, taps] as [out, in].
PackedMatrix packed_tap(const std::vector<float>& weights, std::size_t out, std::size_t in, std::size_t taps,
                        std::size_t tap) {
  std::vector<float> rows(out * in);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = weights[i * taps + tap];
  return packed(rows, out);
}

// Rows with zeros around them, as far as the widest tap reaches.
class PaddedRows {
 public:
  explicit PaddedRows(std::size_t rows) : data_((rows + 2 * kReach + kSpareRows) * kWidth, 0.0f) {}
  [[nodiscard]] float* row(std::ptrdiff_t t) { return data_.data() + offset(t); }
  [[nodiscard]] const float* row(std::ptrdiff_t t) const { return data_.data() + offset(t); }

 private:
  static std::size_t offset(std::ptrdiff_t t) {
    return static_cast<std::size_t>(t + static_cast<std::ptrdiff_t>(kReach)) * kWidth;
  }
  std::vector<float> data_;
};

}  // namespace

const std::vector<NetworkPart>& beat_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    const auto n = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    std::vector<NetworkPart> list;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
      list.push_back({name + ".bias", {shape[0]}});
      list.push_back({name + ".weight", std::move(shape)});
    };
    add("front.0", {n(kFirst), 1, n(kTaps), n(kFirstReach)});
    add("front.1", {n(kSecond), n(kFirst), 3, n(kSecondReach)});
    add("mix", {n(kWidth), n(kMixed), 1});
    for (std::size_t i = 0; i < kBeatBlocks; ++i) {
      const std::string block = "block." + std::to_string(i);
      add(block + ".near", {n(kHalf), n(kWidth), n(kTaps)});
      add(block + ".far", {n(kHalf), n(kWidth), n(kTaps)});
      add(block + ".join", {n(kWidth), n(kWidth), 1});
    }
    add("out", {2, n(kWidth), 1});
    return list;
  }();
  return parts;
}

struct BeatNetwork::Weights {
  struct Block {
    std::array<PackedMatrix, kTaps> near, far;
    PackedMatrix join;
    std::vector<float> bias;       // [kWidth] of near and far
    std::vector<float> join_bias;  // [kWidth]
  };
  PackedMatrix first;                  // [kFirst, (bands, time)]
  std::array<PackedMatrix, 3> second;  // by time [kSecond, (bands, kFirst)]
  PackedMatrix mix;                    // [kWidth, (kSecondBands, kSecond), harmony]
  std::vector<float> first_bias, second_bias, mix_bias;
  std::vector<Block> blocks;
  PackedMatrix out;
  std::vector<float> out_bias;

  explicit Weights(const Named& parts);
  void apply(const Block& block, std::size_t dilation, std::size_t begin, std::size_t end, const PaddedRows& from,
             PaddedRows& to, PaddedRows& sum) const;
};

BeatNetwork::Weights::Weights(const Named& parts) {
  const auto& front0 = parts.at("front.0.weight");
  std::vector<float> rows(front0.size());
  for (std::size_t o = 0; o < kFirst; ++o) {
    for (std::size_t t = 0; t < kTaps; ++t) {
      for (std::size_t b = 0; b < kFirstReach; ++b)
        rows[(o * kFirstReach + b) * kTaps + t] = front0[(o * kTaps + t) * kFirstReach + b];
    }
  }
  first = packed(rows, kFirst);
  const auto& front1 = parts.at("front.1.weight");
  for (std::size_t t = 0; t < 3; ++t) {
    rows.assign(kSecond * 3 * kFirst, 0);
    for (std::size_t o = 0; o < kSecond; ++o) {
      for (std::size_t i = 0; i < kFirst; ++i) {
        for (std::size_t b = 0; b < 3; ++b) rows[(o * 3 + b) * kFirst + i] = front1[((o * kFirst + i) * 3 + t) * 3 + b];
      }
    }
    second[t] = packed(rows, kSecond);
  }
  const auto& mixing = parts.at("mix.weight");
  rows = mixing;
  for (std::size_t o = 0; o < kWidth; ++o) {
    for (std::size_t c = 0; c < kSecond; ++c) {
      for (std::size_t b = 0; b < kSecondBands; ++b)
        rows[o * kMixed + b * kSecond + c] = mixing[o * kMixed + c * kSecondBands + b];
    }
  }
  mix = packed(rows, kWidth);
  first_bias = parts.at("front.0.bias");
  second_bias = parts.at("front.1.bias");
  mix_bias = parts.at("mix.bias");
  for (std::size_t i = 0; i < kBeatBlocks; ++i) {
    const std::string name = "block." + std::to_string(i);
    Block block;
    for (std::size_t t = 0; t < kTaps; ++t) {
      block.near[t] = packed_tap(parts.at(name + ".near.weight"), kHalf, kWidth, kTaps, t);
      block.far[t] = packed_tap(parts.at(name + ".far.weight"), kHalf, kWidth, kTaps, t);
    }
    block.join = packed(parts.at(name + ".join.weight"), kWidth);
    block.bias = parts.at(name + ".near.bias");
    const auto& far = parts.at(name + ".far.bias");
    block.bias.insert(block.bias.end(), far.begin(), far.end());
    block.join_bias = parts.at(name + ".join.bias");
    blocks.push_back(std::move(block));
  }
  out = packed(parts.at("out.weight"), 2);
  out_bias = parts.at("out.bias");
}

namespace {

// The convolutions over bands, for a stretch of frames.
class FrontEnd {
 public:
  FrontEnd(const BeatInput& input, const PackedMatrix& first, std::span<const float> first_bias,
           std::span<const PackedMatrix> second, std::span<const float> second_bias)
      : input_(input), first_(first), second_(second), first_bias_(first_bias), second_bias_(second_bias) {
    const BandLevels levels = loud_levels(input.bands.view());
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      for (std::size_t v = 0; v < 256; ++v) normalised_[b][v] = normalised_band(static_cast<float>(v) - levels[b]);
    }
  }
  [[nodiscard]] std::size_t frames() const { return (input_.bands.rows() + 1) / 2; }

  // What the block's two convolutions say: rows [kMixed] from `mixed` on, the part of the bands.
  void run(std::size_t first, std::size_t last, float* mixed) const {
    std::vector<float> pooled((kBlock + 2) * kFirstBands * kFirst + kSpareRows * kStride * kFirst);
    std::vector<float> window((kBeatBands + kSpareRows * kStride) * kTaps), products(2 * kSpareRows * kWidth);
    const auto row_of = [&](std::size_t t) { return pooled.data() + (t - first) * kFirstBands * kFirst; };
    for (std::size_t t = first; t < last + 2; ++t) {  // frame t - 1
      if (t == 0 || t > frames()) continue;           // the convolution's padding
      first_layer(t - 1, window, products, row_of(t));
    }
    for (std::size_t t = first; t < last; ++t) second_layer(row_of(t), products, mixed + (t - first) * kMixed);
  }

 private:
  void first_layer(std::size_t frame, std::span<float> window, std::vector<float>& products, float* out) const {
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      const std::size_t t = 2 * frame + tap;  // two more than the row
      const bool there = t >= 2 && t - 2 < input_.bands.rows();
      for (std::size_t b = 0; b < kBeatBands; ++b) {
        window[b * kTaps + tap] = there ? normalised_[b][input_.bands(t - 2, b)] : 0.0f;
      }
    }
    multiply(window.data(), kStride * kTaps, kFirstBands, first_, products.data(), kWidth, false);
    activate(products.data(), kFirstBands, kFirst, first_bias_, out);
  }
  void second_layer(const float* rows, std::vector<float>& products, float* out) const {
    for (std::size_t t = 0; t < second_.size(); ++t) {
      multiply(rows + t * kFirstBands * kFirst, kStride * kFirst, kSecondBands, second_[t], products.data(), kWidth,
               t > 0);
    }
    activate(products.data(), kSecondBands, kSecond, second_bias_, out);
  }
  // [bands, kWidth] -> [bands, channels] with bias.
  static void activate(const float* in, std::size_t bands, std::size_t channels, std::span<const float> bias,
                       float* out) {
    for (std::size_t b = 0; b < bands; ++b) {
      for (std::size_t c = 0; c < channels; ++c) out[b * channels + c] = elu(in[b * kWidth + c] + bias[c]);
    }
  }

  const BeatInput& input_;
  const PackedMatrix& first_;
  std::span<const PackedMatrix> second_;
  std::span<const float> first_bias_, second_bias_;
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

// Rows [first, last) of one residual block: `to` = `from` + y, sum += y.
void BeatNetwork::Weights::apply(const Block& block, std::size_t dilation, std::size_t begin, std::size_t end,
                                 const PaddedRows& from, PaddedRows& to, PaddedRows& sum) const {
  const std::size_t rows = end - begin;
  std::vector<float> heard((kBlock + kSpareRows) * kWidth), joined((kBlock + kSpareRows) * kWidth);
  for (std::size_t tap = 0; tap < kTaps; ++tap) {
    const auto steps = (static_cast<std::ptrdiff_t>(tap) - 2) * static_cast<std::ptrdiff_t>(dilation);
    const auto at = static_cast<std::ptrdiff_t>(begin);
    multiply(from.row(at + steps), kWidth, rows, block.near[tap], heard.data(), kWidth, tap > 0);
    multiply(from.row(at + 2 * steps), kWidth, rows, block.far[tap], heard.data() + kHalf, kWidth, tap > 0);
  }
  for (std::size_t i = 0; i < rows * kWidth; ++i) heard[i] = elu(heard[i] + block.bias[i % kWidth]);
  multiply(heard.data(), kWidth, rows, block.join, joined.data(), kWidth, false);
  const auto at = static_cast<std::ptrdiff_t>(begin);
  const float* before = from.row(at);
  float *after = to.row(at), *total = sum.row(at);
  for (std::size_t i = 0; i < rows * kWidth; ++i) {
    const float y = joined[i] + block.join_bias[i % kWidth];
    after[i] = before[i] + y;
    total[i] += y;
  }
}

BeatNetwork::BeatNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
BeatNetwork::~BeatNetwork() = default;

std::shared_ptr<const BeatNetwork> BeatNetwork::load(const std::filesystem::path& file) {
  const Named parts = read_network_parts(file, beat_network_parts(), "beat network");
  return std::shared_ptr<const BeatNetwork>(new BeatNetwork(std::make_unique<const Weights>(parts)));
}

BeatProbabilities BeatNetwork::run(const BeatInput& input, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const FrontEnd front(input, w.first, w.first_bias, w.second, w.second_bias);
  const std::size_t frames = front.frames();
  PaddedRows x(frames), next(frames), sum(frames);
  parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
    std::vector<float> mixed((kBlock + kSpareRows) * kMixed);
    front.run(first, last, mixed.data());
    for (std::size_t t = first; t < last; ++t) {
      add_harmony(input.harmony, t, mixed.data() + (t - first) * kMixed + kPooled);
    }
    float* out = x.row(static_cast<std::ptrdiff_t>(first));
    std::vector<float> products((kBlock + kSpareRows) * kWidth);
    multiply(mixed.data(), kMixed, last - first, w.mix, products.data(), kWidth, false);
    for (std::size_t i = 0; i < (last - first) * kWidth; ++i) out[i] = elu(products[i] + w.mix_bias[i % kWidth]);
  });
  for (std::size_t i = 0; i < kBeatBlocks; ++i) {
    parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
      w.apply(w.blocks[i], std::size_t{1} << i, first, last, x, next, sum);
    });
    std::swap(x, next);
  }
  BeatProbabilities result{.frame_rate = kBeatFrameRate, .beat = {}, .downbeat = {}};
  result.beat.resize(frames);
  result.downbeat.resize(frames);
  parallel_for(pool, frames, kBlock, [&](std::size_t first, std::size_t last) {
    std::vector<float> products((kBlock + kSpareRows) * kernels::kPanelColumns);
    float* rows = sum.row(static_cast<std::ptrdiff_t>(first));
    for (std::size_t i = 0; i < (last - first) * kWidth; ++i) rows[i] = elu(rows[i]);
    multiply(rows, kWidth, last - first, w.out, products.data(), kernels::kPanelColumns, false);
    for (std::size_t t = first; t < last; ++t) {
      const float* logits = products.data() + (t - first) * kernels::kPanelColumns;
      result.beat[t] = logistic(logits[0] + w.out_bias[0]);
      result.downbeat[t] = std::min(result.beat[t], logistic(logits[1] + w.out_bias[1]));
    }
  });
  return result;
}

std::filesystem::path installed_beat_network() { return installed_file("rhythm/beats.safetensors", "POP2PIANO_BEATS"); }

}  // namespace pop2piano
