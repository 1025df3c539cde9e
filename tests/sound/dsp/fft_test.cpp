// SPDX-License-Identifier: MIT
#include "sound/dsp/fft.h"

#include <pop2piano/error.h>

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

TEST(RealFft, SilenceGivesZeros) {
  RealFft fft(64);
  const std::vector<float> time(64, 0.0F);
  std::vector<std::complex<float>> spectrum(fft.bins());
  fft.forward(time, spectrum);
  for (const auto& value : spectrum) EXPECT_EQ(std::abs(value), 0.0F);
}

TEST(RealFft, CosineFallsIntoItsBin) {
  RealFft fft(64);
  std::vector<float> time(64);
  for (std::size_t n = 0; n < 64; ++n) {
    time[n] = static_cast<float>(std::cos(2 * std::numbers::pi * 5 * static_cast<double>(n) / 64));
  }
  std::vector<std::complex<float>> spectrum(fft.bins());
  fft.forward(time, spectrum);
  for (std::size_t k = 0; k < spectrum.size(); ++k) EXPECT_NEAR(std::abs(spectrum[k]), k == 5 ? 32.0 : 0.0, 1e-4);
}

TEST(RealFft, AgreesWithThePlainTransformAndInverts) {
  RealFft fft(48);
  Random random(3);
  std::vector<float> time(48), back(48);
  for (float& x : time) x = static_cast<float>(random.normal());
  std::vector<std::complex<float>> spectrum(fft.bins());
  fft.forward(time, spectrum);
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    std::complex<double> sum = 0;
    for (std::size_t n = 0; n < 48; ++n) {
      sum += std::polar(static_cast<double>(time[n]), -2 * std::numbers::pi * static_cast<double>(k * n) / 48);
    }
    EXPECT_NEAR(std::abs(sum - std::complex<double>(spectrum[k])), 0.0, 1e-4) << k;
  }
  fft.inverse(spectrum, back);
  for (std::size_t n = 0; n < 48; ++n) EXPECT_NEAR(back[n], time[n], 1e-5);
}

TEST(RealFft, RefusesOddSizes) {
  EXPECT_THROW(RealFft(7), Error);
  EXPECT_THROW(RealFft(0), Error);
}

TEST(PeriodicHann, SumsToOneAtHalfOverlap) {
  const auto window = periodic_hann(16);
  EXPECT_EQ(window[0], 0.0F);
  for (std::size_t n = 0; n < 8; ++n) EXPECT_NEAR(window[n] + window[n + 8], 1.0F, 1e-6);
}

}  // namespace
}  // namespace pop2piano
