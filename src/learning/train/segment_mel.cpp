// SPDX-License-Identifier: MIT
#include "learning/train/segment_mel.h"

#include <algorithm>
#include <vector>

#include "learning/studio/sound_coding.h"
#include "sound/dsp/published_mel.h"

namespace pop2piano::training {

SegmentMel::SegmentMel(const FeatureSettings& settings)
    : settings_(settings),
      filterbank_({.sample_rate = settings.sample_rate,
                   .n_fft = static_cast<std::size_t>(settings.n_fft),
                   .bands = static_cast<std::size_t>(settings.n_mels),
                   .f_min = settings.f_min,
                   .f_max = settings.f_max}) {}

// The engine cuts at the first step and counts from there (cover/published_input.cpp); so the same samples are heard.
std::int64_t SegmentMel::border(std::span<const double> beat_times, int beat) const {
  const auto last = static_cast<int>(beat_times.size()) - 1;
  const auto at = [&](int index) { return beat_times[static_cast<std::size_t>(index)]; };
  const double time = beat <= last ? at(beat) : at(last) + (at(last) - at(last - 1)) * (beat - last);
  return static_cast<std::int64_t>(at(0) * settings_.sample_rate) +
         static_cast<std::int64_t>((time - at(0)) * settings_.sample_rate);
}

std::int64_t SegmentMel::samples(std::span<const double> beat_times, int first_beat) const {
  return border(beat_times, first_beat + settings_.segment_beats) - border(beat_times, first_beat);
}

std::int64_t SegmentMel::padded(std::int64_t longest) const {
  return std::max<std::int64_t>(longest, settings_.n_fft / 2 + 1);
}

Matrix<float> SegmentMel::read(std::span<const std::byte> flac, std::span<const double> beat_times, int first_beat,
                               std::int64_t padded) const {
  std::vector<float> sound(static_cast<std::size_t>(padded), 0.0F);
  const auto heard = std::min(samples(beat_times, first_beat), padded);
  FlacReader(flac).read(border(beat_times, first_beat), std::span(sound).first(static_cast<std::size_t>(heard)));
  return published_log_mel(sound, filterbank_, static_cast<std::size_t>(settings_.hop));
}

}  // namespace pop2piano::training
