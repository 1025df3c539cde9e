// SPDX-License-Identifier: MIT
#include "listening/melody/pyin.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <string>

#include "sound/dsp/fft.h"

namespace pop2piano {
namespace {

constexpr double kTiny = std::numeric_limits<double>::min();

// A period that may be the pitch's, and how likely.
struct Candidate {
  std::size_t bin;
  double probability;
};

struct Ranges {
  std::size_t shortest, longest;  // period, samples
  std::size_t window;             // samples
  std::size_t bins_per_semitone, bins;
};

Ranges ranges_of(const PyinOptions& options) {
  const double rate = options.sample_rate;
  Ranges ranges{};
  ranges.window = options.frame_samples / 2;
  if (options.lowest <= 0.0 || options.highest <= options.lowest || options.highest > rate / 2.0 ||
      options.frame_samples < 8 || options.frame_samples % 2 != 0 || options.hop_samples == 0) {
    throw Error(ErrorCode::invalid_argument, "pitch tracking: expected 0 < lowest < highest <= half the sample rate");
  }
  ranges.shortest = static_cast<std::size_t>(std::floor(rate / options.highest));
  ranges.longest =
      std::min(static_cast<std::size_t>(std::ceil(rate / options.lowest)), options.frame_samples - ranges.window - 1);
  if (ranges.shortest < 1 || ranges.shortest + 2 > ranges.longest) {
    throw Error(ErrorCode::invalid_argument, "pitch tracking: expected a frame of at least four periods of " +
                                                 std::to_string(options.highest) + " Hz");
  }
  ranges.bins_per_semitone = static_cast<std::size_t>(std::ceil(1.0 / options.resolution));
  ranges.bins = 1 + static_cast<std::size_t>(std::floor(12.0 * static_cast<double>(ranges.bins_per_semitone) *
                                                        std::log2(options.highest / options.lowest)));
  return ranges;
}

// Regularised incomplete beta function for whole a, b: a binomial tail.
double beta_cdf(double x, int a, int b) {
  const int n = a + b - 1;
  double sum = 0.0;
  for (int k = a; k <= n; ++k) {
    const double choose = std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
    if (x <= 0.0 || x >= 1.0) return x <= 0.0 ? 0.0 : 1.0;
    sum += std::exp(choose + k * std::log(x) + (n - k) * std::log1p(-x));
  }
  return sum;
}

// Probability of each threshold i / count, i = 1..count.
std::vector<double> threshold_prior(const PyinOptions& options) {
  const auto count = static_cast<double>(options.thresholds);
  std::vector<double> prior(options.thresholds);
  double before = 0.0;
  for (std::size_t i = 0; i < prior.size(); ++i) {
    const double below = beta_cdf(static_cast<double>(i + 1) / count, static_cast<int>(options.prior_a),
                                  static_cast<int>(options.prior_b));
    prior[i] = below - before;
    before = below;
  }
  return prior;
}

// YIN's cumulative mean normalised difference (de Cheveigne and Kawahara 2002) of one frame after the other.
class YinDifference {
 public:
  YinDifference(const PyinOptions& options, const Ranges& ranges)
      : ranges_(ranges),
        size_(options.frame_samples),
        fft_(options.frame_samples),
        frame_(size_),
        reversed_(size_),
        products_(size_),
        spectrum_(fft_.bins()),
        reversed_spectrum_(fft_.bins()),
        energy_(size_ + 1),
        difference_(ranges.longest + 1),
        normalised_(ranges.longest - ranges.shortest + 1) {}

  // [longest - shortest + 1] for periods shortest..longest
  std::span<const double> of(std::span<const float> samples, std::ptrdiff_t centre) {
    load(samples, centre - static_cast<std::ptrdiff_t>(size_ / 2));
    correlate();
    const auto window_energy = [&](std::size_t lag) {
      const double energy = energy_[lag + ranges_.window + 1] - energy_[lag + 1];
      return std::abs(energy) < 1e-6 ? 0.0 : energy;
    };
    double sum = 0.0;
    for (std::size_t lag = 1; lag <= ranges_.longest; ++lag) {
      const double product = products_[ranges_.window + lag];
      const double cleaned = std::abs(product) < 1e-6 ? 0.0 : product;
      difference_[lag] = window_energy(0) + window_energy(lag) - 2.0 * cleaned;
      sum += difference_[lag];
      if (lag >= ranges_.shortest) {
        const double mean = sum / static_cast<double>(lag);
        normalised_[lag - ranges_.shortest] = difference_[lag] / (mean + std::numeric_limits<float>::min());
      }
    }
    return normalised_;
  }

 private:
  void load(std::span<const float> samples, std::ptrdiff_t start) {
    for (std::size_t i = 0; i < size_; ++i) {
      const std::ptrdiff_t at = start + static_cast<std::ptrdiff_t>(i);
      frame_[i] =
          at >= 0 && at < static_cast<std::ptrdiff_t>(samples.size()) ? samples[static_cast<std::size_t>(at)] : 0.0F;
      energy_[i + 1] = energy_[i] + static_cast<double>(frame_[i]) * frame_[i];
    }
  }

  // products_[window + lag] = sum over j = 1..window of frame[j] frame[j + lag]
  void correlate() {
    std::fill(reversed_.begin(), reversed_.end(), 0.0F);
    for (std::size_t i = 0; i < ranges_.window; ++i) reversed_[i] = frame_[ranges_.window - i];
    fft_.forward(frame_, spectrum_);
    fft_.forward(reversed_, reversed_spectrum_);
    for (std::size_t k = 0; k < spectrum_.size(); ++k) spectrum_[k] *= reversed_spectrum_[k];
    fft_.inverse(spectrum_, products_);
  }

  const Ranges& ranges_;
  std::size_t size_;
  RealFft fft_;
  std::vector<float> frame_, reversed_, products_;                 // [size]
  std::vector<std::complex<float>> spectrum_, reversed_spectrum_;  // [bins]
  std::vector<double> energy_;                                     // [size + 1] of all samples before
  std::vector<double> difference_, normalised_;                    // [longest + 1], [longest - shortest + 1]
};

std::vector<std::size_t> troughs_of(std::span<const double> yin) {
  std::vector<std::size_t> troughs;
  if (yin[0] < yin[1]) troughs.push_back(0);
  for (std::size_t i = 1; i < yin.size(); ++i) {
    const double after = i + 1 < yin.size() ? yin[i + 1] : yin[i];
    if (yin[i] < yin[i - 1] && yin[i] <= after) troughs.push_back(i);
  }
  return troughs;
}

// Probability of each trough: over all thresholds, the earlier ones below it are likelier; the deepest one takes a
// small share of the thresholds that nothing is below.
std::vector<double> trough_probabilities(std::span<const double> yin, std::span<const std::size_t> troughs,
                                         std::span<const double> prior, const PyinOptions& options) {
  std::vector<double> result(troughs.size(), 0.0);
  std::size_t deepest = 0;
  for (std::size_t i = 1; i < troughs.size(); ++i) {
    if (yin[troughs[i]] < yin[troughs[deepest]]) deepest = i;
  }
  const double decay = options.trough_decay;
  for (std::size_t t = 0; t < prior.size(); ++t) {
    const double threshold = static_cast<double>(t + 1) / static_cast<double>(prior.size());
    std::size_t below = 0;
    for (const std::size_t trough : troughs) below += yin[trough] < threshold;
    if (below == 0) {
      result[deepest] += options.no_trough * prior[t];
      continue;
    }
    const double scale = (1.0 - std::exp(-decay)) / (1.0 - std::exp(-decay * static_cast<double>(below)));
    std::size_t position = 0;
    for (std::size_t i = 0; i < troughs.size(); ++i) {
      if (yin[troughs[i]] >= threshold) continue;
      result[i] += prior[t] * scale * std::exp(-decay * static_cast<double>(position++));
    }
  }
  return result;
}

double refined_shift(std::span<const double> yin, std::size_t i) {
  if (i == 0 || i + 1 == yin.size()) return 0.0;
  const double a = yin[i + 1] + yin[i - 1] - 2.0 * yin[i], b = (yin[i + 1] - yin[i - 1]) / 2.0;
  return std::abs(b) >= std::abs(a) ? 0.0 : -b / a;
}

std::vector<Candidate> candidates_of(std::span<const double> yin, const Ranges& ranges, std::span<const double> prior,
                                     const PyinOptions& options) {
  const std::vector<std::size_t> troughs = troughs_of(yin);
  if (troughs.empty()) return {};
  const std::vector<double> probabilities = trough_probabilities(yin, troughs, prior, options);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < troughs.size(); ++i) {
    if (probabilities[i] <= 0.0) continue;
    const double period = static_cast<double>(ranges.shortest + troughs[i]) + refined_shift(yin, troughs[i]);
    const double semitones = 12.0 * std::log2(options.sample_rate / period / options.lowest);
    const double bin = std::nearbyint(semitones * static_cast<double>(ranges.bins_per_semitone));
    const auto clipped = static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(ranges.bins - 1)));
    // A later trough in the same bin replaces the earlier one.
    std::erase_if(candidates, [&](const Candidate& other) { return other.bin == clipped; });
    candidates.push_back({clipped, probabilities[i]});
  }
  return candidates;
}

// Most likely path through pitches [0, bins) voiced and [bins, 2 bins) unvoiced. Pitch moves by a triangular window.
class PitchPath {
 public:
  PitchPath(const Ranges& ranges, const PyinOptions& options) : bins_(ranges.bins) {
    const double semitones =
        std::nearbyint(options.fastest_change * 12.0 * static_cast<double>(options.hop_samples) / options.sample_rate);
    reach_ = static_cast<std::size_t>(semitones) * ranges.bins_per_semitone / 2;
    for (std::size_t d = 0; d <= reach_; ++d) {
      log_window_.push_back(std::log(static_cast<double>(reach_ + 1 - d) / static_cast<double>(reach_ + 1)));
    }
    for (std::size_t from = 0; from < bins_; ++from) {
      double sum = 0.0;
      for (std::size_t to = first_of(from); to < end_of(from); ++to) sum += std::exp(window(from, to));
      log_norm_.push_back(std::log(sum));
    }
    log_stay_ = std::log(1.0 - options.switch_probability);
    log_switch_ = std::log(std::max(kTiny, options.switch_probability));
  }

  // States of all frames, from the candidates of each.
  std::vector<std::size_t> solve(std::span<const std::vector<Candidate>> frames) {
    std::vector<double> voiced(bins_, -1e30), unvoiced(bins_, -std::log(static_cast<double>(bins_)));
    std::vector<std::uint16_t> from(frames.size() * 2 * bins_, 0);  // best state before
    for (std::size_t k = 0; k < frames.size(); ++k) {
      if (k > 0) advance(voiced, unvoiced, frames[k], std::span(from).subspan(k * 2 * bins_, 2 * bins_));
      observe(voiced, unvoiced, frames[k]);
    }
    std::vector<std::size_t> path(frames.size());
    if (path.empty()) return path;
    const auto best_voiced = std::max_element(voiced.begin(), voiced.end());
    const auto best_unvoiced = std::max_element(unvoiced.begin(), unvoiced.end());
    std::size_t state = *best_voiced >= *best_unvoiced
                            ? static_cast<std::size_t>(best_voiced - voiced.begin())
                            : bins_ + static_cast<std::size_t>(best_unvoiced - unvoiced.begin());
    for (std::size_t k = frames.size(); k-- > 0;) {
      path[k] = state;
      state = from[k * 2 * bins_ + state];
    }
    return path;
  }

 private:
  [[nodiscard]] std::size_t first_of(std::size_t bin) const { return bin < reach_ ? 0 : bin - reach_; }
  [[nodiscard]] std::size_t end_of(std::size_t bin) const { return std::min(bins_, bin + reach_ + 1); }
  [[nodiscard]] double window(std::size_t a, std::size_t b) const { return log_window_[a > b ? a - b : b - a]; }

  void advance(std::vector<double>& voiced, std::vector<double>& unvoiced, std::span<const Candidate> candidates,
               std::span<std::uint16_t> from) {
    to_voiced_.resize(bins_), to_unvoiced_.resize(bins_), source_voiced_.resize(bins_), source_unvoiced_.resize(bins_);
    for (std::size_t b = 0; b < bins_; ++b) {
      choose(voiced[b] + log_stay_, unvoiced[b] + log_switch_, b, to_voiced_[b], source_voiced_[b]);
      choose(voiced[b] + log_switch_, unvoiced[b] + log_stay_, b, to_unvoiced_[b], source_unvoiced_[b]);
    }
    std::fill(voiced.begin(), voiced.end(), -1e30);
    for (const Candidate& candidate : candidates) {  // other voiced states are not observed
      const std::size_t source = best_source(to_voiced_, candidate.bin);
      voiced[candidate.bin] = to_voiced_[source] + window(source, candidate.bin);
      from[candidate.bin] = source_voiced_[source];
    }
    for (std::size_t b = 0; b < bins_; ++b) {
      const std::size_t source = best_source(to_unvoiced_, b);
      unvoiced[b] = to_unvoiced_[source] + window(source, b);
      from[bins_ + b] = source_unvoiced_[source];
    }
  }

  void choose(double from_voiced, double from_unvoiced, std::size_t bin, double& score, std::uint16_t& source) const {
    const bool is_voiced = from_voiced >= from_unvoiced;
    score = (is_voiced ? from_voiced : from_unvoiced) - log_norm_[bin];
    source = static_cast<std::uint16_t>(is_voiced ? bin : bins_ + bin);
  }

  [[nodiscard]] std::size_t best_source(const std::vector<double>& scores, std::size_t bin) const {
    std::size_t best = bin;
    double highest = scores[bin] + log_window_[0];
    for (std::size_t s = first_of(bin); s < end_of(bin); ++s) {
      const double score = scores[s] + window(s, bin);
      if (score > highest) highest = score, best = s;
    }
    return best;
  }

  void observe(std::vector<double>& voiced, std::vector<double>& unvoiced,
               std::span<const Candidate> candidates) const {
    double sum = 0.0;
    std::vector<double> observed(bins_, 0.0);
    for (const Candidate& candidate : candidates) {
      observed[candidate.bin] = candidate.probability;
      sum += candidate.probability;
    }
    const double rest = (1.0 - std::clamp(sum, 0.0, 1.0)) / static_cast<double>(bins_);
    for (std::size_t b = 0; b < bins_; ++b) {
      voiced[b] += std::log(observed[b] + kTiny);
      unvoiced[b] += std::log(rest + kTiny);
    }
  }

  std::size_t bins_, reach_ = 0;
  std::vector<double> log_window_, log_norm_;  // [reach + 1], [bins]
  double log_stay_ = 0.0, log_switch_ = 0.0;
  std::vector<double> to_voiced_, to_unvoiced_;                 // [bins] best score before the pitch moves
  std::vector<std::uint16_t> source_voiced_, source_unvoiced_;  // [bins] the state it comes from
};

}  // namespace

PyinResult track_voice(std::span<const float> samples, ThreadPool& pool, const PyinOptions& options) {
  const Ranges ranges = ranges_of(options);
  const std::vector<double> prior = threshold_prior(options);
  std::vector<std::vector<Candidate>> candidates(samples.empty() ? 0 : 1 + samples.size() / options.hop_samples);
  parallel_for(pool, candidates.size(), 128, [&](std::size_t first, std::size_t last) {
    YinDifference yin(options, ranges);
    for (std::size_t k = first; k < last; ++k) {
      const auto centre = static_cast<std::ptrdiff_t>(k * options.hop_samples);
      candidates[k] = candidates_of(yin.of(samples, centre), ranges, prior, options);
    }
  });
  const std::vector<std::size_t> path = PitchPath(ranges, options).solve(candidates);
  PyinResult result;
  for (std::size_t k = 0; k < path.size(); ++k) {
    double probability = 0.0;
    for (const Candidate& candidate : candidates[k]) probability += candidate.probability;
    const double octaves = static_cast<double>(path[k]) / (12.0 * static_cast<double>(ranges.bins_per_semitone));
    result.contour.times.push_back(static_cast<double>(k * options.hop_samples) / options.sample_rate);
    result.contour.frequencies.push_back(path[k] < ranges.bins ? options.lowest * std::exp2(octaves) : 0.0);
    result.voiced_probability.push_back(std::clamp(probability, 0.0, 1.0));
  }
  return result;
}

}  // namespace pop2piano
