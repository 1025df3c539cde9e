// SPDX-License-Identifier: MIT
// A few seconds of sound and what is heard of them with features that are quick to compute.
#pragma once

#include <pop2piano/analysis.h>

#include <cmath>

#include "test_sounds.h"

namespace pop2piano::testing {

/// Four seconds: a tone that moves on every half second, louder from the middle on.
inline Recording small_sound(double seconds = 4.0) {
  auto samples = tone(seconds, kAnalysisSampleRate, [](double t) { return 220.0 * std::exp2(std::floor(2 * t) / 12); });
  for (std::size_t i = samples.size() / 2; i < samples.size(); ++i) samples[i] *= 2.0F;
  return Recording::from({.samples = std::move(samples)});
}

/// Seven beats, half a second apart, from 0.25 s on.
inline BeatGrid small_grid() {
  BeatGrid grid;
  for (int i = 0; i < 7; ++i) {
    grid.times.push_back(0.25 + 0.5 * i);
    grid.numbers.push_back(i % 4 + 1);
  }
  return grid;
}

inline AnalysisOptions small_options(FeatureKind kind = FeatureKind::beat_synchronous) {
  AnalysisOptions options{.beats = {.given = small_grid()}};
  options.features.kind = kind;
  options.features.n_fft = 1024;
  options.features.n_mels = 4;
  options.features.segment_beats = 4;
  options.features.hop = 512;
  options.features.frames_per_beat = 4;
  return options;
}

inline Analysis small_analysis(FeatureKind kind = FeatureKind::beat_synchronous) {
  return analyse(small_sound(), small_options(kind), 1);
}

}  // namespace pop2piano::testing
