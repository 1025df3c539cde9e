// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_network.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "click_sound.h"
#include "network_weights.h"
#include "numbers/weights/safetensors.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::NetworkWeights;
using testing::random_weights;
using testing::write_weights;

BeatInput heard(const std::vector<float>& samples) {
  BeatListener listener;
  listener.push(samples);
  listener.finish();
  return listener.take();
}

float elu(float x) { return x > 0 ? x : std::expm1(x); }

// The definition, loop by loop: [channels][frames] rows.
using Rows = std::vector<std::vector<float>>;

Rows dilated(const Rows& x, const std::vector<float>& weights, const std::vector<float>& bias, std::ptrdiff_t taps,
             std::ptrdiff_t dilation) {
  const auto frames = static_cast<std::ptrdiff_t>(x[0].size());
  Rows y(bias.size(), std::vector<float>(x[0].size()));
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::ptrdiff_t t = 0; t < frames; ++t) {
      float sum = bias[o];
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::ptrdiff_t k = 0; k < taps; ++k) {
          const std::ptrdiff_t at = t + (k - taps / 2) * dilation;
          const std::size_t w = (o * x.size() + i) * static_cast<std::size_t>(taps) + static_cast<std::size_t>(k);
          if (at >= 0 && at < frames) sum += weights[w] * x[i][static_cast<std::size_t>(at)];
        }
      }
      y[o][static_cast<std::size_t>(t)] = sum;
    }
  }
  return y;
}

void activate(Rows& rows) {
  for (auto& row : rows) std::transform(row.begin(), row.end(), row.begin(), elu);
}

// [bands][frames] planes -> planes, stride 3 over bands; `time_step` input frames to an output frame.
std::vector<Rows> over_bands(const std::vector<Rows>& in, const std::vector<float>& weights,
                             const std::vector<float>& bias, std::size_t taps, std::size_t reach,
                             std::size_t time_step) {
  const std::size_t bands = (in[0].size() - reach) / 3 + 1, frames = (in[0][0].size() + time_step - 1) / time_step;
  std::vector<Rows> out(bias.size(), Rows(bands, std::vector<float>(frames)));
  for (std::size_t o = 0; o < out.size(); ++o) {
    for (std::size_t b = 0; b < bands; ++b) {
      for (std::size_t t = 0; t < frames; ++t) {
        float sum = bias[o];
        for (std::size_t i = 0; i < in.size(); ++i) {
          for (std::size_t k = 0; k < taps; ++k) {
            const std::size_t at = time_step * t + k;  // taps / 2 more than the frame
            if (at < taps / 2 || at - taps / 2 >= in[i][0].size()) continue;
            for (std::size_t r = 0; r < reach; ++r)
              sum += weights[((o * in.size() + i) * taps + k) * reach + r] * in[i][3 * b + r][at - taps / 2];
          }
        }
        out[o][b][t] = elu(sum);
      }
    }
  }
  return out;
}

Rows logits_by_definition(const BeatInput& input, const NetworkWeights& w) {
  const BandLevels levels = loud_levels(input.bands.view());
  std::vector<Rows> planes(1, Rows(kBeatBands, std::vector<float>(input.bands.rows())));
  for (std::size_t b = 0; b < kBeatBands; ++b) {
    for (std::size_t t = 0; t < input.bands.rows(); ++t)
      planes[0][b][t] = normalised_band(static_cast<float>(input.bands(t, b)) - levels[b]);
  }
  planes = over_bands(planes, w.at("front.0.weight"), w.at("front.0.bias"), 5, 5, 2);
  planes = over_bands(planes, w.at("front.1.weight"), w.at("front.1.bias"), 3, 3, 1);
  Rows x;
  for (const Rows& channel : planes) x.insert(x.end(), channel.begin(), channel.end());
  for (std::size_t c = 0; c < kHarmonyInputs; ++c) {
    x.emplace_back(x[0].size());
    for (std::size_t t = 0; t < x.back().size(); ++t) {
      const std::size_t below = t / 2, above = below + t % 2;
      if (above >= input.harmony.rows()) continue;
      x.back()[t] = 0.5f * static_cast<float>(input.harmony(below, c) + input.harmony(above, c)) / 255.0f;
    }
  }
  x = dilated(x, w.at("mix.weight"), w.at("mix.bias"), 1, 1);
  activate(x);
  Rows sum(x.size(), std::vector<float>(x[0].size(), 0.0f));
  for (std::size_t i = 0; i < kBeatBlocks; ++i) {
    const std::string name = "block." + std::to_string(i);
    const auto dilation = std::ptrdiff_t{1} << i;
    Rows y = dilated(x, w.at(name + ".near.weight"), w.at(name + ".near.bias"), 5, dilation);
    const Rows far = dilated(x, w.at(name + ".far.weight"), w.at(name + ".far.bias"), 5, 2 * dilation);
    y.insert(y.end(), far.begin(), far.end());
    activate(y);
    y = dilated(y, w.at(name + ".join.weight"), w.at(name + ".join.bias"), 1, 1);
    for (std::size_t c = 0; c < x.size(); ++c) {
      for (std::size_t t = 0; t < x[c].size(); ++t) {
        x[c][t] += y[c][t];
        sum[c][t] += y[c][t];
      }
    }
  }
  activate(sum);
  return dilated(sum, w.at("out.weight"), w.at("out.bias"), 1, 1);
}

TEST(BeatNetwork, ComputesItsDefinition) {
  const testing::ScratchFolder folder;
  const NetworkWeights weights = random_weights(beat_network_parts(), 5);
  write_weights(beat_network_parts(), weights, folder / "beats.safetensors");
  const BeatInput input = heard(drum_loop(even_beats(130, 0.3, 16), 0, 4).samples);
  ThreadPool pool(1);
  const BeatProbabilities found = BeatNetwork::load(folder / "beats.safetensors")->run(input, pool);
  const Rows logits = logits_by_definition(input, weights);
  ASSERT_EQ(found.beat.size(), logits[0].size());
  for (std::size_t t = 0; t < found.beat.size(); ++t) {
    const float beat = 1 / (1 + std::exp(-logits[0][t])), downbeat = 1 / (1 + std::exp(-logits[1][t]));
    ASSERT_NEAR(found.beat[t], beat, 2e-3) << t;
    ASSERT_NEAR(found.downbeat[t], std::min(beat, downbeat), 2e-3) << t;
  }
}

TEST(BeatNetwork, ThreadsDoNotMatter) {
  const testing::ScratchFolder folder;
  write_weights(beat_network_parts(), random_weights(beat_network_parts(), 6), folder / "beats.safetensors");
  const BeatInput input = heard(drum_loop(even_beats(120, 0.3, 40), 0, 4).samples);
  const auto network = BeatNetwork::load(folder / "beats.safetensors");
  ThreadPool one(1), three(3);
  const BeatProbabilities a = network->run(input, one), b = network->run(input, three);
  EXPECT_EQ(a.beat, b.beat);
  EXPECT_EQ(a.downbeat, b.downbeat);
}

TEST(BeatNetwork, RefusesOtherFiles) {
  const testing::ScratchFolder folder;
  EXPECT_THROW(BeatNetwork::load(folder / "missing.safetensors"), Error);
  write_safetensors(folder / "other.safetensors", {}, {});
  try {
    BeatNetwork::load(folder / "other.safetensors");
    FAIL() << "an empty file was taken for a network";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("front.0.bias"), std::string::npos) << error.what();
  }
}

TEST(BeatInput, IsTheSameForAQuietSong) {
  auto samples = drum_loop(even_beats(120, 0.3, 30), 0, 4).samples;
  const BeatInput loud = heard(samples);
  for (float& sample : samples) sample *= 0.5f;
  const BeatInput quiet = heard(samples);
  const BandLevels loud_level = loud_levels(loud.bands.view()), quiet_level = loud_levels(quiet.bands.view());
  double difference = 0;
  for (std::size_t t = 0; t < loud.bands.rows(); ++t) {
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      difference += std::abs(normalised_band(static_cast<float>(loud.bands(t, b)) - loud_level[b]) -
                             normalised_band(static_cast<float>(quiet.bands(t, b)) - quiet_level[b]));
    }
  }
  EXPECT_LT(difference / static_cast<double>(loud.bands.flat().size()), 0.03);
}

TEST(BeatInput, IsStillInSilenceAndKnowsASine) {
  const BeatInput silence = heard(std::vector<float>(22050, 0.0f));
  EXPECT_EQ(silence.bands.rows(), 101U);
  EXPECT_EQ(*std::max_element(silence.bands.flat().begin(), silence.bands.flat().end()), 0);
  std::vector<float> sine(22050);
  for (std::size_t i = 0; i < sine.size(); ++i)
    sine[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / kRate));
  const BeatInput tone = heard(sine);
  const auto row = tone.bands.row(50);
  const auto most = std::max_element(row.begin(), row.end());
  // Half the magnitude (-6 dB) in one bin, a third of that over the five bins of the band's triangle: -16 dB.
  EXPECT_NEAR(*most, 2 * (120 - 16), 8);
  EXPECT_NEAR(static_cast<double>(most - row.begin()), 27, 2);
}

}  // namespace
}  // namespace pop2piano
