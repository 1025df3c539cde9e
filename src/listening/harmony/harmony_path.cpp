// SPDX-License-Identifier: MIT
#include "listening/harmony/harmony_path.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "listening/harmony/returning_harmony.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFrames = kHarmonyFramesPerBeat;
constexpr std::size_t kBassFrames = kFrames / 2;  // the bass of a beat is what its first half sounds
constexpr float kLeastChance = 1e-4F;

// Nats that a change costs on a downbeat, two beats behind it, elsewhere.
struct ChangeCosts {
  double downbeat, third_beat, elsewhere;
};
constexpr ChangeCosts kChordChange{0.6, 1.2, 2.4}, kBassChange{0.4, 0.8, 1.6};

// Nats that a correlation of 1 is worth. At 5 rendered songs, which the network knows, keep their chords (majmin of
// validation songs .924 at 0, .926 at 5, .919 at 8), and recordings gain most of what there is (docs/lab).
constexpr double kFitWeight = 5.0;

// As chord kinds lie in kChordKinds: the nearest that a score has a name for.
constexpr std::array<ChordQuality, kChordKinds.size()> kQualities{ChordQuality::major,
                                                                  ChordQuality::minor,
                                                                  ChordQuality::suspended_second,
                                                                  ChordQuality::suspended_fourth,
                                                                  ChordQuality::diminished,
                                                                  ChordQuality::augmented,
                                                                  ChordQuality::dominant_seventh,
                                                                  ChordQuality::major_seventh,
                                                                  ChordQuality::minor_seventh,
                                                                  ChordQuality::half_diminished,
                                                                  ChordQuality::suspended_fourth,
                                                                  ChordQuality::major};

double cost(const ChangeCosts& costs, int beat_number) {
  return beat_number == 1 ? costs.downbeat : beat_number == 3 ? costs.third_beat : costs.elsewhere;
}

// Mean of the rows of frames that belong to a beat, [classes].
std::vector<float> mean_over_beat(const Matrix<float>& chances, std::size_t beat, std::size_t frames) {
  std::vector<float> mean(chances.columns(), 0.0F);
  const std::size_t first = beat * kFrames, last = std::min(first + frames, chances.rows());
  for (std::size_t k = first; k < last; ++k) {
    const auto row = chances.row(k);
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += row[c] / static_cast<float>(last - first);
  }
  return mean;
}

std::vector<double> logs_of(std::span<const float> chances) {
  std::vector<double> logs;
  for (const float chance : chances) logs.push_back(std::log(static_cast<double>(std::max(chance, kLeastChance))));
  return logs;
}

// The path of the largest sum of logs of chances less costs of changes: [beats] a class. `logs` [beats][classes].
std::vector<std::size_t> likeliest_path(const std::vector<std::vector<double>>& logs, std::span<const int> beat_numbers,
                                        const ChangeCosts& costs) {
  if (logs.empty()) return {};
  std::vector<double> score(logs.front().size(), 0.0);
  std::vector<std::vector<std::size_t>> from(logs.size(), std::vector<std::size_t>(score.size()));
  for (std::size_t b = 0; b < logs.size(); ++b) {
    const auto best = static_cast<std::size_t>(std::ranges::max_element(score) - score.begin());
    const double change = score[best] - cost(costs, beat_numbers[b]);
    for (std::size_t s = 0; s < score.size(); ++s) {
      from[b][s] = change > score[s] ? best : s;
      score[s] = std::max(score[s], change) + logs[b][s];
    }
  }
  std::vector<std::size_t> path(logs.size());
  auto state = static_cast<std::size_t>(std::ranges::max_element(score) - score.begin());
  for (std::size_t b = path.size(); b-- > 0;) {
    path[b] = state;
    state = from[b][state];
  }
  return path;
}

std::uint16_t on_root(std::uint16_t notes, std::size_t root) {
  return static_cast<std::uint16_t>((notes << root | notes >> (12 - root)) & 0xFFF);
}

// [beats, 24] how many notes of each pitch class the chords are likely to have, and the chance that it is their bass.
Matrix<float> sounding_classes(const std::vector<std::vector<float>>& chords,
                               const std::vector<std::vector<double>>& bass_logs) {
  Matrix<float> classes(chords.size(), 24);
  for (std::size_t b = 0; b < chords.size(); ++b) {
    for (std::size_t c = 0; c < kNoChord; ++c) {
      const std::uint16_t notes = on_root(kChordKinds[c / 12].notes, c % 12);
      for (std::size_t p = 0; p < 12; ++p) {
        if ((notes >> p & 1U) != 0) classes(b, p) += chords[b][c];
      }
    }
    for (std::size_t p = 0; p < 12; ++p) classes(b, 12 + p) = static_cast<float>(std::exp(bass_logs[b][p]));
  }
  return classes;
}

// The likeliest pitch of the likeliest pitch class; -1 where silence is likelier than all pitches.
int lowest_line(std::span<const float> bass) {
  std::array<float, 12> classes{};
  float sounds = 0.0F;
  for (std::size_t p = 0; p < kBassPitches; ++p) {
    classes[p % 12] += bass[p];
    sounds += bass[p];
  }
  if (bass[kNoBass] > sounds) return -1;
  const auto best = static_cast<std::size_t>(std::ranges::max_element(classes) - classes.begin());
  std::size_t pitch = best;
  for (std::size_t p = best; p < kBassPitches; p += 12) pitch = bass[p] > bass[pitch] ? p : pitch;
  return static_cast<int>(pitch) + kLowestHarmonyPitch;
}

}  // namespace

std::vector<BeatHarmony> harmony_on_beats(const HeardHarmony& heard, const Matrix<float>& fits,
                                          std::span<const int> beat_numbers) {
  std::vector<std::vector<float>> chords;
  std::vector<std::vector<double>> chord_logs, bass_logs;
  for (std::size_t b = 0; b < beat_numbers.size(); ++b) {
    chords.push_back(mean_over_beat(heard.chords, b, kFrames));
    chord_logs.push_back(logs_of(chords.back()));
    for (std::size_t c = 0; c < kChordClasses; ++c) chord_logs.back()[c] += kFitWeight * fits(b, c);
    bass_logs.push_back(logs_of(mean_over_beat(heard.chord_bass, b, kFrames)));
    bass_logs.back().pop_back();  // no chord: the chords decide that
  }
  const std::vector<BarSpan> bars = bar_spans(beat_numbers);
  const auto like = returning_bars(sounding_classes(chords, bass_logs), bars);
  share_between_bars(chord_logs, bars, like);
  share_between_bars(bass_logs, bars, like);
  const auto chord_path = likeliest_path(chord_logs, beat_numbers, kChordChange);
  const auto bass_path = likeliest_path(bass_logs, beat_numbers, kBassChange);
  std::vector<BeatHarmony> beats(beat_numbers.size());
  for (std::size_t b = 0; b < beats.size(); ++b) {
    const std::size_t chord = chord_path[b];
    BeatHarmony& beat = beats[b];
    beat.confidence = std::clamp(chords[b][chord], 0.0F, 1.0F);
    beat.bass_pitch = static_cast<std::int8_t>(lowest_line(mean_over_beat(heard.bass, b, kBassFrames)));
    if (chord == kNoChord) continue;
    beat.quality = kQualities[chord / 12];
    beat.root = static_cast<std::int8_t>(chord % 12);
    beat.bass = static_cast<std::int8_t>(bass_path[b]);
    beat.pitch_classes = on_root(kChordKinds[chord / 12].notes, chord % 12);
  }
  return beats;
}

}  // namespace pop2piano
