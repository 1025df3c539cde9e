// SPDX-License-Identifier: MIT
#include "listening/align/cover_alignment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "listening/align/alignment.h"
#include "listening/align/analysis_sound.h"
#include "listening/align/tempo_path.h"
#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMostCells = 16'000'000;  // of the search for passages; longer music is searched in longer frames
constexpr double kSmooth = 8.0;                 // seconds to either side that decide where a rough place lies
constexpr double kAttackDelay = 0.008;          // seconds from an onset to the peak of its strength
constexpr float kRiseWeight = 1.0F;             // of the rise of the notes' pitch classes
constexpr float kAttackWeight = 1.0F;           // of the onset strength

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

// What the recording has of onsets.
class OnsetEvidence {
 public:
  explicit OnsetEvidence(const SoundFeatures& song) : song_(song) {
    constexpr std::size_t kSide = 2;
    const Matrix<float> profiles = above_their_mean(song.profiles);
    rises_.assign(kPitchClasses, std::vector<float>(profiles.rows(), 0.0F));
    for (std::size_t k = kSide; k + kSide < profiles.rows(); ++k) {
      for (std::size_t c = 0; c < kPitchClasses; ++c) {
        rises_[c][k] = std::max(0.0F, profiles(k + kSide, c) - profiles(k - kSide, c));
      }
    }
    std::vector<float> all;
    for (const auto& rise : rises_) all.insert(all.end(), rise.begin(), rise.end());
    rise_ = spread_of(all);
    attack_ = spread_of(song.onsets);
  }

  // Of notes of these pitch classes, in standard deviations.
  [[nodiscard]] float at(std::span<const std::size_t> classes, double seconds) const {
    float rise = 0.0F;
    for (const std::size_t c : classes) rise += between(rises_[c], seconds * kProfileRate);
    const auto count = static_cast<float>(classes.size());
    rise = (rise / count - rise_.mean) / rise_.deviation;
    const float attack = between(song_.onsets, (seconds + kAttackDelay) * song_.onset_rate);
    return kRiseWeight * rise + kAttackWeight * (attack - attack_.mean) / attack_.deviation;
  }

 private:
  struct Spread {
    float mean = 0.0F, deviation = 1.0F;
  };
  static Spread spread_of(std::span<const float> values) {
    double sum = 0.0, squares = 0.0;
    for (const float value : values) sum += static_cast<double>(value), squares += static_cast<double>(value * value);
    const auto count = static_cast<double>(std::max<std::size_t>(1, values.size()));
    const double variance = squares / count - sum / count * (sum / count);
    return {static_cast<float>(sum / count), variance > 0.0 ? static_cast<float>(std::sqrt(variance)) : 1.0F};
  }
  // 0 outside.
  static float between(std::span<const float> curve, double frame) {
    if (frame < 0.0) return 0.0F;
    const auto before = static_cast<std::size_t>(frame);
    if (before + 1 >= curve.size()) return 0.0F;
    const auto share = static_cast<float>(frame - std::floor(frame));
    return curve[before] + share * (curve[before + 1] - curve[before]);
  }

  const SoundFeatures& song_;
  std::vector<std::vector<float>> rises_;  // [pitch classes][frames]
  Spread rise_, attack_;
};

// Notes that begin together.
struct Onset {
  double time = 0.0;                 // seconds in the cover
  std::vector<std::size_t> classes;  // of the notes, as the song has them
};

std::vector<Onset> onsets_between(std::span<const PlayedNote> notes, double begin, double end, int transposition) {
  constexpr double kTogether = 0.03;
  std::vector<Onset> onsets;
  for (const PlayedNote& note : notes) {
    if (note.onset < begin || note.onset >= end) continue;
    if (onsets.empty() || note.onset > onsets.back().time + kTogether)
      onsets.push_back({.time = note.onset, .classes = {}});
    onsets.back().classes.push_back(static_cast<std::size_t>((std::lround(note.pitch) + transposition + 120) % 12));
  }
  return onsets;
}

// The exact times of a passage; adds the evidence of its onsets to `found`.
TimeMap exact_times(std::span<const Onset> onsets, const RoughTimes& rough, const OnsetEvidence& evidence,
                    double& found) {
  std::vector<double> times, places;
  for (const Onset& onset : onsets) {
    times.push_back(onset.time);
    places.push_back(rough.at(onset.time));
  }
  const std::vector<double> exact =
      tempo_path(times, places, [&](std::size_t k, double seconds) { return evidence.at(onsets[k].classes, seconds); });
  TimeMap map;
  for (std::size_t k = 0; k < times.size(); ++k) {
    found += static_cast<double>(evidence.at(onsets[k].classes, exact[k]));
    const bool rises = map.points.empty() || exact[k] > map.points.back().second;
    if (rises) map.points.emplace_back(times[k], exact[k]);
  }
  return map;
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
  const Matrix<float> piano =
      compute_hpcp(analysis_sound(notes, kAnalysisSampleRate), {.sample_rate = kAnalysisSampleRate}, pool);
  const std::size_t count = frames_averaged(options, piano.rows(), song.profiles.rows());
  const Matrix<float> coarse_piano = coarsened(above_their_mean(piano), count),
                      coarse_song = coarsened(above_their_mean(song.profiles), count);
  const CoverAlignmentOptions prices = for_length(options, coarse_piano.rows());
  const std::size_t key = key_of(coarsened(coarse_piano, 2), coarsened(coarse_song, 2), prices);
  result.transposition = static_cast<int>(key) - (key > 6 ? 12 : 0);
  const Passages found = find_passages(transposed(coarse_piano, key), coarse_song, prices.passages);
  result.gain = found.gain / static_cast<double>(coarse_piano.rows());
  const OnsetEvidence evidence(song);
  const double frame = static_cast<double>(count) / kProfileRate;
  double inside = 0.0, evident = 0.0, count_of_onsets = 0.0;
  for (const WarpPath& path : found.paths) {
    AlignedPassage passage{.begin = static_cast<double>(path.front().first) * frame,
                           .end = static_cast<double>(path.back().first + 1) * frame,
                           .time = {}};
    const std::vector<Onset> onsets = onsets_between(notes, passage.begin, passage.end, result.transposition);
    passage.time = exact_times(onsets, RoughTimes(path, frame), evidence, evident);
    count_of_onsets += static_cast<double>(onsets.size());
    if (passage.time.points.empty()) continue;
    inside += passage.end - passage.begin;
    result.passages.push_back(std::move(passage));
  }
  result.fit = evident / std::max(1.0, count_of_onsets);
  const double length = notes.back().onset - notes.front().onset;
  result.share = length > 0.0 ? std::min(1.0, inside / length) : 0.0;
  return result;
}

}  // namespace pop2piano
