// SPDX-License-Identifier: MIT
// The spectrum on the music's clock as the harmony is heard in it: four frames to a beat, three bands to a semitone, a
// window of 372 ms. The mel bands of the other networks (186 ms, 4 Hz apart) do not tell the semitones of a bass apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano {

inline constexpr std::size_t kHarmonyFramesPerBeat = 4;
inline constexpr int kLowestHarmonyPitch = 24;       ///< C1, 32.7 Hz
inline constexpr std::size_t kHarmonyPitches = 72;   ///< six octaves
inline constexpr std::size_t kBandsPerSemitone = 3;  ///< a third of a semitone below its pitch, on it, above it
inline constexpr std::size_t kHarmonyBands = kHarmonyPitches * kBandsPerSemitone;
inline constexpr int kHarmonySampleRate = 22050;

/// Streaming: push() all samples (mono, kHarmonySampleRate) in order, then finish().
class HarmonyFrameExtractor {
 public:
  /// `beat_times` [beats] seconds, ascending. `gain`: factor on the samples, 0.7 / peak of the recording.
  HarmonyFrameExtractor(std::span<const double> beat_times, float gain, ThreadPool& pool);

  void push(std::span<const float> samples) { frames_.push(samples); }
  /// [frames, kHarmonyBands] levels as kept in records: (logarithm of the power + 14) * 8, 0..255. The last beat has
  /// one frame. Call once.
  Matrix<std::uint8_t> finish();

 private:
  BeatSynchronousExtractor frames_;
};

inline constexpr float kHarmonyLevelZero = 14.0F, kHarmonyLevelsPerUnit = 8.0F;

}  // namespace pop2piano
