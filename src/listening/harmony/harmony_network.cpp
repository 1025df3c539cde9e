// SPDX-License-Identifier: MIT
#include "listening/harmony/harmony_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano {
namespace {

using kernels::PackedMatrix;

constexpr std::size_t kPitches = kHarmonyPitches;
constexpr std::size_t kClasses = 12;
constexpr std::size_t kQualities = kChordKinds.size();
constexpr std::size_t kFramesPerJob = 64;
constexpr std::size_t kSpare = 64 * kernels::kRowBlock;  // floats that kernels may read behind the last row

constexpr std::size_t stride_of(std::size_t width) { return kernels::round_up(width, kernels::kPanelColumns); }

using Parts = std::map<std::string, std::vector<float>>;

// A product with every row: [outputs, inputs] and what is added to the outputs.
struct Dense {
  PackedMatrix weight;
  std::vector<float> bias;
  std::size_t inputs = 0, outputs = 0;
};

// Weights [out, in, taps...] as rows [out, (taps, in)], which reads the taps one behind the other.
Dense read_dense(const Parts& parts, const std::string& name, std::size_t outputs, std::size_t in, std::size_t taps) {
  const auto& from = parts.at(name + ".weight");
  std::vector<float> rows(from.size());
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t t = 0; t < taps; ++t) rows[(o * taps + t) * in + i] = from[(o * in + i) * taps + t];
    }
  }
  const auto bias = parts.find(name + ".bias");
  return {.weight = PackedMatrix::pack(rows, outputs, in * taps, kernels::ElementType::f32),
          .bias = bias == parts.end() ? std::vector<float>(outputs, 0.0F) : bias->second,
          .inputs = in * taps,
          .outputs = outputs};
}

// Places [frames, rows, width] as floats, each place padded to whole panels.
class Planes {
 public:
  Planes(std::size_t frames, std::size_t rows, std::size_t width)
      : frames_(frames),
        rows_(rows),
        width_(width),
        stride_(stride_of(width)),
        values_(frames * rows * stride_, 0.0F) {}
  [[nodiscard]] float* at(std::size_t frame, std::size_t row) { return &values_[(frame * rows_ + row) * stride_]; }
  [[nodiscard]] const float* at(std::size_t frame, std::size_t row) const {
    return &values_[(frame * rows_ + row) * stride_];
  }
  [[nodiscard]] std::size_t frames() const { return frames_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t width() const { return width_; }

 private:
  std::size_t frames_, rows_, width_, stride_;
  std::vector<float> values_;
};

// Rows of products of one frame: gathered inputs, then outputs.
struct Scratch {
  std::vector<float> in, out;
};

// out [rows, stride_of(outputs)] = in [rows, inputs] times the weights + bias.
const float* multiply(const Dense& dense, std::size_t rows, Scratch& scratch) {
  const std::size_t stride = stride_of(dense.outputs);
  scratch.in.resize(rows * dense.inputs + kSpare);
  scratch.out.resize(rows * stride);
  kernels::Product product{
      .a = scratch.in.data(), .a_stride = dense.inputs, .c = scratch.out.data(), .c_stride = stride, .m = rows};
  dense.weight.describe(product);
  kernels::kernel_table().multiply_f32(product);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < dense.outputs; ++o) scratch.out[r * stride + o] += dense.bias[o];
  }
  return scratch.out.data();
}

using Offsets = std::vector<std::pair<int, int>>;  // frames, rows
enum class Edge : std::uint8_t { open, circle };

// One layer: where it reads, and whether its input is added to what it gives.
struct Layer {
  const Dense* dense = nullptr;
  Offsets offsets;
  Edge edge = Edge::open;
  enum class Join : std::uint8_t { replaces, adds } join = Join::adds;
  std::span<const float> phase{};  // [kHarmonyFramesPerBeat, outputs] added by the frame's place in its beat; or empty
};

// What the layer reads for each row of frame k.
void gather(const Layer& layer, const Planes& x, std::size_t k, std::vector<float>& in) {
  const auto rows = static_cast<int>(x.rows()), frames = static_cast<int>(x.frames());
  in.resize(x.rows() * layer.dense->inputs + kSpare);
  float* to = in.data();
  for (int r = 0; r < rows; ++r) {
    for (const auto& [step, row_step] : layer.offsets) {
      const int frame = static_cast<int>(k) + step;
      const int row = layer.edge == Edge::circle ? (r + row_step) % rows : r + row_step;
      if (frame >= 0 && frame < frames && row >= 0 && row < rows) {
        std::copy_n(x.at(static_cast<std::size_t>(frame), static_cast<std::size_t>(row)), x.width(), to);
      } else {
        std::fill_n(to, x.width(), 0.0F);
      }
      to += x.width();
    }
  }
}

// relu(convolution of x), or x + that, for all frames; what lies outside is 0, on a circle rows go round.
Planes pass(const Layer& layer, const Planes& x, ThreadPool& pool) {
  const Dense& dense = *layer.dense;
  Planes y(x.frames(), x.rows(), dense.outputs);
  parallel_for(pool, x.frames(), kFramesPerJob, [&](std::size_t first, std::size_t last) {
    Scratch scratch;
    for (std::size_t k = first; k < last; ++k) {
      gather(layer, x, k, scratch.in);
      const float* products = multiply(dense, x.rows(), scratch);
      const float* phase = layer.phase.empty() ? nullptr : &layer.phase[k % kHarmonyFramesPerBeat * dense.outputs];
      for (std::size_t r = 0; r < x.rows(); ++r, products += stride_of(dense.outputs)) {
        float* to = y.at(k, r);
        for (std::size_t o = 0; o < dense.outputs; ++o) {
          const float before = layer.join == Layer::Join::adds ? x.at(k, r)[o] : 0.0F;
          to[o] = before + std::max(0.0F, products[o] + (phase == nullptr ? 0.0F : phase[o]));
        }
      }
    }
  });
  return y;
}

Offsets grid(int in_time, int steps, int in_pitch) {
  Offsets offsets;
  for (int t = -(in_time / 2); t <= in_time / 2; ++t) {
    for (int p = -(in_pitch / 2); p <= in_pitch / 2; ++p) offsets.emplace_back(t * steps, p);
  }
  return offsets;
}

Offsets harmonics() {
  Offsets offsets;
  for (const int semitones : kHarmonicOffsets) offsets.emplace_back(0, semitones);
  return offsets;
}

Offsets circle() {
  Offsets offsets;
  for (int semitones = 0; semitones < static_cast<int>(kClasses); ++semitones) offsets.emplace_back(0, semitones);
  return offsets;
}

// Mean and largest of each channel over the octaves of each register, for a pitch class.
void fold(const Planes& x, std::size_t frame, std::size_t pitch_class, float* out) {
  constexpr std::size_t kOctaves = kPitches / kClasses / kChromaRegisters;
  for (std::size_t r = 0; r < kChromaRegisters; ++r) {
    float *mean = out + r * kHarmonyWidth, *most = mean + kChromaRegisters * kHarmonyWidth;
    for (std::size_t octave = 0; octave < kOctaves; ++octave) {
      const float* place = x.at(frame, (r * kOctaves + octave) * kClasses + pitch_class);
      for (std::size_t c = 0; c < kHarmonyWidth; ++c) {
        mean[c] = (octave == 0 ? 0.0F : mean[c]) + place[c] / static_cast<float>(kOctaves);
        most[c] = octave == 0 ? place[c] : std::max(most[c], place[c]);
      }
    }
  }
}

// Mean and largest of each channel over the pitch classes.
std::vector<float> pooled(const Planes& chroma, std::size_t frame) {
  std::vector<float> out(2 * kChromaWidth, 0.0F);
  for (std::size_t p = 0; p < kClasses; ++p) {
    const float* place = chroma.at(frame, p);
    for (std::size_t c = 0; c < kChromaWidth; ++c) {
      out[c] += place[c] / static_cast<float>(kClasses);
      float& most = out[kChromaWidth + c];
      most = p == 0 ? place[c] : std::max(most, place[c]);
    }
  }
  return out;
}

float dot(const std::vector<float>& weights, std::span<const float> values) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
  return sum;
}

void softmax(std::span<float> logits) {
  const float most = *std::ranges::max_element(logits);
  float sum = 0.0F;
  for (float& logit : logits) sum += logit = std::exp(logit - most);
  for (float& logit : logits) logit /= sum;
}

}  // namespace

const std::vector<NetworkPart>& harmony_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    const auto n = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    const std::int64_t width = n(kHarmonyWidth), chroma = n(kChromaWidth);
    std::vector<NetworkPart> list;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
      list.push_back({name + ".weight", shape});
      list.push_back({name + ".bias", {shape[0]}});
    };
    list.push_back({"in.weight", {width, n(kHarmonyInputs), 3, 3}});
    list.push_back({"in.phase", {n(kHarmonyFramesPerBeat), width}});
    add("partials", {width, width, 1, n(kHarmonicOffsets.size())});
    add("near", {width, width, 3, 3});
    add("fold", {chroma, n(kFolded), 1, 1});
    for (std::size_t i = 0; i < kChromaSteps.size(); ++i) {
      add("circle" + std::to_string(i), {chroma, chroma, 1, n(kClasses)});
      add("time" + std::to_string(i), {chroma, chroma, n(kTimeTaps), 1});
    }
    add("circle" + std::to_string(kChromaSteps.size()), {chroma, chroma, 1, n(kClasses)});
    add("chord", {n(kQualities), chroma, 1, 1});
    add("chord_bass", {1, chroma, 1, 1});
    add("bass_in", {n(kBassHidden), width + chroma, 1, 1});
    add("bass", {1, n(kBassHidden), 1, 1});
    for (const char* name : {"no_chord", "no_chord_bass", "no_bass"}) add(name, {1, 2 * chroma});
    return list;
  }();
  return parts;
}

struct HarmonyNetwork::Weights {
  Dense in, partials, near, fold;
  std::vector<float> phase;  // [kHarmonyFramesPerBeat, kHarmonyWidth]
  std::vector<Dense> circles, times;
  Dense chord, chord_bass, bass_in;
  std::vector<float> bass_out;  // [kBassHidden]
  float bass_bias = 0.0F;
  std::array<std::vector<float>, 3> none;  // [2 * kChromaWidth] of chord, chord's bass, bass
  std::array<float, 3> none_bias{};

  explicit Weights(const Parts& parts);
  struct Torso {
    Planes pitches, chroma;
  };
  [[nodiscard]] Torso hear(Span2D<const std::uint8_t> levels, ThreadPool& pool) const;
  void answer(const Planes& pitches, const Planes& chroma, std::size_t frame, Scratch& scratch,
              HeardHarmony& heard) const;
};

HarmonyNetwork::Weights::Weights(const Parts& parts)
    : in(read_dense(parts, "in", kHarmonyWidth, kHarmonyInputs, 9)),
      partials(read_dense(parts, "partials", kHarmonyWidth, kHarmonyWidth, kHarmonicOffsets.size())),
      near(read_dense(parts, "near", kHarmonyWidth, kHarmonyWidth, 9)),
      fold(read_dense(parts, "fold", kChromaWidth, kFolded, 1)),
      phase(parts.at("in.phase")),
      chord(read_dense(parts, "chord", kQualities, kChromaWidth, 1)),
      chord_bass(read_dense(parts, "chord_bass", 1, kChromaWidth, 1)),
      bass_in(read_dense(parts, "bass_in", kBassHidden, kHarmonyWidth + kChromaWidth, 1)),
      bass_out(parts.at("bass.weight")),
      bass_bias(parts.at("bass.bias")[0]) {
  for (std::size_t i = 0; i <= kChromaSteps.size(); ++i)
    circles.push_back(read_dense(parts, "circle" + std::to_string(i), kChromaWidth, kChromaWidth, kClasses));
  for (std::size_t i = 0; i < kChromaSteps.size(); ++i)
    times.push_back(read_dense(parts, "time" + std::to_string(i), kChromaWidth, kChromaWidth, kTimeTaps));
  const std::array<std::string, 3> names{"no_chord", "no_chord_bass", "no_bass"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    none[i] = parts.at(names[i] + ".weight");
    none_bias[i] = parts.at(names[i] + ".bias")[0];
  }
}

namespace {

Planes read_inputs(Span2D<const std::uint8_t> levels) {
  const std::vector<float> mean = harmony_mean(levels);
  Planes inputs(levels.rows(), kPitches, kHarmonyInputs);
  std::array<float, kHarmonyBands> frame;
  std::array<float, kPitches * kHarmonyInputs> values;
  for (std::size_t k = 0; k < levels.rows(); ++k) {
    relative_levels(levels.row(k), mean, frame);
    read_harmony_inputs(frame, values);
    for (std::size_t p = 0; p < kPitches; ++p)
      std::copy_n(&values[p * kHarmonyInputs], kHarmonyInputs, inputs.at(k, p));
  }
  return inputs;
}

Planes folded(const Planes& pitches, ThreadPool& pool) {
  Planes out(pitches.frames(), kClasses, kFolded);
  parallel_for(pool, pitches.frames(), kFramesPerJob, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      for (std::size_t p = 0; p < kClasses; ++p) fold(pitches, k, p, out.at(k, p));
    }
  });
  return out;
}

}  // namespace

HarmonyNetwork::Weights::Torso HarmonyNetwork::Weights::hear(Span2D<const std::uint8_t> levels,
                                                             ThreadPool& pool) const {
  using Join = Layer::Join;
  Planes x = pass({&in, grid(3, 1, 3), Edge::open, Join::replaces, phase}, read_inputs(levels), pool);
  x = pass({&partials, harmonics(), Edge::open}, x, pool);
  x = pass({&near, grid(3, 1, 3), Edge::open}, x, pool);
  Planes chroma = pass({&fold, {{0, 0}}, Edge::circle, Join::replaces}, folded(x, pool), pool);
  for (std::size_t i = 0; i < circles.size(); ++i) {
    chroma = pass({&circles[i], circle(), Edge::circle}, chroma, pool);
    if (i == times.size()) break;
    chroma = pass({&times[i], grid(static_cast<int>(kTimeTaps), static_cast<int>(kChromaSteps[i]), 1), Edge::circle},
                  chroma, pool);
  }
  return {std::move(x), std::move(chroma)};
}

void HarmonyNetwork::Weights::answer(const Planes& pitches, const Planes& chroma, std::size_t frame, Scratch& scratch,
                                     HeardHarmony& heard) const {
  const Layer of_class{&chord, {{0, 0}}};
  gather(of_class, chroma, frame, scratch.in);
  const auto chords = heard.chords.row(frame), roots = heard.chord_bass.row(frame), low = heard.bass.row(frame);
  const float* products = multiply(chord, kClasses, scratch);
  for (std::size_t p = 0; p < kClasses; ++p) {
    for (std::size_t q = 0; q < kQualities; ++q) chords[q * kClasses + p] = products[p * stride_of(kQualities) + q];
  }
  products = multiply(chord_bass, kClasses, scratch);
  for (std::size_t p = 0; p < kClasses; ++p) roots[p] = products[p * stride_of(1)];
  scratch.in.resize(kBassPitches * bass_in.inputs + kSpare);
  for (std::size_t p = 0; p < kBassPitches; ++p) {
    float* to = &scratch.in[p * bass_in.inputs];
    std::copy_n(pitches.at(frame, p), kHarmonyWidth, to);
    std::copy_n(chroma.at(frame, p % kClasses), kChromaWidth, to + kHarmonyWidth);
  }
  products = multiply(bass_in, kBassPitches, scratch);
  for (std::size_t p = 0; p < kBassPitches; ++p) {
    low[p] = bass_bias;
    for (std::size_t h = 0; h < kBassHidden; ++h) {
      low[p] += bass_out[h] * std::max(0.0F, products[p * stride_of(kBassHidden) + h]);
    }
  }
  const std::vector<float> around = pooled(chroma, frame);
  const std::array<std::span<float>, 3> answers{chords, roots, low};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    answers[i].back() = none_bias[i] + dot(none[i], around);
    softmax(answers[i]);
  }
}

HarmonyNetwork::HarmonyNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
HarmonyNetwork::~HarmonyNetwork() = default;

std::shared_ptr<const HarmonyNetwork> HarmonyNetwork::load(const std::filesystem::path& file) {
  const auto parts = read_network_parts(file, harmony_network_parts(), "harmony network");
  return std::shared_ptr<const HarmonyNetwork>(new HarmonyNetwork(std::make_unique<const Weights>(parts)));
}

HeardHarmony HarmonyNetwork::run(Span2D<const std::uint8_t> levels, ThreadPool& pool) const {
  const Weights& w = *weights_;
  const auto [pitches, chroma] = w.hear(levels, pool);
  HeardHarmony heard{Matrix<float>(levels.rows(), kChordClasses), Matrix<float>(levels.rows(), kChordBassClasses),
                     Matrix<float>(levels.rows(), kBassClasses)};
  parallel_for(pool, levels.rows(), kFramesPerJob, [&](std::size_t first, std::size_t last) {
    Scratch scratch;
    for (std::size_t k = first; k < last; ++k) w.answer(pitches, chroma, k, scratch, heard);
  });
  return heard;
}

}  // namespace pop2piano
