// SPDX-License-Identifier: MIT
#include "writing/cover/published_input.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "sound/dsp/published_mel.h"
#include "writing/tokens/published.h"

namespace pop2piano {
namespace {

// Reads `count` samples; what the stream no longer has stays zero.
std::vector<float> read_exactly(SampleStream& stream, std::size_t count) {
  std::vector<float> samples(count, 0.0F);
  for (std::size_t at = 0; at < count;) {
    const std::size_t got = stream.read(std::span(samples).subspan(at));
    if (got == 0) break;
    at += got;
  }
  return samples;
}

MelFilterbank filterbank_of(const FeatureSettings& s) {
  return MelFilterbank({.sample_rate = s.sample_rate,
                        .n_fft = static_cast<std::size_t>(s.n_fft),
                        .bands = static_cast<std::size_t>(s.n_mels),
                        .f_min = s.f_min,
                        .f_max = s.f_max});
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

PublishedInput::PublishedInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                               const BeatGrid& heard, const Monitor& monitor)
    : settings_(config.features),
      recording_(recording),
      monitor_(monitor),
      filterbank_(filterbank_of(settings_)),
      first_beat_(static_cast<int>(std::lround(grid.beat_at(heard.times.front())))) {
  const std::vector<double> steps = published_step_times(heard.times);
  origin_ = static_cast<std::int64_t>(steps.front() * settings_.sample_rate);
  const auto per_segment = static_cast<std::size_t>(settings_.segment_beats * settings_.steps_per_beat);
  borders_ = published_segment_borders(steps, settings_.sample_rate, per_segment);
  for (std::size_t s = 0; s + 1 < borders_.size(); ++s) {
    padded_ = std::max(padded_, static_cast<std::size_t>(borders_[s + 1] - borders_[s]));
  }
  padded_ = std::max(padded_, static_cast<std::size_t>(settings_.n_fft / 2 + 1));
}

GenerateRequest PublishedInput::request() {
  stream_.reset();
  GenerateRequest request;
  request.features.segments = borders_.size() - 1;
  request.features.frames = 1 + padded_ / static_cast<std::size_t>(settings_.hop);
  request.features.read = [this](std::size_t segment, std::span<float> rows) { read_segment(segment, rows); };
  return request;
}

// Segments are asked for in order, so the recording is read once, as it goes.
void PublishedInput::read_segment(std::size_t segment, std::span<float> rows) {
  if (stream_ == nullptr) {
    stream_ = recording_.stream();
    next_segment_ = 0;
    if (origin_ > 0) read_exactly(*stream_, static_cast<std::size_t>(origin_));
  }
  if (segment != next_segment_++) {
    throw Error(ErrorCode::invalid_argument, "segments must be read in order: " + std::to_string(next_segment_ - 1) +
                                                 " expected, " + std::to_string(segment) + " asked for");
  }
  monitor_.check();
  const auto length = static_cast<std::size_t>(borders_[segment + 1] - borders_[segment]);
  std::vector<float> samples = read_exactly(*stream_, length);
  samples.resize(padded_, 0.0F);
  const Matrix<float> mel = published_log_mel(samples, filterbank_, static_cast<std::size_t>(settings_.hop));
  std::copy(mel.flat().begin(), mel.flat().end(), rows.begin());
}

std::vector<Note> PublishedInput::notes(std::span<const SegmentTokens> segments) const {
  std::vector<std::vector<int>> tokens;
  for (const SegmentTokens& segment : segments) tokens.push_back(segment.tokens);
  std::vector<Note> notes = published_to_score(published_segments_to_notes(tokens));
  for (Note& note : notes) note.onset += first_beat_ * kStepsPerBeat;
  return notes;
}

std::vector<double> PublishedInput::first_beats() const {
  std::vector<double> beats;
  for (std::size_t s = 0; s + 1 < borders_.size(); ++s) {
    beats.push_back(first_beat_ + static_cast<double>(s) * settings_.segment_beats);
  }
  return beats;
}

}  // namespace pop2piano
