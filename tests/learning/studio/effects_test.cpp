// SPDX-License-Identifier: MIT
#include "learning/studio/effects.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "learning/studio/mixdown.h"

namespace pop2piano {
namespace {

constexpr double kRate = 22050;

std::vector<float> sine(double hz, std::size_t samples, double amplitude = 0.5, double rate = kRate) {
  std::vector<float> x(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    x[i] = static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate));
  }
  return x;
}

double rms(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

TEST(Biquad, SoundIsFilteredByTheMagnitudeThatItStates) {
  for (const FilterDesign& design : {FilterDesign{.kind = FilterKind::low_pass, .frequency = 800},
                                     FilterDesign{.kind = FilterKind::high_pass, .frequency = 2000},
                                     FilterDesign{.kind = FilterKind::peak, .frequency = 1000, .gain_db = 6},
                                     FilterDesign{.kind = FilterKind::high_shelf, .frequency = 1000, .gain_db = -9}}) {
    for (const double hz : {200.0, 1000.0, 5000.0}) {
      auto x = sine(hz, 22050);
      Biquad filter(design, kRate);
      const double expected = filter.magnitude(hz, kRate);
      filter.apply(x);
      EXPECT_NEAR(rms(std::span(x).subspan(11025)), expected * 0.5 / std::numbers::sqrt2, 2e-3) << hz;
    }
  }
}

TEST(Rates, HalvingAndDoublingKeepLowSinesAndDropHighOnes) {
  const auto low = decimated_by_two(sine(1000, 44100, 0.5, 44100));
  EXPECT_NEAR(rms(std::span(low).subspan(100, 20000)), 0.5 / std::numbers::sqrt2, 2e-3);
  const auto high = decimated_by_two(sine(15000, 44100, 0.5, 44100));
  EXPECT_LT(rms(std::span(high).subspan(100, 20000)), 2e-3);
  const auto doubled = interpolated_by_two(sine(1000, 22050));
  const auto expected = sine(1000, 44100, 0.5, 44100);
  for (std::size_t i = 200; i + 200 < doubled.size(); ++i) ASSERT_NEAR(doubled[i], expected[i], 4e-3) << i;
}

TEST(Effects, SilenceStaysSilent) {
  std::vector<float> x(22050, 0.0F);
  apply_amplifier(x, kRate, {});
  apply_compressor(x, kRate, {});
  apply_echo(x, kRate, {});
  apply_chorus(x, kRate, 0.002, 0.5, 0.5, Random(1));
  apply_limiter(std::span(&x, 1), kRate, 12, 0.9);
  const auto room = reverberation(x, kRate, {});
  for (const float v : x) ASSERT_NEAR(v, 0.0F, 1e-9F);
  for (const float v : room) ASSERT_NEAR(v, 0.0F, 1e-9F);
  EXPECT_LT(active_rms(x, kRate), 1e-9);
}

TEST(Effects, CompressorEvensOutLevels) {
  auto x = sine(440, 44100, 0.8);
  for (std::size_t i = 0; i < 22050; ++i) x[i] *= 0.1F;
  apply_compressor(x, kRate, {.threshold_db = -30, .ratio = 4});
  const double quiet = rms(std::span(x).subspan(10000, 5000)), loud = rms(std::span(x).subspan(38000, 5000));
  EXPECT_LT(20 * std::log10(loud / quiet), 10.0);  // 20 dB before
  EXPECT_GT(20 * std::log10(loud / quiet), 2.0);
}

TEST(Effects, LimiterKeepsThePeakAndReachesTheCrest) {
  Random random(5);
  std::vector<float> x(66150);
  for (float& v : x) v = static_cast<float>(0.1 * random.normal() * (random.chance(0.001) ? 6 : 1));
  apply_limiter(std::span(&x, 1), kRate, 9.0, 0.8);
  float peak = 0;
  for (const float v : x) peak = std::max(peak, std::abs(v));
  EXPECT_LE(peak, 0.8F * 1.001F);
  // The gain reaches 9 dB; what the limiter takes away again raises it.
  EXPECT_NEAR(20 * std::log10(0.8 / rms(x)), 9.0, 4.0);
}

TEST(Effects, ReverberationDiesAwayInItsTime) {
  std::vector<float> x(44100, 0.0F);
  x[0] = 1;
  const auto room = reverberation(x, kRate, {.seconds = 1.0, .damping_hz = 20000, .predelay_s = 0});
  const double early = rms(std::span(room).subspan(2205, 2205)),
               late = rms(std::span(room).subspan(2205 + 11025, 2205));
  EXPECT_NEAR(20 * std::log10(early / late), 30.0, 8.0);  // half a second: 30 dB
}

// Amplitude of the sine at `hz`, over whole seconds.
double amplitude_at(std::span<const float> x, double hz) {
  double cosine = 0, sine = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / kRate;
    cosine += static_cast<double>(x[i]) * std::cos(phase);
    sine += static_cast<double>(x[i]) * std::sin(phase);
  }
  return 2 * std::hypot(cosine, sine) / static_cast<double>(x.size());
}

TEST(Effects, AmplifierAddsHarmonicsAndEvenOnesWithItsAsymmetry) {
  const auto amplified = [](double drive_db, double asymmetry) {
    auto x = sine(300, 3 * 22050);
    apply_amplifier(x, kRate, {.drive_db = drive_db, .asymmetry = asymmetry});
    return std::vector<float>(x.begin() + 22050, x.end());  // after the filters' onset
  };
  const auto share = [](const std::vector<float>& x, int harmonic) {
    return amplitude_at(x, 300.0 * harmonic) / amplitude_at(x, 300);
  };
  const auto clean = amplified(-20, 0), even = amplified(24, 0), uneven = amplified(24, 0.4);
  EXPECT_GT(rms(even), 0.05);
  EXPECT_LT(share(clean, 3), 0.01);
  EXPECT_GT(share(even, 3), 0.15);  // a square wave's third, less what the filters take
  EXPECT_LT(share(even, 2), 0.01);
  EXPECT_GT(share(uneven, 2), 0.05);
  // The loudspeaker ends at 4.8 kHz: the 31st harmonic of a square wave has 1/31, here far less.
  EXPECT_LT(share(even, 31), 0.2 / 31);
}

TEST(Effects, DuckingLowersWhatFollowsEachHitAndLetsItRiseAgain) {
  std::vector<float> x(22050, 1.0F);
  const std::vector<double> hits = {0.2, 0.3, 0.7};
  apply_ducking(x, hits, kRate, 12, 0.2);
  const auto at = [&](double time) { return x[static_cast<std::size_t>(time * kRate) + 1]; };
  EXPECT_EQ(at(0.1), 1.0F);
  for (const double hit : hits) EXPECT_NEAR(at(hit), std::pow(10.0, -12.0 / 20), 0.01) << hit;
  EXPECT_NEAR(at(0.8), 0.5 * (1 + std::pow(10.0, -12.0 / 20)), 0.01);  // half way
  EXPECT_EQ(at(0.55), 1.0F);
  EXPECT_EQ(at(0.95), 1.0F);
  for (double t = 0.7; t < 0.89; t += 0.01) EXPECT_LE(at(t), at(t + 0.01));
}

TEST(Effects, SoftClipKeepsFullScaleAndBendsWhatIsBelow) {
  std::vector<float> x = {-2, -1, -0.5, 0, 0.5, 1, 2};
  apply_soft_clip(x, 2.0);
  EXPECT_NEAR(x[5], 1.0, 1e-6);
  EXPECT_EQ(x[3], 0.0F);
  EXPECT_NEAR(x[4], std::tanh(1.0) / std::tanh(2.0), 1e-6);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(x[i], -x[6 - i]);
  EXPECT_LT(x[6], 1.04);
  auto tone = sine(300, 22050, 1.0);
  apply_soft_clip(tone, 2.0);
  EXPECT_GT(amplitude_at(tone, 900), 0.05);
  EXPECT_LT(amplitude_at(tone, 600), 1e-4);
}

TEST(Effects, RoughnessHasTheDepthAsked) {
  std::vector<float> x(220500, 1.0F);
  apply_roughness(x, kRate, 0.2, 100, Random(3));
  double mean = 0, square = 0;
  for (const float v : x) mean += static_cast<double>(v) / static_cast<double>(x.size());
  for (const float v : x) square += std::pow(static_cast<double>(v) - mean, 2) / static_cast<double>(x.size());
  EXPECT_NEAR(mean, 1.0, 0.02);
  EXPECT_NEAR(std::sqrt(square), 0.2, 0.03);
}

}  // namespace
}  // namespace pop2piano
