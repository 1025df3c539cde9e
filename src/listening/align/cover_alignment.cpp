// SPDX-License-Identifier: MIT
#include "listening/align/cover_alignment.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "listening/align/alignment.h"
#include "listening/align/analysis_sound.h"
#include "listening/align/beat_prior.h"
#include "listening/align/class_rises.h"
#include "listening/align/onset_evidence.h"
#include "listening/align/tempo_path.h"
#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMostCells = 16'000'000;  // of the search for passages; longer music is searched in longer frames
constexpr double kSmooth = 8.0;                 // seconds to either side that decide where a rough place lies
constexpr float kRises = 0.3F;                  // share of what begins in the likeness of frames

std::size_t frames_averaged(const CoverAlignmentOptions& options, std::size_t cover, std::size_t song) {
  auto count = static_cast<std::size_t>(std::lround(options.frame * kProfileRate));
  while ((cover / count + 1) * (song / count + 1) > kMostCells) ++count;
  return count;
}

// A cover of less than half a minute gains too little for the usual price of leaving the song and coming back.
CoverAlignmentOptions for_length(CoverAlignmentOptions options, std::size_t cover_frames) {
  constexpr float kOfAFrame = 0.05F;
  options.passages.away = std::min(options.passages.away, kOfAFrame * static_cast<float>(cover_frames));
  return options;
}

// Semitones, 0..11. What counts as nothing is the same in all keys, the most that does in one: a song that is like
// itself throughout is like its cover throughout, but only in its own key.
std::size_t key_of(const Matrix<float>& cover, const Matrix<float>& song, const CoverAlignmentOptions& options) {
  PassageOptions passages = options.passages;
  float level = 0.0F;
  for (std::size_t semitones = 0; semitones < kPitchClasses; ++semitones) {
    level = std::max(level, nothing_level(transposed(cover, semitones), song, passages));
  }
  passages.level = level;
  double most = 0.0;
  std::size_t best = 0;
  for (std::size_t semitones = 0; semitones < kPitchClasses; ++semitones) {
    const double gain = passage_gain(transposed(cover, semitones), song, passages);
    if (semitones == 0) most = gain * (1.0 + options.key_margin);
    if (gain > most) most = gain, best = semitones;
  }
  return best;
}

// Each row of length 1, or 0 where it is silent.
Matrix<float> of_length(Matrix<float> rows, float length) {
  for (std::size_t k = 0; k < rows.rows(); ++k) {
    float energy = 0.0F;
    for (const float value : rows.row(k)) energy += value * value;
    const float scale = energy > 0.0F ? length / std::sqrt(energy) : 0.0F;
    for (float& value : rows.row(k)) value *= scale;
  }
  return rows;
}

// Half of each neighbour added, as an onset may lie in the frame before or behind.
Matrix<float> blurred(const Matrix<float>& rows) {
  Matrix<float> result = rows;
  for (std::size_t k = 0; k < rows.rows(); ++k) {
    for (std::size_t c = 0; c < rows.columns(); ++c) {
      if (k > 0) result(k, c) += 0.5F * rows(k - 1, c);
      if (k + 1 < rows.rows()) result(k, c) += 0.5F * rows(k + 1, c);
    }
  }
  return result;
}

// [frames, 24]: what sounds, and what begins, whose likeness counts by its share.
Matrix<float> joined(const Matrix<float>& profiles, const Matrix<float>& rises) {
  const Matrix<float> sounding = of_length(profiles, std::sqrt(1.0F - kRises)),
                      beginning = of_length(blurred(rises), std::sqrt(kRises));
  Matrix<float> result(profiles.rows(), 2 * kPitchClasses, 0.0F);
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) {
      result(k, c) = sounding(k, c);
      result(k, kPitchClasses + c) = beginning(k, c);
    }
  }
  return result;
}

// Of joined profiles. A little less counts as nothing than of harmony alone: a way that leaves out the beginning or the
// end of a cover would else save the price of a cut.
Passages ways_through(const Matrix<float>& cover, const Matrix<float>& song, PassageOptions options) {
  constexpr float kLess = 0.05F;
  options.level = nothing_level(cover, song, options) - kLess;
  return find_passages(cover, song, options);
}

// The value at `place` of the line through the values around it, which count the less the further they are.
double line_at(std::span<const double> values, double place, double reach) {
  double weights = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
  const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(place - reach)));
  for (std::size_t k = first; k < values.size() && static_cast<double>(k) <= place + reach; ++k) {
    const double at = static_cast<double>(k) - place, weight = 1.0 - std::abs(at) / (reach + 1.0);
    weights += weight, x += weight * at, y += weight * values[k], xx += weight * at * at, xy += weight * at * values[k];
  }
  const double spread = weights * xx - x * x;
  const double slope = spread > 0.0 ? (weights * xy - x * y) / spread : 1.0;
  return (y - slope * x) / weights;
}

// Seconds in the recording of moments of the cover, by a path of frames of `seconds`, smoothed.
class RoughTimes {
 public:
  RoughTimes(const WarpPath& path, double seconds) : seconds_(seconds), first_(path.front().first) {
    for (const auto& [cover, song] : path) {
      while (first_ + frames_.size() < cover) frames_.push_back(static_cast<double>(song) - 0.5);
      frames_.push_back(static_cast<double>(song));
    }
  }
  [[nodiscard]] double at(double time) const {
    const double place = time / seconds_ - 0.5 - static_cast<double>(first_);
    const double inside = std::clamp(place, 0.0, static_cast<double>(frames_.size() - 1));
    return (line_at(frames_, inside, kSmooth / seconds_) + 0.5 + place - inside) * seconds_;
  }

 private:
  double seconds_;
  std::size_t first_;
  std::vector<double> frames_;  // of the song, for each of the cover
};

// Notes that begin together.
struct Onset {
  double time = 0.0;                 // seconds in the cover
  std::vector<std::size_t> classes;  // of the notes, as the song has them
  BeatPrior::Kind kind;
};

constexpr float kPrior = 2.0F;  // weight of the place in the beat beside OnsetEvidence::at()

std::vector<Onset> onsets_between(std::span<const PlayedNote> notes, double begin, double end, int transposition) {
  constexpr double kTogether = 0.03;     // seconds
  constexpr double kBelowIsBass = 53.0;  // the F below middle C
  std::vector<Onset> onsets;
  for (const PlayedNote& note : notes) {
    if (note.onset < begin || note.onset >= end) continue;
    if (onsets.empty() || note.onset > onsets.back().time + kTogether)
      onsets.push_back({.time = note.onset, .classes = {}, .kind = {.notes = 0, .bass = false}});
    ++onsets.back().kind.notes;
    if (note.pitch < kBelowIsBass) onsets.back().kind.bass = true;
    onsets.back().classes.push_back(static_cast<std::size_t>((std::lround(note.pitch) + transposition + 120) % 12));
  }
  return onsets;
}

// The rises of pitch classes are broad, and come early where little else sounds: each place is moved by the lag at
// which the attacks of the onsets around it are strongest.
std::vector<double> at_attacks(std::span<const Onset> onsets, std::span<const double> places,
                               const OnsetEvidence& evidence) {
  constexpr int kSteps = 18;                    // to either side
  constexpr double kStep = 0.005, kNear = 4.0;  // seconds
  std::vector<double> moved(places.begin(), places.end());
  std::size_t first = 0;
  for (std::size_t k = 0; k < places.size(); ++k) {
    while (onsets[k].time - onsets[first].time > kNear) ++first;
    double most = 0.0;
    for (int step = -kSteps; step <= kSteps; ++step) {
      const double lag = step * kStep;
      double sum = 0.0;
      for (std::size_t j = first; j < places.size() && onsets[j].time - onsets[k].time <= kNear; ++j) {
        const double weight = 1.0 - std::abs(onsets[j].time - onsets[k].time) / (kNear + kStep);
        sum += weight * static_cast<double>(evidence.attack(places[j] + lag));
      }
      if (step == -kSteps || sum > most) most = sum, moved[k] = places[k] + lag;
    }
    if (k > 0) moved[k] = std::max(moved[k], moved[k - 1]);
  }
  return moved;
}

// The exact times of a passage; adds the evidence of each of its onsets to `found`.
TimeMap exact_times(std::span<const Onset> onsets, const RoughTimes& rough, const OnsetEvidence& evidence,
                    const BeatPrior& prior, std::vector<double>& found) {
  std::vector<double> times, places;
  for (const Onset& onset : onsets) {
    times.push_back(onset.time);
    places.push_back(rough.at(onset.time));
  }
  const std::vector<double> path = tempo_path(times, places, [&](std::size_t k, double seconds) {
    return evidence.at(onsets[k].classes, seconds) + kPrior * prior.at(onsets[k].kind, seconds);
  });
  const std::vector<double> exact = at_attacks(onsets, path, evidence);
  TimeMap map;
  for (std::size_t k = 0; k < times.size(); ++k) {
    found.push_back(static_cast<double>(evidence.at(onsets[k].classes, exact[k])));
    const bool rises = map.points.empty() || exact[k] > map.points.back().second;
    if (rises) map.points.emplace_back(times[k], exact[k]);
  }
  return map;
}

// How far the frames of the search go.
struct Frames {
  std::size_t cover = 0, song = 0;
  double seconds = 0.0;  // of a frame
};

// A passage is known by its harmony, which at the ends of a cover may be a single tone, or silence. Here it is led on
// to the cover's beginning or end, three seconds after the other at about its tempo, as long as the notes of these fit
// the recording at least half as well as the passage's own.
class EndOfPassage {
 public:
  EndOfPassage(WarpPath& path, std::span<const PlayedNote> notes, int transposition, const OnsetEvidence& evidence,
               const Frames& frames)
      : path_(path), notes_(notes), transposition_(transposition), evidence_(evidence), frames_(frames) {}

  // `direction`: -1 to the beginning, 1 to the end.
  void lead_on(int direction) {
    const double least = 0.5 * fit(path_);
    while (true) {
      WarpPath best;
      double most = least;
      for (const double change : {1.0, 0.95, 1.05, 0.9, 1.1}) {
        WarpPath more = stretch(direction, change * tempo(direction));
        if (more.empty()) continue;
        const double fits = fit(more);
        if (best.empty() ? fits >= most : fits > most) most = fits, best = std::move(more);
      }
      if (best.empty()) return;
      path_.insert(direction < 0 ? path_.begin() : path_.end(), best.begin(), best.end());
    }
  }

 private:
  // Of the last ten seconds or so, song frames a frame of the cover.
  [[nodiscard]] double tempo(int direction) const {
    const std::size_t near = std::min<std::size_t>(kNear, path_.size() - 1);
    const auto& [cover, song] = direction < 0 ? path_.front() : path_.back();
    const auto& [inner, inner_song] = direction < 0 ? path_[near] : path_[path_.size() - 1 - near];
    if (inner == cover) return 1.0;
    return (static_cast<double>(song) - static_cast<double>(inner_song)) /
           (static_cast<double>(cover) - static_cast<double>(inner));
  }

  // The next frames, ascending; fewer or none at an end of cover or song.
  [[nodiscard]] WarpPath stretch(int direction, double tempo) const {
    const auto& [cover, song] = direction < 0 ? path_.front() : path_.back();
    WarpPath result;
    for (int k = 1; k <= kBlock; ++k) {
      const double here = static_cast<double>(cover) + direction * k,
                   there = std::round(static_cast<double>(song) + direction * tempo * k);
      if (here < 0.0 || there < 0.0 || here >= static_cast<double>(frames_.cover) ||
          there >= static_cast<double>(frames_.song)) {
        break;
      }
      result.emplace_back(static_cast<std::size_t>(here), static_cast<std::size_t>(there));
    }
    if (direction < 0) std::reverse(result.begin(), result.end());
    return result;
  }

  // Mean over the onsets, each at the best place near its rough one; more than any where there are none.
  [[nodiscard]] double fit(const WarpPath& path) const {
    constexpr double kReach = 0.14, kStep = 0.02;  // seconds
    const RoughTimes rough(path, frames_.seconds);
    const std::vector<Onset> onsets =
        onsets_between(notes_, static_cast<double>(path.front().first) * frames_.seconds,
                       static_cast<double>(path.back().first + 1) * frames_.seconds, transposition_);
    double sum = 0.0;
    for (const Onset& onset : onsets) {
      const double place = rough.at(onset.time);
      float best = evidence_.at(onset.classes, place);
      for (double lag = -kReach; lag < kReach + kStep / 2.0; lag += kStep) {
        best = std::max(best, evidence_.at(onset.classes, place + lag));
      }
      sum += static_cast<double>(best);
    }
    return onsets.empty() ? std::numeric_limits<double>::max() : sum / static_cast<double>(onsets.size());
  }

  static constexpr int kBlock = 15, kNear = 50;  // frames
  WarpPath& path_;
  std::span<const PlayedNote> notes_;
  int transposition_;
  const OnsetEvidence& evidence_;
  Frames frames_;
};

// The first passage led on to the cover's beginning, the last one to its end.
void complete(std::vector<WarpPath>& paths, std::span<const PlayedNote> notes, int transposition,
              const OnsetEvidence& evidence, const Frames& frames) {
  if (paths.empty()) return;
  EndOfPassage(paths.front(), notes, transposition, evidence, frames).lead_on(-1);
  EndOfPassage(paths.back(), notes, transposition, evidence, frames).lead_on(1);
}

// The map led on to both ends of the passage at the tempo near them.
void lead_to_ends(AlignedPassage& passage) {
  constexpr double kNear = 4.0;  // seconds
  auto& points = passage.time.points;
  if (points.size() < 2) return;
  const auto tempo = [&](const auto& end, const auto& begin, const auto& inner) {
    auto k = begin;
    while (k + 1 != inner && std::abs(k->first - end.first) < kNear) ++k;
    return std::clamp((k->second - end.second) / (k->first - end.first), 0.5, 2.0);
  };
  const auto first = points.front(), last = points.back();
  const double before = tempo(first, points.begin() + 1, points.end());
  const double behind = tempo(last, points.rbegin() + 1, points.rend());
  if (passage.begin < first.first)
    points.insert(points.begin(), {passage.begin, first.second - before * (first.first - passage.begin)});
  if (passage.end > last.first) points.emplace_back(passage.end, last.second + behind * (passage.end - last.first));
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / std::max(1.0, static_cast<double>(values.size()));
}

// Of the third, one after the other, whose mean is least.
double mean_of_worst_third(std::span<const double> values) {
  const std::size_t third = values.size() / 3;
  if (third == 0) return mean_of(values);
  double sum = std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(third), 0.0), least = sum;
  for (std::size_t k = third; k < values.size(); ++k) {
    sum += values[k] - values[k - third];
    least = std::min(least, sum);
  }
  return least / static_cast<double>(third);
}

// Of each third of the cover's frames by itself, the least, a frame.
double gain_of_worst_third(const Matrix<float>& cover, const Matrix<float>& song, PassageOptions options) {
  constexpr float kPriceOfAFrame = 0.01F;
  options.level = nothing_level(cover, song, options);
  const std::size_t third = cover.rows() / 3;
  options.away = kPriceOfAFrame * static_cast<float>(third);  // the same for short covers and long ones
  double least = third == 0 ? 0.0 : std::numeric_limits<double>::max();
  for (std::size_t k = 0; k < 3 && third > 0; ++k) {
    Matrix<float> part(third, cover.columns());
    for (std::size_t row = 0; row < third; ++row) std::ranges::copy(cover.row(k * third + row), part.row(row).begin());
    least = std::min(least, passage_gain(part, song, options) / static_cast<double>(third));
  }
  return least;
}

std::vector<PlayedNote> first_hour(std::span<const PlayedNote> notes) {
  std::vector<PlayedNote> result;
  for (const PlayedNote& note : notes) {
    if (note.onset >= 0.0 && note.onset < kLongestAnalysisSound) result.push_back(note);
  }
  return result;
}

}  // namespace

const AlignedPassage* CoverAlignment::passage_at(double seconds) const {
  const auto found = std::ranges::find_if(
      passages, [&](const AlignedPassage& passage) { return seconds >= passage.begin && seconds < passage.end; });
  return found == passages.end() ? nullptr : &*found;
}

CoverAlignment align_cover(std::span<const PlayedNote> cover, const SoundFeatures& song, ThreadPool& pool,
                           const CoverAlignmentOptions& options) {
  CoverAlignment result;
  const std::vector<PlayedNote> notes = first_hour(cover);
  if (notes.empty() || song.profiles.rows() == 0) return result;
  if (song.rises.rows() != song.profiles.rows()) {
    throw Error(ErrorCode::invalid_argument, "alignment: expected the recording's rises, one frame for each profile");
  }
  const std::vector<float> sound = analysis_sound(notes, kAnalysisSampleRate);
  const Matrix<float> piano = compute_hpcp(sound, {.sample_rate = kAnalysisSampleRate}, pool);
  const std::size_t count = frames_averaged(options, piano.rows(), song.profiles.rows());
  const Matrix<float> coarse_piano = coarsened(above_their_mean(piano), count),
                      coarse_song = coarsened(above_their_mean(song.profiles), count);
  const CoverAlignmentOptions prices = for_length(options, coarse_piano.rows());
  const std::size_t key = key_of(coarsened(coarse_piano, 2), coarsened(coarse_song, 2), prices);
  result.transposition = static_cast<int>(key) - (key > 6 ? 12 : 0);
  const Matrix<float> piano_rises = coarsened(class_rises(sound, 0.0, pool), count);
  Passages found = ways_through(joined(transposed(coarse_piano, key), transposed(piano_rises, key)),
                                joined(coarse_song, coarsened(song.rises, count)), prices.passages);
  result.gain = passage_gain(transposed(coarse_piano, key), coarse_song, prices.passages) /
                static_cast<double>(coarse_piano.rows());
  result.least_gain = gain_of_worst_third(transposed(coarse_piano, key), coarse_song, prices.passages);
  const OnsetEvidence evidence(song);
  const double frame = static_cast<double>(count) / kProfileRate;
  complete(found.paths, notes, result.transposition, evidence, {coarse_piano.rows(), coarse_song.rows(), frame});
  double inside = 0.0;
  std::vector<double> fits;
  for (const WarpPath& path : found.paths) {
    AlignedPassage passage{.begin = static_cast<double>(path.front().first) * frame,
                           .end = static_cast<double>(path.back().first + 1) * frame,
                           .time = {}};
    const std::vector<Onset> onsets = onsets_between(notes, passage.begin, passage.end, result.transposition);
    passage.time = exact_times(onsets, RoughTimes(path, frame), evidence, BeatPrior(song.beats), fits);
    if (passage.time.points.empty()) continue;
    lead_to_ends(passage);
    inside += passage.end - passage.begin;
    result.passages.push_back(std::move(passage));
  }
  result.fit = mean_of(fits);
  result.least_fit = mean_of_worst_third(fits);
  const double length = notes.back().onset - notes.front().onset;
  result.share = length > 0.0 ? std::min(1.0, inside / length) : 0.0;
  return result;
}

}  // namespace pop2piano
