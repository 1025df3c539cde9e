// SPDX-License-Identifier: MIT
#include "listening/harmony/harmony_network.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "base/core/installed_file.h"
#include "numbers/nets/activation.h"
#include "numbers/nets/convolution.h"
#include "numbers/nets/planes.h"

namespace pop2piano {
namespace {

using nets::Convolution;
using nets::ConvolutionShape;
using nets::Planes;
using nets::relu;

constexpr std::size_t kPitches = kHarmonyPitches;
constexpr std::size_t kClasses = 12;
constexpr std::size_t kKinds = kChordKinds.size();
constexpr std::size_t kFramesPerJob = 64;
constexpr std::size_t kReach = kTimeTaps / 2 * kChromaSteps.back();  // frames that one layer reads to either side

ConvolutionShape square(std::size_t channels) {
  return {.outputs = kHarmonyWidth, .channels = channels, .taps = nets::taps_in_time(3, 1, -1), .span = 3};
}
ConvolutionShape on_circle() { return {.outputs = kChromaWidth, .channels = kChromaWidth, .span = kClasses}; }
ConvolutionShape in_time(std::size_t apart) {
  return {.outputs = kChromaWidth, .channels = kChromaWidth, .taps = nets::taps_in_time(kTimeTaps, apart)};
}
ConvolutionShape plain(std::size_t outputs, std::size_t channels) { return {.outputs = outputs, .channels = channels}; }

// Semitones, a row of zeros below and above them.
Planes pitch_planes(std::size_t frames, std::size_t channels) {
  return Planes({.steps = frames, .rows = kPitches, .channels = channels, .margin = 1, .below = 1, .above = 1});
}

// Pitch classes; above them those that come next on the circle.
Planes chroma_planes(std::size_t frames) {
  return Planes({.steps = frames, .rows = kClasses, .channels = kChromaWidth, .margin = kReach, .above = kClasses - 1});
}

// Calls work(frame) for each frame, in jobs.
template <typename Work>
void each_frame(ThreadPool& pool, const Planes& planes, Work&& work) {
  parallel_for(pool, planes.shape().steps, kFramesPerJob, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) work(static_cast<std::ptrdiff_t>(k));
  });
}

// x + relu(convolution of x), for semitones.
void add_branch(const Convolution& branch, Planes& x, ThreadPool& pool) {
  Planes next(x.shape());
  each_frame(pool, x, [&](std::ptrdiff_t k) { branch.add(x, k, k + 1, next, relu); });
  x.exchange(next);
}

// The same for pitch classes.
void add_on_circle(const Convolution& branch, Planes& x, ThreadPool& pool) {
  Planes next(x.shape());
  each_frame(pool, x, [&](std::ptrdiff_t k) {
    branch.add(x, k, k + 1, next, relu);
    next.close_circle(k);
  });
  x.exchange(next);
}

// Mean and largest of each channel over the octaves of each register, for each pitch class.
Planes folded(const Planes& x, ThreadPool& pool) {
  constexpr std::size_t kOctaves = kPitches / kClasses / kChromaRegisters;
  Planes out({.steps = x.shape().steps, .rows = kClasses, .channels = kFolded});
  each_frame(pool, x, [&](std::ptrdiff_t k) {
    for (std::size_t place = 0; place < kClasses * kChromaRegisters; ++place) {
      const std::size_t p = place % kClasses, r = place / kClasses;
      float* mean = out.at(k, static_cast<std::ptrdiff_t>(p)) + r * kHarmonyWidth;
      float* most = mean + kChromaRegisters * kHarmonyWidth;
      for (std::size_t octave = 0; octave < kOctaves; ++octave) {
        const float* from = x.at(k, static_cast<std::ptrdiff_t>((r * kOctaves + octave) * kClasses + p));
        for (std::size_t c = 0; c < kHarmonyWidth; ++c) {
          mean[c] = (octave == 0 ? 0.0F : mean[c]) + from[c] / static_cast<float>(kOctaves);
          most[c] = octave == 0 ? from[c] : std::max(most[c], from[c]);
        }
      }
    }
  });
  return out;
}

// An answer's last class: what speaks for none.
struct None {
  std::vector<float> weights;  // [2 * kChromaWidth]
  float bias = 0.0F;

  None(const NetworkValues& values, const std::string& name)
      : weights(values.at(name + ".weight")), bias(values.at(name + ".bias")[0]) {}
  // Logits, the last still to be found -> chances.
  void complete(std::span<float> logits, std::span<const float> around) const {
    logits.back() = bias + nets::dot(weights, around);
    nets::softmax(logits, -std::numeric_limits<float>::infinity());
  }
};

Planes read_inputs(Span2D<const std::uint8_t> levels, ThreadPool& pool) {
  const std::vector<float> mean = harmony_mean(levels);
  Planes inputs = pitch_planes(levels.rows(), kHarmonyInputs);
  each_frame(pool, inputs, [&](std::ptrdiff_t k) {
    std::array<float, kHarmonyBands> frame;
    relative_levels(levels.row(static_cast<std::size_t>(k)), mean, frame);
    read_harmony_inputs(frame, {inputs.at(k), kPitches * kHarmonyInputs});
  });
  return inputs;
}

}  // namespace

const std::vector<NetworkPart>& harmony_network_parts() {
  static const std::vector<NetworkPart> parts = [] {
    std::vector<NetworkPart> list;
    const auto add = [&](const std::string& name, std::initializer_list<std::size_t> shape) {
      list.push_back(network_part(name + ".weight", shape));
      list.push_back(network_part(name + ".bias", {*shape.begin()}));
    };
    list.push_back(network_part("in.weight", {kHarmonyWidth, kHarmonyInputs, 3, 3}));
    list.push_back(network_part("in.phase", {kHarmonyFramesPerBeat, kHarmonyWidth}));
    add("partials", {kHarmonyWidth, kHarmonyWidth, 1, kHarmonicOffsets.size()});
    add("near", {kHarmonyWidth, kHarmonyWidth, 3, 3});
    add("fold", {kChromaWidth, kFolded, 1, 1});
    for (std::size_t i = 0; i <= kChromaSteps.size(); ++i) {
      add("circle" + std::to_string(i), {kChromaWidth, kChromaWidth, 1, kClasses});
      if (i < kChromaSteps.size()) add("time" + std::to_string(i), {kChromaWidth, kChromaWidth, kTimeTaps, 1});
    }
    add("chord", {kKinds, kChromaWidth, 1, 1});
    add("chord_bass", {1, kChromaWidth, 1, 1});
    add("bass_in", {kBassHidden, kHarmonyWidth + kChromaWidth, 1, 1});
    add("bass", {1, kBassHidden, 1, 1});
    for (const char* name : {"no_chord", "no_chord_bass", "no_bass"}) add(name, {1, 2 * kChromaWidth});
    return list;
  }();
  return parts;
}

struct HarmonyNetwork::Weights {
  Convolution in, partials, near, fold;
  std::vector<float> phase;  // [kHarmonyFramesPerBeat, kHarmonyWidth]
  std::vector<Convolution> circles, times;
  Convolution chord, chord_bass, bass_in;
  std::vector<float> bass;  // [kBassHidden]
  float bass_bias = 0.0F;
  None no_chord, no_chord_bass, no_bass;

  explicit Weights(const NetworkValues& values);
  [[nodiscard]] Planes hear_pitches(Span2D<const std::uint8_t> levels, ThreadPool& pool) const;
  [[nodiscard]] Planes hear_chroma(const Planes& pitches, ThreadPool& pool) const;
  void answer(const Planes& pitches, const Planes& chroma, std::size_t frame, HeardHarmony& heard) const;
  void answer_bass(const Planes& pitches, const Planes& chroma, std::size_t frame, std::span<float> logits) const;
};

HarmonyNetwork::Weights::Weights(const NetworkValues& values)
    : in(values, "in", square(kHarmonyInputs)),
      partials(values, "partials",
               {.outputs = kHarmonyWidth, .channels = kHarmonyWidth, .taps = nets::taps_across(kHarmonicOffsets)}),
      near(values, "near", square(kHarmonyWidth)),
      fold(values, "fold", plain(kChromaWidth, kFolded)),
      phase(values.at("in.phase")),
      chord(values, "chord", plain(kKinds, kChromaWidth)),
      chord_bass(values, "chord_bass", plain(1, kChromaWidth)),
      bass_in(values, "bass_in", plain(kBassHidden, kHarmonyWidth + kChromaWidth)),
      bass(values.at("bass.weight")),
      bass_bias(values.at("bass.bias")[0]),
      no_chord(values, "no_chord"),
      no_chord_bass(values, "no_chord_bass"),
      no_bass(values, "no_bass") {
  for (std::size_t i = 0; i <= kChromaSteps.size(); ++i)
    circles.emplace_back(values, "circle" + std::to_string(i), on_circle());
  for (std::size_t i = 0; i < kChromaSteps.size(); ++i)
    times.emplace_back(values, "time" + std::to_string(i), in_time(kChromaSteps[i]));
}

Planes HarmonyNetwork::Weights::hear_pitches(Span2D<const std::uint8_t> levels, ThreadPool& pool) const {
  const Planes inputs = read_inputs(levels, pool);
  Planes x = pitch_planes(levels.rows(), kHarmonyWidth);
  each_frame(pool, x, [&](std::ptrdiff_t k) {
    const float* shift = &phase[static_cast<std::size_t>(k) % kHarmonyFramesPerBeat * kHarmonyWidth];
    in.run(inputs, k, k + 1, kPitches, x.at(k), nets::identity);
    for (std::size_t i = 0; i < kPitches * kHarmonyWidth; ++i) x.at(k)[i] = relu(x.at(k)[i] + shift[i % kHarmonyWidth]);
  });
  add_branch(partials, x, pool);
  add_branch(near, x, pool);
  return x;
}

Planes HarmonyNetwork::Weights::hear_chroma(const Planes& pitches, ThreadPool& pool) const {
  const Planes octaves = folded(pitches, pool);
  Planes x = chroma_planes(pitches.shape().steps);
  each_frame(pool, x, [&](std::ptrdiff_t k) {
    fold.run(octaves, k, k + 1, kClasses, x.at(k), relu);
    x.close_circle(k);
  });
  for (std::size_t i = 0; i < circles.size(); ++i) {
    add_on_circle(circles[i], x, pool);
    if (i < times.size()) add_on_circle(times[i], x, pool);
  }
  return x;
}

void HarmonyNetwork::Weights::answer_bass(const Planes& pitches, const Planes& chroma, std::size_t frame,
                                          std::span<float> logits) const {
  const auto k = static_cast<std::ptrdiff_t>(frame);
  Planes low({.steps = 1, .rows = kBassPitches, .channels = kHarmonyWidth + kChromaWidth});
  for (std::size_t p = 0; p < kBassPitches; ++p) {
    float* to = low.at(0, static_cast<std::ptrdiff_t>(p));
    std::copy_n(pitches.at(k, static_cast<std::ptrdiff_t>(p)), kHarmonyWidth, to);
    std::copy_n(chroma.at(k, static_cast<std::ptrdiff_t>(p % kClasses)), kChromaWidth, to + kHarmonyWidth);
  }
  std::array<float, kBassPitches * kBassHidden> hidden;
  bass_in.run(low, 0, 1, kBassPitches, hidden.data(), relu);
  for (std::size_t p = 0; p < kBassPitches; ++p)
    logits[p] = bass_bias + nets::dot(bass, std::span(hidden).subspan(p * kBassHidden, kBassHidden));
}

void HarmonyNetwork::Weights::answer(const Planes& pitches, const Planes& chroma, std::size_t frame,
                                     HeardHarmony& heard) const {
  const auto k = static_cast<std::ptrdiff_t>(frame);
  const auto chords = heard.chords.row(frame), basses = heard.chord_bass.row(frame), low = heard.bass.row(frame);
  std::array<float, kClasses * kKinds> kinds;
  chord.run(chroma, k, k + 1, kClasses, kinds.data(), nets::identity);
  for (std::size_t i = 0; i < kinds.size(); ++i) chords[i % kKinds * kClasses + i / kKinds] = kinds[i];
  chord_bass.run(chroma, k, k + 1, kClasses, basses.data(), nets::identity);
  answer_bass(pitches, chroma, frame, low);
  std::array<float, 2 * kChromaWidth> around;
  nets::pool_rows(chroma, k, around);
  no_chord.complete(chords, around);
  no_chord_bass.complete(basses, around);
  no_bass.complete(low, around);
}

HarmonyNetwork::HarmonyNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
HarmonyNetwork::~HarmonyNetwork() = default;

std::shared_ptr<const HarmonyNetwork> HarmonyNetwork::load(const std::filesystem::path& file) {
  const auto values = read_network_parts(file, harmony_network_parts(), "harmony network");
  return std::shared_ptr<const HarmonyNetwork>(new HarmonyNetwork(std::make_unique<const Weights>(values)));
}

HeardHarmony HarmonyNetwork::run(Span2D<const std::uint8_t> levels, ThreadPool& pool) const {
  HeardHarmony heard{Matrix<float>(levels.rows(), kChordClasses), Matrix<float>(levels.rows(), kChordBassClasses),
                     Matrix<float>(levels.rows(), kBassClasses)};
  if (levels.rows() == 0) return heard;
  const Planes pitches = weights_->hear_pitches(levels, pool), chroma = weights_->hear_chroma(pitches, pool);
  parallel_for(pool, levels.rows(), kFramesPerJob, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) weights_->answer(pitches, chroma, k, heard);
  });
  return heard;
}

std::shared_ptr<const HarmonyNetwork> installed_harmony_network() {
  const auto file = installed_file("harmony/harmony.safetensors", "POP2PIANO_HARMONY");
  return file.empty() ? nullptr : HarmonyNetwork::load(file);
}

}  // namespace pop2piano
