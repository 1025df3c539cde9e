// SPDX-License-Identifier: MIT
#include "music/arrange/dynamics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "music/score/bars.h"

namespace pop2piano {
namespace {

constexpr double kEvenVelocity = 70.0;
constexpr double kSilenceDb = -70.0;        // below the song's loudest beat
constexpr double kSilentDb = 35.0;          // below the median is no music
constexpr double kFullRangeDb = 12.0;       // a song that varies by this much uses the whole range of velocities
constexpr std::size_t kMaxSmoothed = 4096;  // beats to either side

std::vector<double> without_silence(std::span<const float> loudness_db) {
  double peak = -1e9;
  for (const float value : loudness_db) {
    if (std::isfinite(value)) peak = std::max(peak, static_cast<double>(value));
  }
  std::vector<double> out;
  for (const float value : loudness_db) {
    out.push_back(std::isfinite(value) ? std::max<double>(value, peak + kSilenceDb) : peak + kSilenceDb);
  }
  return out;
}

std::vector<double> smoothed(const std::vector<double>& values, double deviation) {
  if (!(deviation > 0.0)) return values;
  const auto reach = static_cast<std::ptrdiff_t>(std::min(std::ceil(3.0 * deviation), double{kMaxSmoothed}));
  const auto size = static_cast<std::ptrdiff_t>(values.size());
  std::vector<double> out(values.size());
  for (std::ptrdiff_t i = 0; i < size; ++i) {
    double sum = 0.0, weights = 0.0;
    for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(0, i - reach); j <= std::min(size - 1, i + reach); ++j) {
      const double z = static_cast<double>(j - i) / deviation;
      const double weight = std::exp(-0.5 * z * z);
      sum += weight * values[static_cast<std::size_t>(j)];
      weights += weight;
    }
    out[static_cast<std::size_t>(i)] = sum / weights;
  }
  return out;
}

double percentile(std::vector<double> values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

/// Lead-in, pauses and fade to nothing take the loudness of the music beside them: they say nothing of its range.
std::vector<double> filled(std::vector<double> curve) {
  const double floor = percentile(curve, 0.5) - kSilentDb;
  double last = *std::find_if(curve.begin(), curve.end(), [&](double value) { return value >= floor; });
  for (double& value : curve) {
    if (value >= floor) last = value;
    value = last;
  }
  return curve;
}

/// [beats] velocity by loudness alone.
std::vector<double> beat_velocities(std::span<const float> loudness_db, const DynamicsOptions& options) {
  if (loudness_db.empty()) return {kEvenVelocity};
  std::vector<double> curve = smoothed(filled(without_silence(loudness_db)), options.smoothing_beats);
  const double quiet = percentile(curve, 0.05), loud = percentile(curve, 0.95);
  const double used = std::min(1.0, (loud - quiet) / kFullRangeDb);  // share of the range of velocities
  const double top = kEvenVelocity + used * (options.loudest - kEvenVelocity);
  const double bottom = kEvenVelocity + used * (options.softest - kEvenVelocity);
  for (double& value : curve) {
    const double position = loud > quiet ? std::clamp((value - quiet) / (loud - quiet), 0.0, 1.0) : 0.5;
    value = bottom + position * (top - bottom);
  }
  return curve;
}

double metre_accent(const BeatGrid& grid, std::int32_t onset, const DynamicsOptions& options) {
  const int beat = beat_of_step(onset);
  if (onset != beat * kStepsPerBeat) return 0.0;
  return beat_number(grid, beat) == 1 ? options.downbeat : 0.5 * options.downbeat;
}

}  // namespace

void set_velocities(Score& score, std::span<const float> loudness_db, const DynamicsOptions& options) {
  const std::vector<double> curve = beat_velocities(loudness_db, options);
  sort_notes(score.notes);
  for (std::size_t first = 0; first < score.notes.size();) {
    std::size_t last = first;
    int lowest = 127, highest = 0;
    for (; last < score.notes.size() && score.notes[last].onset == score.notes[first].onset; ++last) {
      lowest = std::min<int>(lowest, score.notes[last].pitch);
      highest = std::max<int>(highest, score.notes[last].pitch);
    }
    for (; first < last; ++first) {
      Note& note = score.notes[first];
      const auto beat = std::clamp<std::ptrdiff_t>(beat_of_step(note.onset), 0, std::ssize(curve) - 1);
      const bool inner = note.voice != Voice::melody && note.pitch > lowest && note.pitch < highest;
      const double voice = note.voice == Voice::melody ? options.melody : inner ? options.inner : 0;
      const double velocity =
          curve[static_cast<std::size_t>(beat)] + voice + metre_accent(score.grid, note.onset, options);
      note.velocity =
          static_cast<std::int16_t>(std::clamp<long>(std::lround(velocity), options.lowest, options.highest));
    }
  }
}

void set_constant_velocity(Score& score, int velocity) {
  if (velocity < 1 || velocity > 127) {
    throw Error(ErrorCode::invalid_argument, "velocity: expected 1..127, found " + std::to_string(velocity));
  }
  for (Note& note : score.notes) note.velocity = static_cast<std::int16_t>(velocity);
}

}  // namespace pop2piano
