// SPDX-License-Identifier: MIT
#include "judging/metrics/melody_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {
namespace {

// Pitch in cents above 10 Hz, 0 where there is none, and voicing, on common times.
struct CentSeries {
  std::vector<double> times;
  std::vector<double> cents;
  std::vector<bool> voiced;
};

void validate(const PitchContour& contour, const char* what) {
  const auto fail = [what](const std::string& found) {
    throw Error(ErrorCode::invalid_argument, std::string(what) + " melody: " + found);
  };
  if (contour.times.size() != contour.frequencies.size()) fail("as many times as frequencies expected");
  for (std::size_t i = 0; i < contour.times.size(); ++i) {
    if (!std::isfinite(contour.times[i]) || !std::isfinite(contour.frequencies[i])) {
      fail("frame " + std::to_string(i + 1) + ": finite numbers expected");
    }
    if (i > 0 && contour.times[i] <= contour.times[i - 1]) {
      fail("frame " + std::to_string(i + 1) + " at " + std::to_string(contour.times[i]) + " s: times must rise");
    }
  }
}

// Starts at time 0 at the latest: the first frame is held backwards.
CentSeries to_cents(const PitchContour& contour) {
  CentSeries series;
  const auto append = [&](double time, double frequency) {
    series.times.push_back(time);
    series.cents.push_back(frequency == 0.0 ? 0.0 : 1200.0 * std::log2(std::abs(frequency) / 10.0));
    series.voiced.push_back(frequency > 0.0);
  };
  if (contour.times.front() > 0.0) append(0.0, contour.frequencies.front());
  for (std::size_t i = 0; i < contour.times.size(); ++i) append(contour.times[i], contour.frequencies[i]);
  return series;
}

bool nearly_equal(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::abs(x - y) <= 1e-8 + 1e-5 * std::abs(y); });
}

double rounded(double seconds) { return std::nearbyint(seconds * 1e10) / 1e10; }

std::vector<double> held_over_silence(std::vector<double> cents) {
  for (std::size_t i = 1; i < cents.size(); ++i) {
    if (cents[i] == 0.0) cents[i] = cents[i - 1];
  }
  return cents;
}

// Pitch by linear interpolation of the held pitch (no glides from and to silence), silence and voicing by the previous
// frame. The last frame is held until the last of the new times, which is silent when it lies beyond.
CentSeries resampled(CentSeries series, const std::vector<double>& times) {
  if (nearly_equal(series.times, times)) return series;
  for (double& time : series.times) time = rounded(time);
  if (rounded(times.back()) > series.times.back()) {
    series.times.push_back(rounded(times.back()));
    series.cents.push_back(0.0);
    series.voiced.push_back(false);
  }
  const std::vector<double> held = held_over_silence(series.cents);
  CentSeries result{times, std::vector<double>(times.size()), std::vector<bool>(times.size())};
  std::size_t at = 0;  // last frame at or before the time
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double time = rounded(times[i]);
    if (time < series.times[0]) continue;
    while (at + 1 < series.times.size() && series.times[at + 1] <= time) ++at;
    result.voiced[i] = series.voiced[at];
    if (series.cents[at] == 0.0) continue;
    result.cents[i] = held[at];
    if (at + 1 < series.times.size()) {
      const double slope = (held[at + 1] - held[at]) / (series.times[at + 1] - series.times[at]);
      result.cents[i] += slope * (time - series.times[at]);
    }
  }
  return result;
}

std::vector<double> regular_times(double hop, double end) {
  std::vector<double> times;
  const auto last = static_cast<std::size_t>(std::max(0.0, std::floor(rounded(end) / hop)));
  for (std::size_t i = 0; i <= last; ++i) times.push_back(rounded(hop * static_cast<double>(i)));
  return times;
}

struct FrameCounts {
  double frames = 0, voiced = 0, recalled = 0, false_alarms = 0, pitch = 0, chroma = 0, overall = 0;
};

FrameCounts count_frames(const CentSeries& reference, const CentSeries& estimate, double tolerance) {
  FrameCounts counts;
  for (std::size_t i = 0; i < reference.cents.size(); ++i) {
    const bool in_estimate = i < estimate.cents.size();
    const double found = in_estimate ? estimate.cents[i] : 0.0;
    const bool found_voiced = in_estimate && estimate.voiced[i];
    const bool comparable = found != 0.0 && reference.cents[i] != 0.0;
    const double distance = std::abs(reference.cents[i] - found);
    const bool same_pitch = comparable && distance < tolerance;
    const bool same_chroma =
        comparable && std::abs(distance - 1200.0 * std::floor(distance / 1200.0 + 0.5)) < tolerance;
    counts.frames += 1;
    if (reference.voiced[i]) {
      counts.voiced += 1;
      counts.recalled += found_voiced;
      counts.pitch += same_pitch;
      counts.chroma += same_chroma;
      counts.overall += same_pitch && found_voiced;
    } else {
      counts.false_alarms += found_voiced;
      counts.overall += !found_voiced;
    }
  }
  return counts;
}

Measure share(double part, double whole, std::string_view reason) {
  return whole > 0.0 ? Measure(part / whole) : Measure::undefined(reason);
}

}  // namespace

MelodyScores compare_melodies(const PitchContour& reference, const PitchContour& estimate,
                              const MelodyMetricOptions& options) {
  validate(reference, "reference");
  validate(estimate, "estimated");
  if (reference.times.empty() || estimate.times.empty()) {
    const Measure none = Measure::undefined(reference.times.empty() ? "the reference melody has no frames"
                                                                    : "the estimated melody has no frames");
    return {none, none, none, none, none};
  }
  CentSeries expected = to_cents(reference), found = to_cents(estimate);
  if (options.hop) {
    if (!(*options.hop > 0.0)) throw Error(ErrorCode::invalid_argument, "melody hop: expected a positive time");
    expected = resampled(expected, regular_times(*options.hop, expected.times.back()));
    found = resampled(found, regular_times(*options.hop, found.times.back()));
  } else {
    found = resampled(found, expected.times);
  }
  const FrameCounts counts = count_frames(expected, found, options.tolerance);
  constexpr std::string_view kUnvoiced = "the reference melody has no voiced frame";
  return {share(counts.recalled, counts.voiced, kUnvoiced),
          share(counts.false_alarms, counts.frames - counts.voiced, "the reference melody is voiced throughout"),
          share(counts.pitch, counts.voiced, kUnvoiced), share(counts.chroma, counts.voiced, kUnvoiced),
          share(counts.overall, counts.frames, "no frames")};
}

}  // namespace pop2piano
