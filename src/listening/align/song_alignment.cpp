// SPDX-License-Identifier: MIT
#include "listening/align/song_alignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/align/alignment.h"
#include "listening/align/analysis_sound.h"
#include "listening/align/sound_features.h"
#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

constexpr std::size_t kWindow = 200;      // points of the path that a knot is the median of: about 4 s
constexpr double kSameTime = 0.2;         // seconds; a shift that varies less is constant
constexpr double kFirstSeconds = 3600.0;  // that are compared

std::vector<PlayedNote> played(const Score& score) {
  std::vector<PlayedNote> notes;
  for (const Note& note : score.notes) {
    const double onset = score.time_at(note.onset);
    const double offset = score.time_at(note.offset());
    if (onset >= 0.0 && onset < kFirstSeconds) {
      notes.push_back({onset, std::min(offset, kFirstSeconds), static_cast<double>(note.pitch), 64});
    }
  }
  return notes;
}

std::vector<float> heard(const Recording& recording) {
  std::vector<float> samples = recording.read_all().samples;
  samples.resize(
      std::min(samples.size(), static_cast<std::size_t>(kFirstSeconds * static_cast<double>(kAnalysisSampleRate))));
  return samples;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// (score, recording) seconds: medians of stretches of the path between the first and the last note.
std::vector<std::pair<double, double>> knots(const WarpPath& path, double first, double last) {
  std::vector<std::pair<double, double>> inside, points;
  for (const auto& [score_frame, song_frame] : path) {
    const double time = static_cast<double>(score_frame) / kProfileRate;
    if (time >= first && time <= last) inside.emplace_back(time, static_cast<double>(song_frame) / kProfileRate);
  }
  for (std::size_t from = 0; from < inside.size(); from += kWindow) {
    const std::size_t to = std::min(inside.size(), from + kWindow);
    if (to - from < kWindow / 4 && !points.empty()) break;
    std::vector<double> here, shifts;
    for (std::size_t i = from; i < to; ++i) {
      here.push_back(inside[i].first);
      shifts.push_back(inside[i].second - inside[i].first);
    }
    const double at = median(here);
    const std::pair point(at, at + median(shifts));
    if (points.empty() || (point.first > points.back().first && point.second > points.back().second)) {
      points.push_back(point);
    }
  }
  return points;
}

double similarity(const Matrix<float>& score, const Matrix<float>& song, long shift_frames) {
  double sum = 0.0;
  for (std::size_t k = 0; k < score.rows(); ++k) {
    const long at = static_cast<long>(k) + shift_frames;
    if (at < 0 || at >= static_cast<long>(song.rows())) continue;
    const auto a = score.row(k), b = song.row(static_cast<std::size_t>(at));
    sum += std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }
  return sum;
}

/// Repeated notes let the path run an eighth early or late without cost: the constant shift near `coarse` (seconds) at
/// which the two are most alike as wholes.
double best_shift(const Matrix<float>& score, const Matrix<float>& song, double coarse) {
  constexpr long kReach = 40;  // frames, 0.8 s
  const long centre = std::lround(coarse * kProfileRate);
  long best = centre;
  double most = similarity(score, song, centre);
  for (long shift = centre - kReach; shift <= centre + kReach; ++shift) {
    const double here = similarity(score, song, shift);
    if (here > most) most = here, best = shift;
  }
  return best == centre ? coarse : static_cast<double>(best) / kProfileRate;
}

SoundFeatures onsets_of(std::vector<float> samples) {
  SoundFeatureExtractor extractor;
  extractor.begin(std::move(samples));
  extractor.find_onsets();
  return extractor.features();
}

/// How well the onsets of the two agree with the score `shift` seconds later, a frame of the profiles more or less.
Lock lock_at(const SoundFeatures& score, const SoundFeatures& song, double shift) {
  const auto frames = static_cast<std::ptrdiff_t>(std::lround(shift * song.onset_rate));
  const auto from = std::max<std::ptrdiff_t>(0, frames);
  const auto to = std::min(std::ssize(song.onsets), std::ssize(score.onsets) + frames);
  if (to <= from) return {};
  const auto length = static_cast<std::size_t>(to - from);
  return measure_lock(std::span(song.onsets).subspan(static_cast<std::size_t>(from), length),
                      std::span(score.onsets).subspan(static_cast<std::size_t>(from - frames), length), song.onset_rate,
                      1.0 / kProfileRate);
}

/// Harmony alone can be a 16th off where chords come again, onsets alone an eighth: the shift near `coarse` (seconds)
/// at which the product of both likenesses is largest; `coarse` where onsets say little.
double onset_shift(const Matrix<float>& score_features, const Matrix<float>& song_features, const SoundFeatures& score,
                   const SoundFeatures& song, double coarse) {
  constexpr long kReach = 15;         // frames, 0.3 s
  constexpr double kAgreement = 0.3;  // least correlation of the onsets
  const long centre = std::lround(coarse * kProfileRate);
  double best = coarse, most = 0.0;
  for (long frame = centre - kReach; frame <= centre + kReach; ++frame) {
    const double shift = static_cast<double>(frame) / kProfileRate;
    const Lock lock = lock_at(score, song, shift);
    if (!lock.correlation.defined() || lock.correlation.value() < kAgreement) continue;
    const double here = lock.correlation.value() * similarity(score_features, song_features, frame);
    if (here > most) most = here, best = shift - lock.offset_ms.value() / 1000.0;
  }
  return best;
}

}  // namespace

SongAlignment align_with_song(const Score& score, const Recording& recording, int threads) {
  SongAlignment result;
  const std::vector<PlayedNote> notes = played(score);
  if (notes.empty()) return result;
  ThreadPool pool(threads);
  const HpcpOptions options{.sample_rate = kAnalysisSampleRate};
  const std::vector<float> song_samples = heard(recording);
  HpcpOptions song_options = options;
  song_options.tuning = estimate_tuning(song_samples, kAnalysisSampleRate);
  const auto song = compute_hpcp(song_samples, song_options, pool);
  const std::vector<float> piano_samples = analysis_sound(notes, kAnalysisSampleRate);
  const auto piano = compute_hpcp(piano_samples, options, pool);
  const Matrix<float> score_features = alignment_features(transposed(piano, optimal_transposition(song, piano)));
  const Matrix<float> song_features = alignment_features(song);
  const WarpPath path = align(score_features, song_features);
  result.time.points = knots(path, notes.front().onset, notes.back().onset);
  if (result.time.points.empty()) return result;
  std::vector<double> shifts, deviations;
  for (const auto& [here, there] : result.time.points) shifts.push_back(there - here);
  result.shift = median(shifts);
  for (const double shift : shifts) deviations.push_back(std::abs(shift - result.shift));
  result.spread = median(deviations);
  result.warped = result.spread > kSameTime;
  if (!result.warped) {
    result.shift = best_shift(score_features, song_features, result.shift);
    result.shift =
        onset_shift(score_features, song_features, onsets_of(piano_samples), onsets_of(song_samples), result.shift);
    constexpr double kNoise = 0.06;  // seconds; what the path itself is uncertain by
    const double shift = std::abs(result.shift) < kNoise ? 0.0 : result.shift;
    result.time.points = {{0.0, shift}};
  }
  return result;
}

}  // namespace pop2piano
