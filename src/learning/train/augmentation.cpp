// SPDX-License-Identifier: MIT
#include "learning/train/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace pop2piano::training {
namespace {

double to_mel(double hertz) { return 2595.0 * std::log10(1.0 + hertz / 700.0); }
double to_hertz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

// Value at a fractional index, the ends repeated.
float interpolated(std::span<const float> values, double index) {
  const double clamped = std::clamp(index, 0.0, static_cast<double>(values.size() - 1));
  const auto low = static_cast<std::size_t>(clamped);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  const auto part = static_cast<float>(clamped - static_cast<double>(low));
  return values[low] + part * (values[high] - values[low]);
}

// Moves the spectrum by semitones: band b takes what lay where its frequency was before.
void shift_pitch(Matrix<float>& frames, int semitones, const BandLayout& layout) {
  const std::size_t bands = std::min(layout.bands, frames.columns());
  const double first = to_mel(layout.lowest);
  const double spacing = (to_mel(layout.highest) - first) / static_cast<double>(bands + 1);
  const double ratio = std::exp2(-semitones / 12.0);
  std::vector<double> source(bands);
  for (std::size_t b = 0; b < bands; ++b) {
    const double centre = to_hertz(first + spacing * static_cast<double>(b + 1));
    source[b] = (to_mel(centre * ratio) - first) / spacing - 1.0;
  }
  std::vector<float> before(bands);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto row = frames.row(r);
    std::copy_n(row.begin(), bands, before.begin());
    for (std::size_t b = 0; b < bands; ++b) row[b] = interpolated(before, source[b]);
  }
}

// The semitones' channels: two runs of equal length after the bands.
void shift_semitones(Matrix<float>& frames, int semitones, std::size_t first_column) {
  const auto pitches = static_cast<std::ptrdiff_t>((frames.columns() - first_column) / 2);
  std::vector<float> before(static_cast<std::size_t>(pitches));
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    for (std::size_t half = 0; half < 2; ++half) {
      const auto run = frames.row(r).subspan(first_column + half * before.size(), before.size());
      std::copy(run.begin(), run.end(), before.begin());
      for (std::ptrdiff_t p = 0; p < pitches; ++p) {
        const std::ptrdiff_t from = p - semitones;
        run[static_cast<std::size_t>(p)] = from >= 0 && from < pitches ? before[static_cast<std::size_t>(from)] : 0.0F;
      }
    }
  }
}

// Reads every frame a little early or late: a constant, a drift and a tremor, as beat trackers err.
void jitter_times(Matrix<float>& frames, double amount, Random& random) {
  const Matrix<float> before = frames;
  const double shift = random.uniform(-amount, amount), drift = random.uniform(-amount, amount);
  const auto last = static_cast<double>(frames.rows() - 1);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto position = static_cast<double>(r);
    const double moved =
        std::clamp(position + shift + drift * (position / last - 0.5) + 0.3 * amount * random.normal(), 0.0, last);
    const auto low = static_cast<std::size_t>(moved);
    const auto from = before.row(low), next = before.row(std::min(low + 1, frames.rows() - 1));
    const auto part = static_cast<float>(moved - static_cast<double>(low));
    const auto row = frames.row(r);
    for (std::size_t b = 0; b < row.size(); ++b) row[b] = from[b] + part * (next[b] - from[b]);
  }
}

// Logarithms of what a spectrum of noise has in a bin: of an exponential's values, in no order that matters.
const std::vector<float>& noise_values() {
  static const std::vector<float> values = [] {
    std::vector<float> v(std::size_t{1} << 12);
    for (std::size_t i = 0; i < v.size(); ++i) {
      v[i] = static_cast<float>(std::log(-std::log((static_cast<double>(i) + 0.5) / static_cast<double>(v.size()))));
    }
    return v;
  }();
  return values;
}

// log(1 + exp(-distance)), what the lesser of two powers adds to the logarithm of the greater.
float added_by_lesser(float distance) {
  constexpr std::size_t kPerUnit = 32, kUnits = 8;
  static const auto table = [] {
    std::array<float, kPerUnit * kUnits> t{};
    for (std::size_t i = 0; i < t.size(); ++i) {
      t[i] = static_cast<float>(std::log1p(std::exp(-(static_cast<double>(i) + 0.5) / kPerUnit)));
    }
    return t;
  }();
  const auto at = static_cast<std::size_t>(distance * kPerUnit);
  return at < table.size() ? table[at] : 0.0F;
}

// Logarithm of the noise's power in each frame: steady, with bursts that fade on a regular grid, as a drummer's.
std::vector<float> draw_bursts(std::size_t frames, double steady, Random& random) {
  constexpr std::array<std::size_t, 3> kPeriods{3, 6, 12};
  const std::size_t period = kPeriods[random.index(kPeriods.size())], phase = random.index(period);
  const double strength = random.uniform(0.0, 4.0), fade = random.uniform(0.3, 1.2);
  std::vector<float> level(frames, static_cast<float>(steady));
  double burst = 0.0;
  for (std::size_t r = 0; r < frames; ++r) {
    burst = std::max(0.0, burst - fade);
    if ((r + phase) % period == 0 && random.chance(0.7)) burst = strength * random.uniform(0.5, 1.0);
    level[r] += static_cast<float>(burst);
  }
  return level;
}

// Takes a share of what each band gained in the mean, smoothed over its neighbours, away again: a song's own mean is
// subtracted from what the network hears, and noise that a song always has is part of it.
void take_gain_away(Matrix<float>& frames, std::span<const double> gained, double share) {
  constexpr std::size_t kReach = 6;  // bands to either side
  for (std::size_t b = 0; b < gained.size(); ++b) {
    const std::size_t first = b < kReach ? 0 : b - kReach, last = std::min(b + kReach + 1, gained.size());
    double sum = 0.0;
    for (std::size_t i = first; i < last; ++i) sum += gained[i];
    const double mean = sum / static_cast<double>((last - first) * frames.rows());
    for (std::size_t r = 0; r < frames.rows(); ++r) frames(r, b) -= static_cast<float>(share * mean);
  }
}

// Noise as of cymbals, breath and distortion, of which records have more than renderings: it fills what lies between
// partials. Its bands fluctuate, the narrow low ones more, and remember 0.6 from frame to frame, as windows overlap.
void add_noise(Matrix<float>& frames, const BandLayout& layout, double highest, Random& random) {
  const std::size_t bands = std::min(layout.bands, frames.columns());
  const auto& values = noise_values();
  const std::vector<float> level = draw_bursts(frames.rows(), highest - random.uniform(0.0, 4.0), random);
  const double tilt = random.uniform(0.0, 3.0), width = random.uniform(0.4, 1.0);
  const auto scale = static_cast<float>(layout.scale);
  std::vector<float> colour(bands), spread(bands), now(bands, 0.0F);
  for (std::size_t b = 0; b < bands; ++b) {
    const double height = static_cast<double>(b) / static_cast<double>(bands);
    colour[b] = static_cast<float>(tilt * (std::min(height / width, 1.0) - 1.0));
    spread[b] = static_cast<float>(1.0 - 0.6 * height);
  }
  std::vector<double> gained(bands, 0.0);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto row = frames.row(r);
    std::uint64_t bits = 0;
    for (std::size_t b = 0; b < bands; ++b) {
      bits = b % 5 == 0 ? random.next() : bits >> 12;
      now[b] = 0.6F * now[b] + 0.8F * values[bits % values.size()];
      const float noise = level[r] + colour[b] + spread[b] * now[b], music = scale * row[b];
      const float both = (std::max(noise, music) + added_by_lesser(std::abs(noise - music))) / scale;
      gained[b] += both - row[b];
      row[b] = both;
    }
  }
  take_gain_away(frames, gained, random.uniform());
}

std::vector<float> draw_equaliser(const AugmentationOptions& options, std::size_t bands, Random& random) {
  std::vector<float> gain(bands, static_cast<float>(random.uniform(-options.level, options.level)));
  for (int wave = 1; wave <= 4; ++wave) {
    const double size = options.equaliser * random.normal(), phase = random.uniform(0.0, 2.0 * std::numbers::pi);
    for (std::size_t b = 0; b < bands; ++b) {
      const double angle = std::numbers::pi * wave * static_cast<double>(b) / static_cast<double>(bands);
      gain[b] += static_cast<float>(size * std::cos(angle + phase));
    }
  }
  return gain;
}

void mask_bands(Matrix<float>& frames, std::size_t bands, const AugmentationOptions& options, Random& random) {
  const std::size_t masks = random.index(static_cast<std::size_t>(options.most_masks) + 1);
  for (std::size_t m = 0; m < masks; ++m) {
    const auto widths = static_cast<std::size_t>(options.widest_mask - options.narrowest_mask + 1);
    const std::size_t width = std::min(bands, static_cast<std::size_t>(options.narrowest_mask) + random.index(widths));
    const std::size_t first = random.index(bands - width + 1);
    for (std::size_t r = 0; r < frames.rows(); ++r) {
      const auto run = frames.row(r).subspan(first, width);
      std::fill(run.begin(), run.end(), 0.0F);
    }
  }
}

}  // namespace

AugmentationDraw draw_augmentation(const AugmentationOptions& options, Random& random) {
  AugmentationDraw draw;
  draw.seed = random.next();
  const bool shifted = random.chance(options.pitch_shift_chance);
  const auto choices = static_cast<std::size_t>(2 * options.most_pitch_shift + 1);
  const int semitones = static_cast<int>(random.index(choices)) - static_cast<int>(options.most_pitch_shift);
  if (shifted) draw.semitones = semitones;
  return draw;
}

void augment(Matrix<float>& frames, const AugmentationOptions& options, const AugmentationDraw& draw,
             const BandLayout& bands, float floor) {
  if (frames.rows() < 2) return;
  Random random(draw.seed);
  const std::size_t count = std::min(bands.bands, frames.columns());
  if (draw.semitones != 0) {
    shift_pitch(frames, draw.semitones, bands);
    shift_semitones(frames, draw.semitones, count);
  }
  if (random.chance(options.jitter_chance)) jitter_times(frames, options.jitter, random);
  if (options.noise_chance > 0 && random.chance(options.noise_chance)) {
    add_noise(frames, bands, options.noise_level, random);
  }
  const auto contrast = static_cast<float>(random.uniform(options.lowest_contrast, options.highest_contrast));
  const auto gain = draw_equaliser(options, count, random);
  for (std::size_t r = 0; r < frames.rows(); ++r) {
    const auto row = frames.row(r);
    for (std::size_t b = 0; b < count; ++b) row[b] = std::max(row[b] * contrast + gain[b], floor);
  }
  mask_bands(frames, count, options, random);
  if (frames.columns() > count && random.chance(options.melody_loss_chance)) {
    for (std::size_t r = 0; r < frames.rows(); ++r) std::ranges::fill(frames.row(r).subspan(count), 0.0F);
  }
}

}  // namespace pop2piano::training
