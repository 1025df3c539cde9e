// SPDX-License-Identifier: MIT
#include "listening/harmony/harmony_frames.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr std::size_t kWindow = 8192;  // samples
constexpr double kBinHz = static_cast<double>(kHarmonySampleRate) / kWindow;
constexpr float kFloor = 1e-6F;  // of a band's energy, as in the mel bands

// As wide as a third of a semitone to either side, but not narrower than from bin to bin.
Filterbank filters() {
  std::vector<Triangle> triangles(kHarmonyBands);
  for (std::size_t band = 0; band < kHarmonyBands; ++band) {
    const double pitch = kLowestHarmonyPitch + (static_cast<double>(band) - 1.0) / kBandsPerSemitone;
    const double centre = 440.0 * std::exp2((pitch - 69.0) / 12.0);
    const double reach = std::max(kBinHz, centre * (std::exp2(1.0 / (12.0 * kBandsPerSemitone)) - 1.0));
    triangles[band] = {centre - reach, centre, centre + reach};
  }
  return {triangles, kWindow / 2 + 1, kBinHz};
}

}  // namespace

HarmonyFrameExtractor::HarmonyFrameExtractor(std::span<const double> beat_times, float gain, ThreadPool& pool)
    : frames_({.mel = {.sample_rate = kHarmonySampleRate, .n_fft = kWindow}, .log_floor = kFloor, .gain = gain},
              filters(), step_times_of(beat_times, static_cast<int>(kHarmonyFramesPerBeat)), pool) {}

Matrix<std::uint8_t> HarmonyFrameExtractor::finish() {
  const Matrix<float> frames = frames_.finish();
  Matrix<std::uint8_t> levels(frames.rows(), frames.columns());
  std::ranges::transform(frames.flat(), levels.flat().begin(), [](float level) {
    return static_cast<std::uint8_t>(
        std::lround(std::clamp((level + kHarmonyLevelZero) * kHarmonyLevelsPerUnit, 0.0F, 255.0F)));
  });
  return levels;
}

}  // namespace pop2piano
