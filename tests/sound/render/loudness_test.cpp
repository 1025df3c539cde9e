// SPDX-License-Identifier: MIT
#include "sound/render/loudness.h"

#include <pop2piano/error.h>

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

std::vector<float> tone(double hertz, double amplitude, double seconds, int rate) {
  std::vector<float> out;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
    out.push_back(static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * hertz * i / rate)));
  }
  return out;
}

double loudness_of(std::span<const float> samples, int rate) {
  LoudnessMeter meter(rate);
  meter.push(samples);
  return meter.integrated();
}

TEST(Loudness, SilenceHasNone) {
  EXPECT_TRUE(std::isinf(loudness_of(std::vector<float>(48000, 0.0F), 48000)));
  EXPECT_TRUE(std::isinf(loudness_of({}, 48000)));
  EXPECT_TRUE(std::isinf(loudness_of(tone(997.0, 1.0, 0.3, 48000), 48000)));  // shorter than a block
}

TEST(Loudness, SineOfFullScaleReadsAsTheStandardSays) {
  for (const int rate : {22050, 44100, 48000, 96000}) {
    EXPECT_NEAR(loudness_of(tone(997.0, 1.0, 5.0, rate), rate), -3.01, 0.05) << rate;
    EXPECT_NEAR(loudness_of(tone(997.0, 0.1, 5.0, rate), rate), -23.01, 0.05) << rate;
  }
}

TEST(Loudness, PausesAreGatedOut) {
  auto samples = tone(997.0, 0.1, 10.0, 48000);
  const double steady = loudness_of(samples, 48000);
  samples.resize(samples.size() + 480000, 0.0F);
  const auto murmur = tone(997.0, 0.1 * 0.05, 10.0, 48000);
  samples.insert(samples.end(), murmur.begin(), murmur.end());
  EXPECT_NEAR(loudness_of(samples, 48000), steady, 0.1);
}

// 4 s each at 0, -20 and -60 dB of three tones; FFmpeg 5.1's ebur128 filter says -14.6 LUFS for it at 44.1 and 48 kHz.
TEST(Loudness, AgreesWithFFmpeg) {
  for (const int rate : {44100, 48000}) {
    std::vector<float> samples;
    const auto low = tone(60.0, 0.5, 12.0, rate), middle = tone(1000.0, 0.3, 12.0, rate),
               high = tone(6000.0, 0.2, 12.0, rate);
    for (std::size_t i = 0; i < low.size(); ++i) {
      const double t = static_cast<double>(i) / rate;
      samples.push_back((low[i] + middle[i] + high[i]) * (t < 4.0 ? 0.5F : t < 8.0 ? 0.05F : 0.0005F));
    }
    EXPECT_NEAR(loudness_of(samples, rate), -14.6, 0.06) << rate;
  }
}

TEST(Loudness, RefusesOddRates) {
  EXPECT_THROW(LoudnessMeter(0), Error);
  EXPECT_THROW(LoudnessMeter(1000000), Error);
}

}  // namespace
}  // namespace pop2piano
