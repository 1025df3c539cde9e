// SPDX-License-Identifier: MIT
#include "listening/melody/melody_on_beat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace pop2piano {
namespace {

using Semitones = std::array<float, kMelodyPitches>;

// A pitch between two semitones counts for both.
void raise_to(Semitones& semitones, double pitch, float value) {
  const double place = pitch - kLowestMelodyPitch, below = std::floor(place);
  const auto part = static_cast<float>(place - below);
  const auto index = static_cast<std::ptrdiff_t>(below);
  const auto size = static_cast<std::ptrdiff_t>(kMelodyPitches);
  const auto raise = [&](std::ptrdiff_t at, float to) {
    if (at < 0 || at >= size) return;
    float& now = semitones[static_cast<std::size_t>(at)];
    now = std::max(now, to);
  };
  raise(index, (1.0F - part) * value);
  raise(index + 1, part * value);
}

Semitones salience_of(const std::vector<SaliencePeak>& peaks) {
  Semitones semitones{};
  for (const SaliencePeak& peak : peaks) {
    const float relative = peak.salience / peaks.front().salience;
    raise_to(semitones, kLowestMelodyPitch + peak.bin * kCentsPerSalienceBin / 100.0, relative * relative);
  }
  return semitones;
}

Semitones melody_of(double frequency) {
  Semitones semitones{};
  if (frequency != 0.0) raise_to(semitones, hz_to_midi(std::abs(frequency)), frequency > 0.0 ? 1.0F : kUnvoicedShare);
  return semitones;
}

// First frame of each step, and the end: [steps + 1].
std::vector<std::size_t> frame_borders(std::span<const double> step_times, double frame_rate, std::size_t frames) {
  std::vector<std::size_t> borders;
  const auto frame_at = [&](double time) {
    return static_cast<std::size_t>(std::clamp(std::ceil(time * frame_rate), 0.0, static_cast<double>(frames)));
  };
  for (std::size_t k = 0; k < step_times.size(); ++k) {
    const double before =
        k > 0 ? step_times[k - 1] : 2.0 * step_times[k] - step_times[std::min(k + 1, step_times.size() - 1)];
    borders.push_back(frame_at(0.5 * (before + step_times[k])));
  }
  if (!step_times.empty()) {
    const std::size_t last = step_times.size() - 1;
    const double step = last > 0 ? step_times[last] - step_times[last - 1] : 0.0;
    borders.push_back(frame_at(step_times[last] + 0.5 * step));
  }
  return borders;
}

// Means over each step's frames, in the channels from `first_channel` on.
template <typename SemitonesOfFrame>
void add_means(Matrix<float>& out, std::span<const std::size_t> borders, std::size_t frames, std::size_t first_channel,
               const SemitonesOfFrame& semitones_of_frame) {
  for (std::size_t k = 0; k < out.rows(); ++k) {
    if (borders[k] >= frames) continue;
    const std::size_t end = std::max(borders[k] + 1, borders[k + 1]);
    const float share = 1.0F / static_cast<float>(end - borders[k]);
    for (std::size_t frame = borders[k]; frame < end; ++frame) {
      const Semitones semitones = semitones_of_frame(frame);
      for (std::size_t s = 0; s < kMelodyPitches; ++s) out(k, first_channel + s) += share * semitones[s];
    }
  }
}

void add_salience(Matrix<float>& out, std::span<const std::size_t> borders, const SaliencePeaks& peaks) {
  add_means(out, borders, peaks.size(), 0, [&](std::size_t frame) { return salience_of(peaks[frame]); });
}

void add_melody(Matrix<float>& out, std::span<const std::size_t> borders, const PitchContour& melody,
                std::size_t frames) {
  add_means(out, borders, frames, kMelodyPitches,
            [&](std::size_t frame) { return melody_of(melody.frequencies[frame]); });
}

double frame_rate_of(const MelodiaOptions& options) {
  return static_cast<double>(kMelodySampleRate) / static_cast<double>(options.salience.hop_samples);
}

}  // namespace

MelodyFrames::MelodyFrames(SaliencePeaks peaks, const MelodiaOptions& options)
    : peaks_(std::move(peaks)), melody_(extract_melody(peaks_, options)), frame_rate_(frame_rate_of(options)) {}

Matrix<float> MelodyFrames::on(std::span<const double> step_times) const {
  const auto borders = frame_borders(step_times, frame_rate_, peaks_.size());
  Matrix<float> out(step_times.size(), kMelodyChannels);
  add_salience(out, borders, peaks_);
  add_melody(out, borders, melody_, peaks_.size());
  return out;
}

MelodyFrames melody_frames(std::span<const float> sound, ThreadPool& pool) {
  const MelodiaOptions options;
  SaliencePeakExtractor peaks(options.salience, options.peaks_per_frame, pool);
  peaks.push(sound);
  return {peaks.finish(), options};
}

MelodyOnBeatExtractor::MelodyOnBeatExtractor(std::vector<double> step_times, ThreadPool& pool)
    : step_times_(std::move(step_times)), peaks_(options_.salience, options_.peaks_per_frame, pool) {}

// Not by way of MelodyFrames: here the peaks of hours are not there twice.
Matrix<float> MelodyOnBeatExtractor::finish() {
  SaliencePeaks peaks = peaks_.finish();
  const std::size_t frames = peaks.size();
  const auto borders = frame_borders(step_times_, frame_rate_of(options_), frames);
  Matrix<float> out(step_times_.size(), kMelodyChannels);
  add_salience(out, borders, peaks);
  add_melody(out, borders, extract_melody(std::move(peaks), options_), frames);
  return out;
}

}  // namespace pop2piano
