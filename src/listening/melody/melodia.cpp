// SPDX-License-Identifier: MIT
#include "listening/melody/melodia.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <optional>
#include <tuple>
#include <utility>

namespace pop2piano {
namespace {

enum class PeakState : unsigned char { strong, weak, used };

struct PeakFrame {
  std::vector<SaliencePeak> peaks;
  std::vector<PeakState> states;
};

struct Contour {
  std::size_t start = 0;         // frame
  std::vector<float> bins;       // [frames] 10 cents
  std::vector<float> saliences;  // [frames]
  double mean_bin = 0.0, bin_deviation = 0.0, mean_salience = 0.0, total_salience = 0.0;
  bool has_vibrato = false, is_voice = false;

  [[nodiscard]] std::size_t end() const { return start + bins.size(); }
  [[nodiscard]] float bin_at(std::size_t frame) const { return bins[frame - start]; }
};

std::pair<double, double> mean_and_deviation(double count, double sum, double squares) {
  if (count == 0.0) return {0.0, 0.0};
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

// Section II-C: strong peaks are near the largest of their frame and not far below the mean of all strong ones.
std::vector<PeakFrame> sorted_out(SaliencePeaks frames, const MelodiaOptions& options) {
  std::vector<PeakFrame> result(frames.size());
  double count = 0.0, sum = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < frames.size(); ++k) {
    result[k].peaks = std::move(frames[k]);
    const auto& peaks = result[k].peaks;
    for (const SaliencePeak& peak : peaks) {
      const bool strong = peak.salience >= options.frame_threshold * peaks.front().salience;
      result[k].states.push_back(strong ? PeakState::strong : PeakState::weak);
      if (strong) count += 1.0, sum += peak.salience, squares += static_cast<double>(peak.salience) * peak.salience;
    }
  }
  const auto [mean, deviation] = mean_and_deviation(count, sum, squares);
  for (PeakFrame& frame : result) {
    for (std::size_t i = 0; i < frame.peaks.size(); ++i) {
      if (frame.peaks[i].salience < mean - options.deviation_threshold * deviation) frame.states[i] = PeakState::weak;
    }
  }
  return result;
}

class ContourTracker {
 public:
  ContourTracker(std::vector<PeakFrame>& frames, const MelodiaOptions& options, double frame_rate)
      : frames_(frames),
        largest_step_(static_cast<float>(options.largest_step / kCentsPerSalienceBin)),
        longest_gap_(static_cast<std::size_t>(std::lround(options.longest_gap * frame_rate))),
        shortest_(static_cast<std::size_t>(std::lround(options.shortest_contour * frame_rate))) {}

  // From the strongest peak on, until no strong peak is left.
  std::vector<Contour> track_all() {
    struct Seed {
      float salience;
      std::size_t frame, peak;
    };
    std::vector<Seed> seeds;
    for (std::size_t k = 0; k < frames_.size(); ++k) {
      for (std::size_t i = 0; i < frames_[k].peaks.size(); ++i) {
        if (frames_[k].states[i] == PeakState::strong) seeds.push_back({frames_[k].peaks[i].salience, k, i});
      }
    }
    std::stable_sort(seeds.begin(), seeds.end(), [](const Seed& a, const Seed& b) { return a.salience > b.salience; });
    std::vector<Contour> contours;
    for (const Seed& seed : seeds) {
      if (frames_[seed.frame].states[seed.peak] != PeakState::strong) continue;
      Contour contour = track(seed.frame, seed.peak);
      if (contour.bins.size() >= shortest_) contours.push_back(std::move(contour));
    }
    return contours;
  }

 private:
  Contour track(std::size_t frame, std::size_t peak) {
    std::vector<SaliencePeak> after = follow(frame, peak, 1);
    std::vector<SaliencePeak> before = follow(frame, peak, -1);
    Contour contour;
    contour.start = frame - before.size();
    const auto add = [&](const SaliencePeak& p) {
      contour.bins.push_back(p.bin);
      contour.saliences.push_back(p.salience);
    };
    std::for_each(before.rbegin(), before.rend(), add);
    add(frames_[frame].peaks[peak]);
    std::for_each(after.begin(), after.end(), add);
    frames_[frame].states[peak] = PeakState::used;
    return contour;
  }

  // The peaks of the next frames in one direction; weak ones bridge gaps but do not end the contour.
  std::vector<SaliencePeak> follow(std::size_t frame, std::size_t peak, int direction) {
    std::vector<SaliencePeak> path;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    float bin = frames_[frame].peaks[peak].bin;
    std::size_t weak = 0;
    for (std::size_t k = frame; direction > 0 ? k + 1 < frames_.size() : k > 0;) {
      k = direction > 0 ? k + 1 : k - 1;
      std::optional<std::size_t> next = nearest(frames_[k], bin, PeakState::strong);
      weak = next ? 0 : weak + 1;
      if (!next) next = nearest(frames_[k], bin, PeakState::weak);
      if (!next || weak > longest_gap_) break;
      bin = frames_[k].peaks[*next].bin;
      path.push_back(frames_[k].peaks[*next]);
      places.emplace_back(k, *next);
    }
    while (!places.empty() && frames_[places.back().first].states[places.back().second] == PeakState::weak) {
      places.pop_back();
      path.pop_back();
    }
    for (const auto& [k, i] : places) frames_[k].states[i] = PeakState::used;
    return path;
  }

  std::optional<std::size_t> nearest(const PeakFrame& frame, float bin, PeakState state) const {
    std::optional<std::size_t> best;
    float least = largest_step_;
    for (std::size_t i = 0; i < frame.peaks.size(); ++i) {
      const float distance = std::abs(frame.peaks[i].bin - bin);
      if (frame.states[i] == state && distance <= least && (!best || distance < least)) best = i, least = distance;
    }
    return best;
  }

  std::vector<PeakFrame>& frames_;
  float largest_step_;  // bins
  std::size_t longest_gap_, shortest_;
};

// Section II-C-2: a clear peak between 5 and 8 Hz in the spectrum of the pitch curve.
bool has_vibrato(const Contour& contour, double frame_rate) {
  const std::size_t window = static_cast<std::size_t>(std::lround(0.35 * frame_rate));
  if (contour.bins.size() < window) return false;
  for (std::size_t first = 0; first + window <= contour.bins.size(); first += window / 2) {
    double mean = 0.0;
    for (std::size_t i = 0; i < window; ++i) mean += contour.bins[first + i] / static_cast<double>(window);
    double best = 0.0, best_rate = 0.0, total = 0.0;
    for (double rate = 2.0; rate <= 20.0; rate += 0.5) {
      std::complex<double> sum;
      for (std::size_t i = 0; i < window; ++i) {
        sum += (contour.bins[first + i] - mean) *
               std::polar(1.0, -2.0 * std::numbers::pi * rate * static_cast<double>(i) / frame_rate);
      }
      const double power = std::norm(sum);
      total += power;
      if (power > best) best = power, best_rate = rate;
    }
    const double extent = 4.0 * std::sqrt(best) / static_cast<double>(window) * kCentsPerSalienceBin;  // cents
    if (best_rate >= 5.0 && best_rate <= 8.0 && extent >= 30.0 && best > 0.15 * total) return true;
  }
  return false;
}

void characterise(Contour& contour, double frame_rate) {
  double bins = 0.0, bin_squares = 0.0;
  for (std::size_t i = 0; i < contour.bins.size(); ++i) {
    bins += contour.bins[i];
    bin_squares += static_cast<double>(contour.bins[i]) * contour.bins[i];
    contour.total_salience += contour.saliences[i];
  }
  const auto length = static_cast<double>(contour.bins.size());
  std::tie(contour.mean_bin, contour.bin_deviation) = mean_and_deviation(length, bins, bin_squares);
  contour.mean_salience = contour.total_salience / length;
  contour.has_vibrato = has_vibrato(contour, frame_rate);
}

// Section II-D-1.
void detect_voice(std::vector<Contour>& contours, const MelodiaOptions& options) {
  double sum = 0.0, squares = 0.0;
  for (const Contour& contour : contours) {
    sum += contour.mean_salience;
    squares += contour.mean_salience * contour.mean_salience;
  }
  const auto [mean, deviation] = mean_and_deviation(static_cast<double>(contours.size()), sum, squares);
  for (Contour& contour : contours) {
    contour.is_voice = contour.mean_salience >= mean - options.voicing_tolerance * deviation ||
                       (contour.has_vibrato && options.vibrato_voicing >= 1.0) ||
                       contour.bin_deviation * kCentsPerSalienceBin > 40.0;
  }
}

// Mean pitch of the voices in each frame, weighted by their total salience, then over the trend window; frames without
// a voice take the nearest trend.
std::vector<double> pitch_trend(const std::vector<Contour>& contours, std::size_t frames, std::size_t window) {
  std::vector<double> pitch(frames, 0.0), weight(frames, 0.0);
  for (const Contour& contour : contours) {
    if (!contour.is_voice) continue;
    for (std::size_t k = contour.start; k < contour.end(); ++k) {
      pitch[k] += contour.total_salience * contour.bin_at(k);
      weight[k] += contour.total_salience;
    }
  }
  std::vector<double> sums(frames + 1, 0.0), counts(frames + 1, 0.0);
  for (std::size_t k = 0; k < frames; ++k) {
    sums[k + 1] = sums[k] + (weight[k] > 0.0 ? pitch[k] / weight[k] : 0.0);
    counts[k + 1] = counts[k] + (weight[k] > 0.0 ? 1.0 : 0.0);
  }
  std::vector<double> trend(frames, 0.0);
  double last = 0.0;
  for (std::size_t k = 0; k < frames; ++k) {
    const std::size_t first = k < window / 2 ? 0 : k - window / 2, end = std::min(frames, k + window / 2 + 1);
    const double count = counts[end] - counts[first];
    trend[k] = last = count > 0.0 ? (sums[end] - sums[first]) / count : last;
  }
  return trend;
}

double mean_distance(const Contour& contour, std::span<const double> trend, std::size_t first, std::size_t end) {
  double sum = 0.0;
  for (std::size_t k = first; k < end; ++k) sum += contour.bin_at(k) - trend[k];
  return std::abs(sum) / static_cast<double>(end - first);
}

// Of two voices an octave apart where they overlap, the one farther from the trend goes.
void remove_octave_duplicates(std::vector<Contour>& contours, std::span<const double> trend) {
  constexpr double kOctave = 1200.0 / kCentsPerSalienceBin, kTolerance = 50.0 / kCentsPerSalienceBin;
  for (std::size_t a = 0; a < contours.size(); ++a) {  // sorted by start
    for (std::size_t b = a + 1; b < contours.size() && contours[b].start < contours[a].end(); ++b) {
      if (!contours[a].is_voice || !contours[b].is_voice) continue;
      const std::size_t first = contours[b].start, end = std::min(contours[a].end(), contours[b].end());
      double distance = 0.0;
      for (std::size_t k = first; k < end; ++k) distance += contours[a].bin_at(k) - contours[b].bin_at(k);
      distance = std::abs(distance) / static_cast<double>(end - first);
      if (std::abs(distance - kOctave) > kTolerance) continue;
      const bool a_is_farther =
          mean_distance(contours[a], trend, first, end) > mean_distance(contours[b], trend, first, end);
      (a_is_farther ? contours[a] : contours[b]).is_voice = false;
    }
  }
}

void remove_outliers(std::vector<Contour>& contours, std::span<const double> trend) {
  constexpr double kOctave = 1200.0 / kCentsPerSalienceBin;
  for (Contour& contour : contours) {
    if (contour.is_voice && mean_distance(contour, trend, contour.start, contour.end()) > kOctave) {
      contour.is_voice = false;
    }
  }
}

// Section II-D-2.
void select_voices(std::vector<Contour>& contours, std::size_t frames, std::size_t window, int iterations) {
  for (int i = 0; i < iterations; ++i) {
    remove_octave_duplicates(contours, pitch_trend(contours, frames, window));
    remove_outliers(contours, pitch_trend(contours, frames, window));
  }
}

PitchContour speak(const std::vector<Contour>& contours, std::size_t frames, double frame_rate, double lowest) {
  std::vector<const Contour*> chosen(frames, nullptr);
  for (const Contour& contour : contours) {
    for (std::size_t k = contour.start; k < contour.end(); ++k) {
      const Contour* rival = chosen[k];
      const bool better = rival == nullptr || contour.is_voice > rival->is_voice ||
                          (contour.is_voice == rival->is_voice && contour.total_salience > rival->total_salience);
      if (better) chosen[k] = &contour;
    }
  }
  PitchContour melody;
  for (std::size_t k = 0; k < frames; ++k) {
    melody.times.push_back(static_cast<double>(k) / frame_rate);
    double frequency = 0.0;
    if (chosen[k] != nullptr) {
      frequency = lowest * std::exp2(chosen[k]->bin_at(k) * kCentsPerSalienceBin / 1200.0);
      if (!chosen[k]->is_voice) frequency = -frequency;
    }
    melody.frequencies.push_back(frequency);
  }
  return melody;
}

}  // namespace

PitchContour extract_melody(std::span<const float> samples, ThreadPool& pool, const MelodiaOptions& options) {
  SaliencePeakExtractor extractor(options.salience, options.peaks_per_frame, pool);
  extractor.push(samples);
  return extract_melody(extractor.finish(), options);
}

PitchContour extract_melody(SaliencePeaks peaks, const MelodiaOptions& options) {
  const double frame_rate =
      static_cast<double>(options.salience.peaks.sample_rate) / static_cast<double>(options.salience.hop_samples);
  auto frames = sorted_out(std::move(peaks), options);
  std::vector<Contour> contours = ContourTracker(frames, options, frame_rate).track_all();
  for (Contour& contour : contours) characterise(contour, frame_rate);
  std::stable_sort(contours.begin(), contours.end(),
                   [](const Contour& a, const Contour& b) { return a.start < b.start; });
  detect_voice(contours, options);
  const auto window = static_cast<std::size_t>(options.trend_window * frame_rate);
  select_voices(contours, frames.size(), window, options.iterations);
  return speak(contours, frames.size(), frame_rate, options.salience.lowest);
}

}  // namespace pop2piano
