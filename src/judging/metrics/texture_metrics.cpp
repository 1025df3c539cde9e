// SPDX-License-Identifier: MIT
#include "judging/metrics/texture_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace pop2piano {
namespace {

constexpr int kCells = 16;       // of a bar
constexpr double kEarly = 0.02;  // seconds by which an onset may come before its bar
constexpr double kMiddleC = 60, kBassBelow = 55;
constexpr double kHoleSound = 0.3;     // share of the bar
constexpr double kSameHarmony = 0.95;  // cosine of two bars' chroma
constexpr std::size_t kFarApart = 4;   // bars
constexpr double kAtBeat = 0.06;       // seconds
constexpr double kSlowBeat = 0.86;     // seconds

using Cells = std::set<int>;
using PitchedCells = std::set<std::pair<int, int>>;

struct Bar {
  Cells left;                       // cells with a left-hand onset
  PitchedCells left_pitched;        // with pitch class
  std::array<double, 12> chroma{};  // seconds
  double left_sound = 0.0;          // share of the bar, summed over notes
  double notes = 0.0;
  bool bass_on_one = false;
};

int pitch_class(double pitch) { return static_cast<int>(pitch) % 12; }

template <typename Set>
double jaccard(const Set& a, const Set& b) {
  std::size_t common = 0;
  for (const auto& value : a) common += b.count(value);
  return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
}

std::optional<double> mean_of(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void check(std::span<const double> lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::isfinite(lines[i]) && (i == 0 || lines[i] > lines[i - 1])) continue;
    throw Error(ErrorCode::invalid_argument, "texture: bar line " + std::to_string(i + 1) + " at " +
                                                 std::to_string(lines[i]) + " s: expected finite, increasing times");
  }
}

void add_sound(std::vector<Bar>& bars, std::span<const double> lines, std::size_t first, const PlayedNote& note) {
  for (std::size_t k = first; k < bars.size() && lines[k] < note.offset; ++k) {
    const double sounds = std::max(0.0, std::min(note.offset, lines[k + 1]) - std::max(note.onset, lines[k]));
    bars[k].chroma[static_cast<std::size_t>(pitch_class(note.pitch))] += sounds;
    if (note.pitch < kMiddleC) bars[k].left_sound += sounds / (lines[k + 1] - lines[k]);
  }
}

void add_note(std::vector<Bar>& bars, std::span<const double> lines, const PlayedNote& note) {
  const auto after = std::upper_bound(lines.begin(), lines.end(), note.onset + kEarly);
  if (after == lines.begin()) return;
  auto i = static_cast<std::size_t>(after - lines.begin()) - 1;
  if (i >= bars.size()) return;
  // To the nearest cell, halves to the even one.
  auto cell = static_cast<int>(std::nearbyint((note.onset - lines[i]) / (lines[i + 1] - lines[i]) * kCells));
  if (cell >= kCells) {
    ++i;
    cell = 0;
  }
  if (i >= bars.size()) return;
  Bar& bar = bars[i];
  bar.notes += 1.0;
  if (note.pitch < kMiddleC) {
    bar.left.insert(cell);
    bar.left_pitched.insert({cell, pitch_class(note.pitch)});
    bar.bass_on_one = bar.bass_on_one || (note.pitch < kBassBelow && cell == 0);
  }
  add_sound(bars, lines, i, note);
}

double cosine(const Bar& a, const Bar& b) {
  constexpr double kNothing = 1e-9;  // added to the lengths
  double product = 0.0, of_a = 0.0, of_b = 0.0;
  for (std::size_t p = 0; p < a.chroma.size(); ++p) {
    product += a.chroma[p] * b.chroma[p];
    of_a += a.chroma[p] * a.chroma[p];
    of_b += b.chroma[p] * b.chroma[p];
  }
  return product / (std::sqrt(of_a) + kNothing) / (std::sqrt(of_b) + kNothing);
}

std::optional<double> continuity_of(std::span<const Bar> bars) {
  std::vector<double> values;
  for (std::size_t i = 0; i + 2 < bars.size(); ++i) {
    const Cells &here = bars[i].left, &next = bars[i + 1].left, &then = bars[i + 2].left;
    if (!here.empty() && (!next.empty() || !then.empty())) {
      values.push_back(std::max(jaccard(here, next), jaccard(here, then)));
    }
  }
  return mean_of(values);
}

void score_pairs(std::span<const Bar> bars, TextureScores& scores) {
  std::vector<double> all, same, same_pitched;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t j = i + kFarApart; j < bars.size(); ++j) {
      if (bars[i].left.empty() || bars[j].left.empty()) continue;
      all.push_back(jaccard(bars[i].left, bars[j].left));
      if (!(cosine(bars[i], bars[j]) > kSameHarmony)) continue;
      same.push_back(all.back());
      same_pitched.push_back(jaccard(bars[i].left_pitched, bars[j].left_pitched));
    }
  }
  scores.any_bar = mean_of(all);
  scores.recall = mean_of(same);
  scores.recall_pitch = mean_of(same_pitched);
  if (scores.recall && scores.any_bar) scores.lift = *scores.recall - *scores.any_bar;
}

void score_density(std::span<const Bar> bars, std::span<const double> counts, TextureScores& scores) {
  const double mean = *mean_of(counts);
  double squares = 0.0, jumps = 0.0;
  for (const double count : counts) squares += (count - mean) * (count - mean);
  for (std::size_t i = 1; i < bars.size(); ++i) jumps += std::abs(bars[i].notes - bars[i - 1].notes);
  scores.notes_per_bar = mean;
  scores.density_variation = std::sqrt(squares / static_cast<double>(counts.size())) / mean;
  if (bars.size() > 1) scores.density_jump = jumps / static_cast<double>(bars.size() - 1) / mean;
}

}  // namespace

std::vector<double> texture_bars(const BeatGrid& grid) {
  if (grid.size() < 2) return {};
  std::vector<double> gaps;
  for (std::size_t i = 1; i < grid.size(); ++i) gaps.push_back(grid.times[i] - grid.times[i - 1]);
  std::sort(gaps.begin(), gaps.end());
  const double median = (gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2]) / 2.0;
  const std::size_t stride = median < kSlowBeat ? 4 : 2;
  const auto one = std::find(grid.numbers.begin(), grid.numbers.end(), 1);
  const std::size_t first = one == grid.numbers.end() ? 0 : static_cast<std::size_t>(one - grid.numbers.begin()) % 4;
  std::vector<double> lines;
  for (std::size_t b = first; b < grid.size(); b += stride) lines.push_back(grid.times[b]);
  return lines;
}

TextureScores measure_texture(std::span<const PlayedNote> notes, std::span<const double> bars) {
  validate_played_notes(notes, "texture");
  check(bars);
  TextureScores scores;
  if (bars.size() < 2) return scores;
  std::vector<Bar> all(bars.size() - 1);
  for (const PlayedNote& note : notes) add_note(all, bars, note);
  scores.bars = all.size();
  std::vector<double> counts, holes, basses, onsets;
  for (const Bar& bar : all) {
    if (bar.notes == 0.0) continue;
    counts.push_back(bar.notes);
    holes.push_back(bar.left.empty() && bar.left_sound < kHoleSound ? 1.0 : 0.0);
    basses.push_back(bar.bass_on_one ? 1.0 : 0.0);
    onsets.push_back(static_cast<double>(bar.left.size()));
  }
  if (counts.empty()) return scores;
  scores.holes = mean_of(holes);
  scores.bass_on_one = mean_of(basses);
  scores.left_onsets = mean_of(onsets);
  scores.continuity = continuity_of(all);
  score_pairs(all, scores);
  score_density(all, counts, scores);
  return scores;
}

std::optional<double> BassCount::share() const {
  if (beats == 0) return std::nullopt;
  return static_cast<double>(right) / static_cast<double>(beats);
}

BassCount count_right_bass(std::span<const PlayedNote> notes, std::span<const BassAtBeat> basses) {
  BassCount count;
  for (const BassAtBeat& beat : basses) {
    std::optional<double> lowest;
    for (const PlayedNote& note : notes) {
      const bool begins = std::abs(note.onset - beat.time) < kAtBeat;
      const bool sounds = note.onset < beat.time + kAtBeat && note.offset > beat.time + kAtBeat;
      if (begins || sounds) lowest = std::min(lowest.value_or(note.pitch), note.pitch);
    }
    if (!lowest) continue;
    ++count.beats;
    count.right += pitch_class(*lowest) == beat.pitch_class ? 1U : 0U;
  }
  return count;
}

void TextureSums::add(const TextureScores& scores, const BassCount& bass) {
  scores_.push_back(scores);
  bass_.right += bass.right;
  bass_.beats += bass.beats;
}

TextureMeans TextureSums::means() const {
  const auto mean = [&](std::optional<double> TextureScores::*member) -> std::optional<double> {
    double sum = 0;
    int count = 0;
    for (const TextureScores& scores : scores_) {
      if (!(scores.*member)) continue;
      sum += *(scores.*member);
      ++count;
    }
    return count == 0 ? std::nullopt : std::optional(sum / count);
  };
  return {.bass_right = bass_.share(),
          .holes = mean(&TextureScores::holes),
          .continuity = mean(&TextureScores::continuity),
          .recall = mean(&TextureScores::recall),
          .recall_pitch = mean(&TextureScores::recall_pitch),
          .lift = mean(&TextureScores::lift),
          .bass_on_one = mean(&TextureScores::bass_on_one),
          .notes_per_bar = mean(&TextureScores::notes_per_bar)};
}

}  // namespace pop2piano
