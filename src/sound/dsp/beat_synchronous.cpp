// SPDX-License-Identifier: MIT
#include "sound/dsp/beat_synchronous.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sound/dsp/fft.h"

namespace pop2piano {
namespace {

constexpr std::size_t kSamplesPerBatch = std::size_t{1} << 18;  // 12 s: enough frames to keep the threads busy

std::vector<double> gaussian_kernel(double sigma) {
  const int radius = static_cast<int>(4.0 * sigma + 0.5);
  std::vector<double> kernel(static_cast<std::size_t>(2 * radius + 1));
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    const double value = std::exp(-0.5 * i * i / (sigma * sigma));
    kernel[static_cast<std::size_t>(i + radius)] = value;
    sum += value;
  }
  for (double& k : kernel) k /= sum;
  return kernel;
}

std::vector<double> smoothed(const std::vector<double>& values, double sigma) {
  if (sigma <= 0) return values;
  const std::vector<double> kernel = gaussian_kernel(sigma);
  const auto radius = static_cast<std::ptrdiff_t>(kernel.size() / 2);
  const auto last = static_cast<std::ptrdiff_t>(values.size()) - 1;
  std::vector<double> result(values.size(), 0.0);
  for (std::ptrdiff_t i = 0; i <= last; ++i) {
    for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
      const auto source = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i + k, 0, last));
      result[static_cast<std::size_t>(i)] += kernel[static_cast<std::size_t>(k + radius)] * values[source];
    }
  }
  return result;
}

std::vector<double> band_means(const Matrix<float>& frames) {
  std::vector<double> mean(frames.columns(), 0.0);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto row = frames.row(r);
    for (std::size_t c = 0; c < row.size(); ++c) mean[c] += row[c];
  }
  for (double& m : mean) m /= static_cast<double>(frames.rows());
  return mean;
}

}  // namespace

BeatSynchronousExtractor::BeatSynchronousExtractor(BeatSynchronousOptions options, std::vector<double> step_times,
                                                   ThreadPool& pool)
    : BeatSynchronousExtractor(options, MelFilterbank(options.mel), std::move(step_times), pool) {}

BeatSynchronousExtractor::BeatSynchronousExtractor(BeatSynchronousOptions options, Filterbank filterbank,
                                                   std::vector<double> step_times, ThreadPool& pool)
    : options_(options),
      filterbank_(std::move(filterbank)),
      window_(periodic_hann(options.mel.n_fft)),
      pool_(pool),
      frames_(step_times.size(), filterbank_.bands()) {
  const auto half = static_cast<std::int64_t>(options.mel.n_fft / 2);
  starts_.reserve(step_times.size());
  for (const double time : step_times) {
    starts_.push_back(static_cast<std::int64_t>(time * options.mel.sample_rate) - half);
  }
  for (float& w : window_) w *= options.gain;
}

void BeatSynchronousExtractor::push(std::span<const float> samples) {
  buffer_.insert(buffer_.end(), samples.begin(), samples.end());
  if (buffer_.size() < kSamplesPerBatch) return;
  analyse_complete_frames(buffer_start_ + static_cast<std::int64_t>(buffer_.size()));
  const auto keep_from =
      next_step_ < starts_.size()
          ? std::clamp<std::int64_t>(starts_[next_step_] - buffer_start_, 0, static_cast<std::int64_t>(buffer_.size()))
          : static_cast<std::int64_t>(buffer_.size());
  buffer_.erase(buffer_.begin(), buffer_.begin() + keep_from);
  buffer_start_ += keep_from;
}

Matrix<float> BeatSynchronousExtractor::finish() {
  analyse_complete_frames(INT64_MAX);
  buffer_ = {};
  return std::move(frames_);
}

// All frames whose last sample lies before `available`.
void BeatSynchronousExtractor::analyse_complete_frames(std::int64_t available) {
  const auto size = static_cast<std::int64_t>(options_.mel.n_fft);
  std::size_t last = next_step_;
  while (last < starts_.size() && starts_[last] <= available - size) ++last;
  const std::size_t first = std::exchange(next_step_, last);
  parallel_for(pool_, last - first, 32, [&](std::size_t a, std::size_t b) {
    RealFft fft(options_.mel.n_fft);
    std::vector<float> frame(options_.mel.n_fft);
    std::vector<std::complex<float>> spectrum(fft.bins());
    for (std::size_t step = first + a; step < first + b; ++step) {
      const std::int64_t start = starts_[step] - buffer_start_;
      for (std::size_t n = 0; n < frame.size(); ++n) {
        const std::int64_t at = start + static_cast<std::int64_t>(n);
        const bool inside = at >= 0 && at < static_cast<std::int64_t>(buffer_.size());
        frame[n] = inside ? window_[n] * buffer_[static_cast<std::size_t>(at)] : 0.0F;
      }
      fft.forward(frame, spectrum);
      filterbank_.log_energies(spectrum, options_.log_floor, frames_.row(step));
    }
  });
}

void normalise_song(Matrix<float>& frames, const SongNormalisation& options) {
  if (frames.empty()) return;
  const std::vector<double> mean = smoothed(band_means(frames), options.smoothing_bands);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto row = frames.row(r);
    for (std::size_t c = 0; c < row.size(); ++c) {
      row[c] = std::max((row[c] - static_cast<float>(mean[c])) / options.scale, options.floor);
    }
  }
}

std::vector<double> step_times_of(std::span<const double> beat_times, int steps_per_beat) {
  std::vector<double> times;
  if (beat_times.empty()) return times;
  times.reserve((beat_times.size() - 1) * static_cast<std::size_t>(steps_per_beat) + 1);
  for (std::size_t beat = 0; beat + 1 < beat_times.size(); ++beat) {
    const double interval = beat_times[beat + 1] - beat_times[beat];
    for (int step = 0; step < steps_per_beat; ++step) {
      times.push_back(beat_times[beat] + interval * step / steps_per_beat);
    }
  }
  times.push_back(beat_times.back());
  return times;
}

}  // namespace pop2piano
