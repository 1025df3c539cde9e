// SPDX-License-Identifier: MIT
#include "learning/records/sound_statistics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include <fmt/format.h>

#include "base/core/matrix.h"
#include "sound/dsp/fft.h"
#include "sound/dsp/mel.h"

namespace pop2piano {
namespace {

constexpr double kRate = 22050;
constexpr std::size_t kFrame = 4096, kHop = 1024, kMargin = 22050;
constexpr std::size_t kBands = 512, kGroupBands = kBands / kBandGroups;
constexpr float kPeak = 0.7F, kFloor = 1e-6F;
constexpr double kSilence = -13.0;  // mean log energy of a frame at the floor is -13.8

Matrix<float> log_mel_frames(std::span<const float> samples, float gain) {
  const MelFilterbank bank(MelOptions{});
  RealFft fft(kFrame);
  std::vector<float> window = periodic_hann(kFrame), frame(kFrame);
  std::vector<std::complex<float>> spectrum(fft.bins());
  Matrix<float> frames;
  std::vector<float> row(kBands);
  for (std::size_t at = kMargin; at + kFrame + kMargin <= samples.size(); at += kHop) {
    for (std::size_t i = 0; i < kFrame; ++i) frame[i] = gain * window[i] * samples[at + i];
    fft.forward(frame, spectrum);
    bank.log_energies(spectrum, kFloor, row);
    double mean = 0;
    for (const float x : row) mean += x;
    if (mean / kBands > kSilence) frames.append_row(row);
  }
  return frames;
}

std::vector<double> band_means(const Matrix<float>& frames) {
  std::vector<double> means(kBands, 0.0);
  for (std::size_t f = 0; f < frames.rows(); ++f) {
    for (std::size_t b = 0; b < kBands; ++b) means[b] += frames(f, b);
  }
  for (double& mean : means) mean /= static_cast<double>(frames.rows());
  return means;
}

double percentile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(place)]);
}

void measure_group(const Matrix<float>& frames, const std::vector<double>& means, std::size_t group,
                   SoundStatistics& s) {
  const std::size_t first = group * kGroupBands, last = first + kGroupBands;
  std::vector<float> deviations;
  double square = 0, change = 0, peaky = 0, mean = 0;
  for (std::size_t f = 0; f < frames.rows(); ++f) {
    for (std::size_t b = first; b < last; ++b) {
      const double x = frames(f, b) - means[b];
      deviations.push_back(static_cast<float>(x));
      square += x * x;
      if (f > 0) change += std::pow(static_cast<double>(frames(f, b)) - static_cast<double>(frames(f - 1, b)), 2.0);
      if (b >= 2 && b + 2 < kBands) {
        const double around = 0.5 * ((frames(f, b - 2) - means[b - 2]) + (frames(f, b + 2) - means[b + 2]));
        peaky += (x - around) * (x - around);
      }
    }
  }
  for (std::size_t b = first; b < last; ++b) mean += means[b] / kGroupBands;
  const double count = static_cast<double>(frames.rows() * kGroupBands);
  s.mean[group] = mean;
  s.contrast[group] = std::sqrt(square / count);
  s.modulation[group] = std::sqrt(change / count);
  s.texture[group] = std::sqrt(peaky / count);
  s.low[group] = percentile(deviations, 0.10);
  s.high[group] = percentile(deviations, 0.90);
}

double level_range_of(std::span<const float> samples, double seconds) {
  const auto frame = static_cast<std::size_t>(seconds * kRate);
  std::vector<float> levels;
  for (std::size_t at = 0; at + frame <= samples.size(); at += frame / 2) {
    double sum = 1e-12;
    for (std::size_t i = at; i < at + frame; ++i) sum += static_cast<double>(samples[i]) * samples[i];
    levels.push_back(static_cast<float>(10.0 * std::log10(sum / static_cast<double>(frame))));
  }
  return percentile(levels, 0.95) - percentile(levels, 0.10);
}

// Rises of the summed log spectrum above 1.5 times their own mean, local maxima within 70 ms.
double onset_rate(const Matrix<float>& frames) {
  std::vector<double> rise(frames.rows(), 0.0);
  double mean = 0;
  for (std::size_t f = 1; f < frames.rows(); ++f) {
    for (std::size_t b = 0; b < kBands; ++b) rise[f] += std::max(0.0F, frames(f, b) - frames(f - 1, b));
    mean += rise[f] / static_cast<double>(frames.rows());
  }
  double count = 0;
  for (std::size_t f = 1; f + 1 < frames.rows(); ++f) {
    if (rise[f] > 1.5 * mean && rise[f] >= rise[f - 1] && rise[f] > rise[f + 1]) ++count;
  }
  return count / (static_cast<double>(frames.rows()) * kHop / kRate);
}

std::pair<double, double> mean_and_deviation(const std::vector<double>& values) {
  double mean = 0, square = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) square += (v - mean) * (v - mean) / static_cast<double>(values.size());
  return {mean, std::sqrt(square)};
}

}  // namespace

SoundStatistics sound_statistics(std::span<const float> samples, const std::string& what) {
  float peak = 1e-9F;
  double square = 0;
  for (const float x : samples) {
    peak = std::max(peak, std::abs(x));
    square += static_cast<double>(x) * x;
  }
  const Matrix<float> frames = log_mel_frames(samples, kPeak / peak);
  if (static_cast<double>(frames.rows()) * kHop / kRate < 4.0) {
    throw Error(ErrorCode::nothing_found, what + ": less than four seconds of sound; give whole songs");
  }
  SoundStatistics s;
  const std::vector<double> means = band_means(frames);
  const double mel_step = 2595.0 * std::log10(1.0 + 11025.0 / 700.0) / kBandGroups;
  for (std::size_t g = 0; g < kBandGroups; ++g) {
    s.centre_hz[g] = 700.0 * (std::pow(10.0, (static_cast<double>(g) + 0.5) * mel_step / 2595.0) - 1.0);
    measure_group(frames, means, g, s);
  }
  s.crest_db = 20.0 * std::log10(peak) - 10.0 * std::log10(square / static_cast<double>(samples.size()));
  s.loudness_range = level_range_of(samples, 3.0);
  s.level_range = level_range_of(samples, 0.1);
  s.onsets_per_second = onset_rate(frames);
  return s;
}

std::vector<std::pair<std::string, double>> statistics_rows(const SoundStatistics& s) {
  std::vector<std::pair<std::string, double>> rows;
  const auto add = [&](const char* name, const std::array<double, kBandGroups>& values) {
    for (std::size_t g = 0; g < kBandGroups; ++g)
      rows.emplace_back(fmt::format("{} {:.0f} Hz", name, s.centre_hz[g]), values[g]);
  };
  add("mean", s.mean);
  add("contrast", s.contrast);
  add("10 %", s.low);
  add("90 %", s.high);
  add("modulation", s.modulation);
  add("texture", s.texture);
  rows.emplace_back("crest dB", s.crest_db);
  rows.emplace_back("loudness range dB", s.loudness_range);
  rows.emplace_back("level range dB", s.level_range);
  rows.emplace_back("onsets/s", s.onsets_per_second);
  return rows;
}

StatisticsComparison compare_statistics(std::span<const SoundStatistics> a, std::span<const SoundStatistics> b) {
  if (a.empty() || b.empty()) throw Error(ErrorCode::invalid_argument, "both sides of a comparison need a song");
  std::vector<std::vector<std::pair<std::string, double>>> rows_a, rows_b;
  for (const SoundStatistics& s : a) rows_a.push_back(statistics_rows(s));
  for (const SoundStatistics& s : b) rows_b.push_back(statistics_rows(s));
  StatisticsComparison comparison;
  for (std::size_t r = 0; r < rows_a.front().size(); ++r) {
    const auto column = [&](const auto& rows) {
      std::vector<double> values;
      for (const auto& song : rows) values.push_back(song[r].second);
      return mean_and_deviation(values);
    };
    const auto [mean_a, sd_a] = column(rows_a);
    const auto [mean_b, sd_b] = column(rows_b);
    const double scale = std::max({sd_a, 0.1 * std::abs(mean_a), 1e-6});
    comparison.rows.push_back({rows_a.front()[r].first, mean_a, sd_a, mean_b, sd_b, (mean_b - mean_a) / scale});
  }
  return comparison;
}

}  // namespace pop2piano
