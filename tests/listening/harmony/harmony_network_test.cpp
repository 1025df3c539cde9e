// SPDX-License-Identifier: MIT
// The harmony network against its definition, loop by loop, and what holds of every set of weights.
#include "listening/harmony/harmony_network.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "network_weights.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::NetworkWeights;
using Places = std::vector<std::vector<std::vector<double>>>;  // [frames][pitches or classes][channels]

Matrix<std::uint8_t> random_levels(std::size_t frames, std::uint64_t seed) {
  Random random(seed);
  Matrix<std::uint8_t> levels(frames, kHarmonyBands);
  for (std::uint8_t& level : levels.flat()) level = static_cast<std::uint8_t>(60 + random.index(120));
  return levels;
}

struct Reading {
  int frames, places;  // relative to the place that is computed
};

// relu of a convolution; `round`: the places are a circle.
Places convolved(const Places& x, const NetworkWeights& w, const std::string& name, std::size_t outputs,
                 const std::vector<Reading>& taps, bool round) {
  const auto frames = static_cast<int>(x.size()), places = static_cast<int>(x[0].size());
  const std::size_t inputs = x[0][0].size();
  const auto& weight = w.at(name + ".weight");
  Places y(x.size(), std::vector<std::vector<double>>(x[0].size(), std::vector<double>(outputs)));
  for (int k = 0; k < frames; ++k) {
    for (int p = 0; p < places; ++p) {
      for (std::size_t o = 0; o < outputs; ++o) {
        double sum = w.contains(name + ".bias") ? static_cast<double>(w.at(name + ".bias")[o]) : 0.0;
        if (name == "in") {
          const std::size_t phase = static_cast<std::size_t>(k) % kHarmonyFramesPerBeat;
          sum += static_cast<double>(w.at("in.phase")[phase * outputs + o]);
        }
        for (std::size_t t = 0; t < taps.size(); ++t) {
          const int frame = k + taps[t].frames;
          const int place = round ? (p + taps[t].places) % places : p + taps[t].places;
          if (frame < 0 || frame >= frames || place < 0 || place >= places) continue;
          const auto& from = x[static_cast<std::size_t>(frame)][static_cast<std::size_t>(place)];
          for (std::size_t i = 0; i < inputs; ++i)
            sum += static_cast<double>(weight[(o * inputs + i) * taps.size() + t]) * from[i];
        }
        y[static_cast<std::size_t>(k)][static_cast<std::size_t>(p)][o] = std::max(0.0, sum);
      }
    }
  }
  return y;
}

Places sum_of(Places a, const Places& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    for (std::size_t p = 0; p < a[k].size(); ++p) {
      for (std::size_t c = 0; c < a[k][p].size(); ++c) a[k][p][c] += b[k][p][c];
    }
  }
  return a;
}

std::vector<Reading> square() {
  std::vector<Reading> taps;
  for (int t = -1; t <= 1; ++t) {
    for (int p = -1; p <= 1; ++p) taps.push_back({t, p});
  }
  return taps;
}

Places inputs_of(const Matrix<std::uint8_t>& levels) {
  const auto mean = harmony_mean(levels.view());
  Places x(levels.rows());
  std::vector<float> frame(kHarmonyBands), inputs(kHarmonyPitches * kHarmonyInputs);
  for (std::size_t k = 0; k < levels.rows(); ++k) {
    relative_levels(levels.row(k), mean, frame);
    read_harmony_inputs(frame, inputs);
    for (std::size_t p = 0; p < kHarmonyPitches; ++p) {
      x[k].emplace_back(inputs.begin() + static_cast<std::ptrdiff_t>(p * kHarmonyInputs),
                        inputs.begin() + static_cast<std::ptrdiff_t>((p + 1) * kHarmonyInputs));
    }
  }
  return x;
}

Places folded(const Places& x) {
  Places y(x.size(), std::vector<std::vector<double>>(12, std::vector<double>(kFolded)));
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t p = 0; p < 12; ++p) {
      for (std::size_t r = 0; r < kChromaRegisters; ++r) {
        for (std::size_t c = 0; c < kHarmonyWidth; ++c) {
          const double low = x[k][24 * r + p][c], high = x[k][24 * r + 12 + p][c];
          y[k][p][r * kHarmonyWidth + c] = 0.5 * (low + high);
          y[k][p][(kChromaRegisters + r) * kHarmonyWidth + c] = std::max(low, high);
        }
      }
    }
  }
  return y;
}

struct Torso {
  Places pitches, chroma;
};

Torso torso_of(const Matrix<std::uint8_t>& levels, const NetworkWeights& w) {
  Places x = convolved(inputs_of(levels), w, "in", kHarmonyWidth, square(), false);
  std::vector<Reading> partials, circle;
  for (const int offset : kHarmonicOffsets) partials.push_back({0, offset});
  for (int offset = 0; offset < 12; ++offset) circle.push_back({0, offset});
  x = sum_of(x, convolved(x, w, "partials", kHarmonyWidth, partials, false));
  x = sum_of(x, convolved(x, w, "near", kHarmonyWidth, square(), false));
  Places chroma = convolved(folded(x), w, "fold", kChromaWidth, {{0, 0}}, true);
  for (int i = 0; i < 4; ++i) {
    const std::string number = std::to_string(i);
    chroma = sum_of(chroma, convolved(chroma, w, "circle" + number, kChromaWidth, circle, true));
    if (i == 3) break;
    std::vector<Reading> times;
    for (int t = -2; t <= 2; ++t) times.push_back({t * static_cast<int>(kChromaSteps[static_cast<std::size_t>(i)]), 0});
    chroma = sum_of(chroma, convolved(chroma, w, "time" + number, kChromaWidth, times, true));
  }
  return {x, chroma};
}

double product(const std::vector<float>& weights, std::size_t row, const std::vector<double>& values) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += static_cast<double>(weights[row * values.size() + i]) * values[i];
  return sum;
}

// Chances of `logits` and none at frame k.
std::vector<double> answered(std::vector<double> logits, const Torso& torso, std::size_t k, const NetworkWeights& w,
                             const std::string& none) {
  std::vector<double> around(2 * kChromaWidth, 0.0);
  for (std::size_t c = 0; c < kChromaWidth; ++c) {
    around[kChromaWidth + c] = torso.chroma[k][0][c];
    for (const auto& place : torso.chroma[k]) {
      around[c] += place[c] / 12.0;
      around[kChromaWidth + c] = std::max(around[kChromaWidth + c], place[c]);
    }
  }
  logits.push_back(product(w.at(none + ".weight"), 0, around) + static_cast<double>(w.at(none + ".bias")[0]));
  double sum = 0.0;
  for (double& logit : logits) sum += logit = std::exp(logit);
  for (double& logit : logits) logit /= sum;
  return logits;
}

TEST(HarmonyNetwork, ComputesItsDefinition) {
  const testing::NetworkWeights w = testing::random_weights(harmony_network_parts(), 5);
  const testing::ScratchFolder folder;
  testing::write_weights(harmony_network_parts(), w, folder / "harmony.safetensors");
  const auto levels = random_levels(9, 1);
  ThreadPool pool(2);
  const HeardHarmony heard = HarmonyNetwork::load(folder / "harmony.safetensors")->run(levels.view(), pool);
  const Torso torso = torso_of(levels, w);
  for (std::size_t k = 0; k < levels.rows(); ++k) {
    std::vector<double> chord(kNoChord), roots(12), bass(kBassPitches);
    for (std::size_t p = 0; p < 12; ++p) {
      for (std::size_t kind = 0; kind < kChordKinds.size(); ++kind)
        chord[kind * 12 + p] = product(w.at("chord.weight"), kind, torso.chroma[k][p]) + w.at("chord.bias")[kind];
      roots[p] = product(w.at("chord_bass.weight"), 0, torso.chroma[k][p]) + w.at("chord_bass.bias")[0];
    }
    for (std::size_t p = 0; p < kBassPitches; ++p) {
      std::vector<double> both = torso.pitches[k][p], hidden(kBassHidden);
      both.insert(both.end(), torso.chroma[k][p % 12].begin(), torso.chroma[k][p % 12].end());
      for (std::size_t h = 0; h < kBassHidden; ++h)
        hidden[h] = std::max(0.0, product(w.at("bass_in.weight"), h, both) + w.at("bass_in.bias")[h]);
      bass[p] = product(w.at("bass.weight"), 0, hidden) + w.at("bass.bias")[0];
    }
    const auto expect = [&](const std::vector<double>& expected, std::span<const float> found) {
      ASSERT_EQ(expected.size(), found.size());
      for (std::size_t c = 0; c < expected.size(); ++c) ASSERT_NEAR(found[c], expected[c], 1e-4) << k << ", " << c;
    };
    expect(answered(chord, torso, k, w, "no_chord"), heard.chords.row(k));
    expect(answered(roots, torso, k, w, "no_chord_bass"), heard.chord_bass.row(k));
    expect(answered(bass, torso, k, w, "no_bass"), heard.bass.row(k));
  }
}

TEST(HarmonyNetwork, DoesNotDependOnThreads) {
  const testing::ScratchFolder folder;
  testing::write_weights(harmony_network_parts(), testing::random_weights(harmony_network_parts(), 6),
                         folder / "harmony.safetensors");
  const auto network = HarmonyNetwork::load(folder / "harmony.safetensors");
  const auto levels = random_levels(200, 2);
  ThreadPool one(1), three(3);
  const HeardHarmony a = network->run(levels.view(), one), b = network->run(levels.view(), three);
  EXPECT_TRUE(std::ranges::equal(a.chords.flat(), b.chords.flat()));
  EXPECT_TRUE(std::ranges::equal(a.chord_bass.flat(), b.chord_bass.flat()));
  EXPECT_TRUE(std::ranges::equal(a.bass.flat(), b.bass.flat()));
}

TEST(HarmonyNetwork, NothingAtAllIsHeardAsNothing) {
  const testing::ScratchFolder folder;
  testing::write_weights(harmony_network_parts(), testing::random_weights(harmony_network_parts(), 7),
                         folder / "harmony.safetensors");
  ThreadPool pool(1);
  const auto network = HarmonyNetwork::load(folder / "harmony.safetensors");
  EXPECT_EQ(network->run(Matrix<std::uint8_t>(0, kHarmonyBands).view(), pool).chords.rows(), 0U);
  const HeardHarmony silence = network->run(Matrix<std::uint8_t>(3, kHarmonyBands).view(), pool);
  for (const float chance : silence.chords.flat()) EXPECT_TRUE(std::isfinite(chance));
}

TEST(HarmonyNetwork, RefusesAnotherNetworksWeights) {
  const testing::ScratchFolder folder;
  testing::NetworkWeights w = testing::random_weights(harmony_network_parts(), 8);
  std::vector<NetworkPart> parts = harmony_network_parts();
  parts.pop_back();
  testing::write_weights(parts, w, folder / "short.safetensors");
  EXPECT_THROW((void)HarmonyNetwork::load(folder / "short.safetensors"), Error);
  EXPECT_THROW((void)HarmonyNetwork::load(folder / "none.safetensors"), Error);
}

}  // namespace
}  // namespace pop2piano
