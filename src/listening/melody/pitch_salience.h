// SPDX-License-Identifier: MIT
// How much each pitch of a fine scale is present in each frame: harmonic summation of spectral peaks as in MELODIA
// (Salamon and Gomez, "Melody Extraction from Polyphonic Music Signals Using Pitch Contour Characteristics", IEEE TASLP
// 20(6), 2012, section II-B).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/melody/spectral_peaks.h"

namespace pop2piano {

struct PitchSalienceOptions {
  SpectralPeakOptions peaks{22050, 2048, 4096, 55.0, 4000.0};  ///< 93 ms frames
  std::size_t hop_samples = 220;                               ///< 10 ms
  double lowest = 55.0;                                        ///< Hz, bin 0
  std::size_t bins = 600;                                      ///< of 10 cents: five octaves
  std::size_t harmonics = 20;
  double harmonic_decay = 0.85;     ///< weight of one harmonic relative to the one below
  double magnitude_exponent = 1.0;  ///< beta
  double magnitude_range = 40.0;    ///< dB below the frame's largest peak; weaker ones are left out
};

inline constexpr double kCentsPerSalienceBin = 10.0;

/// A local maximum of the salience of a frame.
struct SaliencePeak {
  float bin = 0.0F;  ///< of 10 cents, refined
  float salience = 0.0F;
};

/// [frames] of peaks, strongest first. Frame k is centred on sample k * hop.
using SaliencePeaks = std::vector<std::vector<SaliencePeak>>;

/// Streaming: push() all samples in order, then finish(). Memory is the result plus about 12 s of sound.
class SaliencePeakExtractor {
 public:
  /// Keeps at most `peaks_kept` peaks of a frame.
  SaliencePeakExtractor(const PitchSalienceOptions& options, std::size_t peaks_kept, ThreadPool& pool)
      : options_(options), peaks_kept_(peaks_kept), pool_(pool) {}

  void push(std::span<const float> samples);
  /// Call once.
  SaliencePeaks finish();

 private:
  void analyse_frames(std::size_t end);

  PitchSalienceOptions options_;
  std::size_t peaks_kept_;
  ThreadPool& pool_;
  std::vector<float> buffer_;  // samples from buffer_start_ on
  std::size_t buffer_start_ = 0;
  SaliencePeaks frames_;
};

}  // namespace pop2piano
