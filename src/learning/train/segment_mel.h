// SPDX-License-Identifier: MIT
// What the published network hears of a segment (docs/reference/published_model.md): log-mel of the sound between two
// beats, padded with silence, computed from the FLAC file in a record.
#pragma once

#include <pop2piano/model.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/core/matrix.h"
#include "sound/dsp/mel.h"

namespace pop2piano::training {

/// Immutable; may be shared between threads.
class SegmentMel {
 public:
  explicit SegmentMel(const FeatureSettings& settings);

  /// Of the segment from `first_beat` on; beats beyond the last go on at its interval. `beat_times`: at least two.
  [[nodiscard]] std::int64_t samples(std::span<const double> beat_times, int first_beat) const;
  /// Samples to which the segments of a batch are padded when the longest has `longest`.
  [[nodiscard]] std::int64_t padded(std::int64_t longest) const;
  /// Rows of a segment of so many samples.
  [[nodiscard]] std::int64_t frames(std::int64_t padded) const { return 1 + padded / settings_.hop; }
  /// [frames(padded), bands]. Throws Error(malformed) for damaged sound.
  [[nodiscard]] Matrix<float> read(std::span<const std::byte> flac, std::span<const double> beat_times, int first_beat,
                                   std::int64_t padded) const;

 private:
  [[nodiscard]] std::int64_t border(std::span<const double> beat_times, int beat) const;

  FeatureSettings settings_;
  MelFilterbank filterbank_;
};

}  // namespace pop2piano::training
