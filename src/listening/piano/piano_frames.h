// SPDX-License-Identifier: MIT
// The spectrum of a piano as its transcriber hears it: 50 frames a second, bands a third of a semitone apart, through a
// window of 372 ms that tells pitches apart and one of 93 ms that tells when they begin.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/melody/tuning.h"
#include "sound/dsp/band_spectrum.h"

namespace pop2piano {

inline constexpr int kPianoSampleRate = 22050;
inline constexpr std::size_t kPianoHop = 441;  ///< samples, 20 ms
inline constexpr double kPianoFrameSeconds = static_cast<double>(kPianoHop) / kPianoSampleRate;
inline constexpr int kLowestPianoKey = 21;      ///< MIDI
inline constexpr std::size_t kPianoKeys = 88;   ///< pitches
inline constexpr std::size_t kPianoThirds = 3;  ///< bands of a semitone: a third below its pitch, on it, above it
inline constexpr std::size_t kPianoBands = 309;
inline constexpr std::size_t kPianoLevels = 2 * kPianoBands;  ///< of a frame: the long window's bands, the short one's
/// A level as it is kept: (logarithm of the power + kPianoLevelZero) * kPianoLevelsPerUnit, 0..255.
inline constexpr float kPianoLevelZero = 26.0F, kPianoLevelsPerUnit = 9.0F;

/// What is alike for a whole recording.
struct PianoSound {
  float gain = 1.0F;   ///< factor on the samples that makes its loud parts 0.1 (root mean square); 1 for silence
  double cents = 0.0;  ///< by which it lies above A = 440 Hz
};

/// Streaming: push() all samples (mono, kPianoSampleRate), then finish().
class PianoSurvey {
 public:
  explicit PianoSurvey(ThreadPool& pool) : tuning_(kPianoSampleRate, pool) {}

  void push(std::span<const float> samples);
  [[nodiscard]] PianoSound finish() const;

 private:
  static constexpr std::size_t kBins = 240;  // of half a decibel, from -120 dB on
  TuningEstimator tuning_;
  std::array<std::size_t, kBins> counts_{};  // [levels] tenths of a second so loud
  double sum_ = 0.0;                         // of the squares of the tenth that is open
  std::size_t samples_ = 0;                  // in it
};

/// Streaming: push() all samples, then finish(). Frame i is centred on sample i * kPianoHop; there are
/// ceil(samples / kPianoHop). Not thread-safe; the result does not depend on the blocks.
class PianoFrames {
 public:
  using Visit = std::function<void(std::span<const std::uint8_t> levels)>;  ///< [kPianoLevels]
  PianoFrames(const PianoSound& sound, Visit visit);
  PianoFrames(const PianoFrames&) = delete;  // its spectra call back
  PianoFrames& operator=(const PianoFrames&) = delete;

  void push(std::span<const float> samples);
  void finish();

 private:
  using Levels = std::array<std::uint8_t, kPianoBands>;
  void hear(std::span<const float> magnitudes);

  PianoSound sound_;
  Visit visit_;
  std::deque<Levels> waiting_;  // of the short window, for frames that the long one has not heard
  std::vector<float> louder_;   // a block at the gain
  BandSpectrum long_, short_;
};

}  // namespace pop2piano
