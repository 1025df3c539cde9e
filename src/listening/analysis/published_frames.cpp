// SPDX-License-Identifier: MIT
#include "listening/analysis/published_frames.h"

#include <algorithm>
#include <complex>
#include <utility>

#include "listening/analysis/feature_rows.h"
#include "sound/dsp/published_mel.h"

namespace pop2piano {
namespace {

constexpr std::size_t kAtOnce = 32;  // segments that are worked on side by side

MelFilterbank filterbank_of(const FeatureSettings& s) {
  return MelFilterbank({.sample_rate = s.sample_rate,
                        .n_fft = static_cast<std::size_t>(s.n_fft),
                        .bands = static_cast<std::size_t>(s.n_mels),
                        .f_min = s.f_min,
                        .f_max = s.f_max});
}

std::vector<float> frame_of_silence(const MelFilterbank& filterbank) {
  const std::vector<float> nothing(filterbank.bins(), 0.0F);
  const auto frame = published_log_mel(nothing, filterbank, nothing.size()).take();
  return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(filterbank.bands())};
}

}  // namespace

std::vector<double> published_step_times(std::span<const double> beat_times, std::size_t more) {
  std::vector<double> times;
  const std::size_t beats = beat_times.size();
  const double last_interval = beat_times[beats - 1] - beat_times[beats - 2];
  for (std::size_t step = 0; step < 2 * beats + 1 + more; ++step) {
    const std::size_t beat = std::min(step / 2, beats - 1);
    const double interval = beat + 1 < beats ? beat_times[beat + 1] - beat_times[beat] : last_interval;
    times.push_back(beat_times[beat] + interval * (static_cast<double>(step) / 2.0 - static_cast<double>(beat)));
  }
  return times;
}

std::vector<std::int64_t> published_segment_borders(std::span<const double> step_times, int sample_rate,
                                                    std::size_t steps_per_segment) {
  std::vector<std::int64_t> borders;
  for (std::size_t step = 0; step < step_times.size(); step += steps_per_segment) {
    borders.push_back(static_cast<std::int64_t>((step_times[step] - step_times[0]) * sample_rate));
  }
  borders.push_back(static_cast<std::int64_t>((step_times.back() - step_times[0]) * sample_rate));
  return borders;
}

PublishedFrames::PublishedFrames(const FeatureSettings& settings, std::span<const double> beat_times, ThreadPool& pool)
    : settings_(settings), pool_(pool), filterbank_(filterbank_of(settings)), silence_(frame_of_silence(filterbank_)) {
  const std::vector<double> steps = published_step_times(beat_times);
  const auto origin = static_cast<std::int64_t>(steps.front() * settings.sample_rate);
  to_skip_ = static_cast<std::size_t>(std::max<std::int64_t>(0, origin));
  const auto per_segment =
      static_cast<std::size_t>(settings.segment_beats) * static_cast<std::size_t>(settings.steps_per_beat);
  borders_ = published_segment_borders(steps, settings.sample_rate, per_segment);
  for (std::size_t s = 0; s + 1 < borders_.size(); ++s) padded_ = std::max(padded_, length(s));
  padded_ = std::max(padded_, static_cast<std::size_t>(settings.n_fft / 2 + 1));
}

std::size_t PublishedFrames::length(std::size_t segment) const {
  return static_cast<std::size_t>(borders_[segment + 1] - borders_[segment]);
}

void PublishedFrames::push(std::span<const float> samples) {
  const std::size_t skipped = std::min(to_skip_, samples.size());
  to_skip_ -= skipped;
  sound_.insert(sound_.end(), samples.begin() + static_cast<std::ptrdiff_t>(skipped), samples.end());
  while (next_ + 1 < borders_.size() && sound_.size() >= length(next_)) take_segment();
  if (next_ + 1 >= borders_.size()) sound_.clear();
}

void PublishedFrames::take_segment() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(length(next_), sound_.size()));
  std::vector<float> segment(padded_, 0.0F);
  std::copy_n(sound_.begin(), count, segment.begin());
  sound_.erase(sound_.begin(), sound_.begin() + count);
  waiting_.push_back(std::move(segment));
  ++next_;
  if (waiting_.size() >= kAtOnce) analyse_waiting();
}

void PublishedFrames::analyse_waiting() {
  std::vector<Matrix<float>> mels(waiting_.size());
  pool_.run(waiting_.size(), [&](std::size_t i) {
    mels[i] = published_log_mel(waiting_[i], filterbank_, static_cast<std::size_t>(settings_.hop));
  });
  waiting_.clear();
  for (const Matrix<float>& mel : mels) {
    std::size_t sounding = mel.rows();
    while (sounding > 0 && std::ranges::equal(mel.row(sounding - 1), silence_)) --sounding;
    for (std::size_t row = 0; row < sounding; ++row) frames_.append_row(mel.row(row));
    first_rows_.push_back(static_cast<std::int64_t>(frames_.rows()));
  }
}

void PublishedFrames::finish(Analysis& analysis) {
  while (next_ + 1 < borders_.size()) take_segment();  // what the sound no longer has stays silent
  analyse_waiting();
  analysis.silence = silence_.front();
  analysis.padded_frames = static_cast<std::int64_t>(1 + padded_ / static_cast<std::size_t>(settings_.hop));
  analysis.segment_frames = std::move(first_rows_);
  analysis.bands = feature_rows(std::move(frames_));
  if (analysis.bands.columns == 0) analysis.bands.columns = static_cast<std::size_t>(settings_.n_mels);
}

}  // namespace pop2piano
