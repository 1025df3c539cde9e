// SPDX-License-Identifier: MIT
#include "listening/melody/melody_network.h"

#include <pop2piano/error.h>
#include <pop2piano/model.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "network_weights.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"
#include "numbers/weights/safetensors.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::NetworkWeights;
using testing::random_weights;
using testing::write_weights;

constexpr std::size_t kPitches = kMelodyPitches, kWidth = 48, kBands = 512;

struct Heard {
  Matrix<float> bands, melody;
};
Heard random_sound(std::size_t steps) {
  Random random(3);
  Heard heard{Matrix<float>(steps, kBands), Matrix<float>(steps, kMelodyChannels)};
  for (float& value : heard.bands.flat()) value = static_cast<float>(0.3 * random.normal());
  for (float& value : heard.melody.flat()) value = random.chance(0.05) ? static_cast<float>(random.uniform()) : 0.0F;
  return heard;
}

// Whether convolutions read bfloat16.
bool rounded() { return kernels::kernel_table().isa == kernels::Isa::amx; }

float read_by_kernels(float value) { return rounded() ? kernels::from_bf16(kernels::to_bf16(value)) : value; }

// The definition, loop by loop: planes [steps][pitches][channels].
using Planes = std::vector<std::vector<std::vector<float>>>;

Planes read_by_kernels(Planes x) {
  for (auto& places : x) {
    for (auto& place : places) std::ranges::transform(place, place.begin(), [](float v) { return read_by_kernels(v); });
  }
  return x;
}

Planes first_layer(const Heard& heard, const NetworkWeights& w) {
  Planes x(heard.bands.rows(), std::vector<std::vector<float>>(kPitches, std::vector<float>(kWidth)));
  std::vector<float> inputs(kPitches * kMelodyInputs);
  for (std::size_t t = 0; t < x.size(); ++t) {
    read_melody_inputs(heard.bands.row(t), heard.melody.row(t), inputs);
    for (std::size_t p = 0; p < kPitches; ++p) {
      for (std::size_t o = 0; o < kWidth; ++o) {
        float sum = w.at("in.phase")[t % kMelodyStepsPerBeat * kWidth + o];
        for (std::size_t i = 0; i < kMelodyInputs; ++i)
          sum += w.at("in.weight")[o * kMelodyInputs + i] * inputs[p * kMelodyInputs + i];
        x[t][p][o] = std::max(0.0F, sum);
      }
    }
  }
  return x;
}

// Weights [out, in, taps] as [taps, in, out].
std::vector<float> by_tap(const std::vector<float>& weights) {
  const std::size_t taps = weights.size() / (kWidth * kWidth);
  std::vector<float> out(weights.size());
  for (std::size_t o = 0; o < kWidth; ++o) {
    for (std::size_t i = 0; i < kWidth; ++i) {
      for (std::size_t tap = 0; tap < taps; ++tap)
        out[(tap * kWidth + i) * kWidth + o] = weights[(o * kWidth + i) * taps + tap];
    }
  }
  return out;
}

// Taps `steps` and `semitones` apart, an odd number of each.
struct Taps {
  int in_time, steps, in_pitch, semitones;
};

Planes with_branch(const Planes& x, const NetworkWeights& w, const std::string& name, Taps taps) {
  Planes y = x;
  const Planes read = read_by_kernels(x);
  const auto weights = by_tap(w.at(name + ".weight"));
  for (int t = 0; t < static_cast<int>(x.size()); ++t) {
    for (int p = 0; p < static_cast<int>(kPitches); ++p) {
      std::vector<float> sums = w.at(name + ".bias");
      const float* row = weights.data();
      for (int tap = 0; tap < taps.in_time * taps.in_pitch; ++tap, row += kWidth * kWidth) {
        const int at = t + (tap / taps.in_pitch - taps.in_time / 2) * taps.steps;
        const int pitch = p + (tap % taps.in_pitch - taps.in_pitch / 2) * taps.semitones;
        if (at < 0 || at >= static_cast<int>(x.size()) || pitch < 0 || pitch >= static_cast<int>(kPitches)) continue;
        const auto& from = read[static_cast<std::size_t>(at)][static_cast<std::size_t>(pitch)];
        for (std::size_t i = 0; i < kWidth; ++i) {
          if (from[i] == 0.0F) continue;
          for (std::size_t o = 0; o < kWidth; ++o) sums[o] += row[i * kWidth + o] * from[i];
        }
      }
      auto& place = y[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)];
      for (std::size_t o = 0; o < kWidth; ++o) place[o] += std::max(0.0F, sums[o]);
    }
  }
  return y;
}

std::vector<float> pooled(const std::vector<std::vector<float>>& places) {
  std::vector<float> out(2 * kWidth, 0.0F);
  for (std::size_t c = 0; c < kWidth; ++c) {
    out[kWidth + c] = places[0][c];
    for (const auto& place : places) {
      out[c] += place[c] / static_cast<float>(kPitches);
      out[kWidth + c] = std::max(out[kWidth + c], place[c]);
    }
  }
  return out;
}

Planes with_around(Planes x, const NetworkWeights& w, const std::string& name) {
  for (auto& places : x) {
    const auto around = pooled(places);
    for (auto& place : places) {
      for (std::size_t o = 0; o < kWidth; ++o) {
        for (std::size_t i = 0; i < around.size(); ++i)
          place[o] += w.at(name + ".weight")[o * around.size() + i] * around[i];
      }
    }
  }
  return x;
}

Matrix<float> by_definition(const Heard& heard, const NetworkWeights& w) {
  Planes x = first_layer(heard, w);
  for (const std::string number : {"", "2"}) {
    x = with_around(with_branch(x, w, "near" + number, {5, 1, 3, 1}), w, "around" + number);
    x = with_branch(x, w, "octaves" + number, {1, 1, 3, 12});
    x = with_branch(with_branch(x, w, "mid" + number, {5, 3, 1, 1}), w, "far" + number, {5, 12, 1, 1});
  }
  x = with_branch(x, w, "last", {5, 1, 3, 1});
  Matrix<float> out(x.size(), kMelodyChannels);
  for (std::size_t t = 0; t < x.size(); ++t) {
    const auto around = pooled(x[t]);
    for (const auto& [name, first] : {std::pair<std::string, std::size_t>{"begins", 0}, {"sounds", kPitches}}) {
      double none = w.at(name + ".bias")[0], sum = 0.0;
      for (std::size_t i = 0; i < around.size(); ++i) none += static_cast<double>(w.at(name + ".none")[i]) * around[i];
      std::vector<double> logits(kPitches);
      for (std::size_t p = 0; p < kPitches; ++p) {
        for (std::size_t i = 0; i < kWidth; ++i)
          logits[p] += static_cast<double>(w.at(name + ".pitch")[i]) * x[t][p][i];
      }
      const double most = std::max(none, *std::ranges::max_element(logits));
      for (const double logit : logits) sum += std::exp(logit - most);
      sum += std::exp(none - most);
      for (std::size_t p = 0; p < kPitches; ++p)
        out(t, first + p) = static_cast<float>(std::exp(logits[p] - most) / sum);
    }
  }
  return out;
}

// The song's last steps, which the engine does not work on together with the ones before: it takes 256 at a time.
TEST(MelodyNetwork, ComputesItsDefinition) {
  constexpr std::size_t kSteps = 264, kFirst = 144;
  const testing::ScratchFolder folder;
  NetworkWeights weights = random_weights(melody_network_parts(), 5);
  for (auto& [name, values] : weights) {
    for (float& value : values) value = kernels::from_bf16(kernels::to_bf16(value));  // as weights files hold them
  }
  write_weights(melody_network_parts(), weights, folder / "melody.safetensors");
  const Heard heard = random_sound(kSteps);
  Heard end{Matrix<float>(kSteps - kFirst, kBands), Matrix<float>(kSteps - kFirst, kMelodyChannels)};
  for (std::size_t t = kFirst; t < kSteps; ++t) {
    std::ranges::copy(heard.bands.row(t), end.bands.row(t - kFirst).begin());
    std::ranges::copy(heard.melody.row(t), end.melody.row(t - kFirst).begin());
  }
  ThreadPool pool(1);
  const auto found =
      MelodyNetwork::load(folder / "melody.safetensors")->run(heard.bands.view(), heard.melody.view(), pool);
  const Matrix<float> expected = by_definition(end, weights);
  ASSERT_EQ(found.rows(), kSteps);
  // Sums in another order round to a neighbour now and then, and these random weights make much of it.
  const double tolerance = rounded() ? 5e-2 : 1e-4;
  for (std::size_t t = kFirst + kMelodyReach; t < kSteps; ++t) {
    for (std::size_t c = 0; c < kMelodyChannels; ++c)
      ASSERT_NEAR(found(t, c), expected(t - kFirst, c), tolerance) << t << ", " << c;
  }
}

TEST(MelodyNetwork, ThreadsDoNotMatter) {
  const testing::ScratchFolder folder;
  write_weights(melody_network_parts(), random_weights(melody_network_parts(), 6), folder / "melody.safetensors");
  const Heard heard = random_sound(700);
  const auto network = MelodyNetwork::load(folder / "melody.safetensors");
  ThreadPool one(1), three(3);
  const auto a = network->run(heard.bands.view(), heard.melody.view(), one);
  const auto b = network->run(heard.bands.view(), heard.melody.view(), three);
  EXPECT_TRUE(std::ranges::equal(a.flat(), b.flat()));
}

TEST(MelodyNetwork, TakesNoStepsAndFew) {
  const testing::ScratchFolder folder;
  write_weights(melody_network_parts(), random_weights(melody_network_parts(), 7), folder / "melody.safetensors");
  const auto network = MelodyNetwork::load(folder / "melody.safetensors");
  ThreadPool pool(2);
  EXPECT_EQ(network->run({}, {}, pool).rows(), 0U);
  const Heard heard = random_sound(1);
  const auto found = network->run(heard.bands.view(), heard.melody.view(), pool);
  ASSERT_EQ(found.rows(), 1U);
  for (const float chance : found.flat()) EXPECT_TRUE(chance >= 0.0F && chance <= 1.0F) << chance;
}

TEST(MelodyNetwork, ReadsTheLevelAtPartials) {
  const FeatureSettings features;
  const auto mel = [](double f) { return 2595.0 * std::log10(1.0 + f / 700.0); };
  const double low = mel(features.f_min), width = (mel(features.f_max) - low) / (features.n_mels + 1);
  std::vector<float> bands(kBands, 0.0F), melody(kMelodyChannels, 0.0F), inputs(kPitches * kMelodyInputs);
  bands[static_cast<std::size_t>(std::lround((mel(880.0) - low) / width - 1.0))] = 1.0F;  // A5
  melody[81 - kLowestMelodyPitch] = 0.5F;                                                 // its salience
  read_melody_inputs(bands, melody, inputs);
  const auto at = [&](int pitch, std::size_t input) {
    return inputs[static_cast<std::size_t>(pitch - kLowestMelodyPitch) * kMelodyInputs + input];
  };
  EXPECT_GT(at(81, 0), 0.4F) << "its fundamental";
  EXPECT_GT(at(69, 1), 0.4F) << "second partial of the octave below";
  EXPECT_EQ(at(78, 0), 0.0F);
  EXPECT_EQ(at(81, 13), 0.5F) << "salience";
  EXPECT_EQ(at(93, 15), 0.5F) << "salience an octave below";
  EXPECT_EQ(at(69, 17), 0.5F) << "salience an octave above";
}

TEST(MelodyNetwork, RefusesOtherFiles) {
  const testing::ScratchFolder folder;
  EXPECT_THROW(MelodyNetwork::load(folder / "missing.safetensors"), Error);
  write_safetensors(folder / "other.safetensors", {}, {});
  try {
    MelodyNetwork::load(folder / "other.safetensors");
    FAIL() << "an empty file was taken for a network";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("in.weight"), std::string::npos) << error.what();
  }
}

TEST(MelodyNetwork, KnowsItsFeatures) {
  FeatureSettings features;
  EXPECT_TRUE(melody_network_reads(features));
  features.n_mels = 256;
  EXPECT_FALSE(melody_network_reads(features));
}

}  // namespace
}  // namespace pop2piano
