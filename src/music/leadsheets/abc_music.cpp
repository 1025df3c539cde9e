// SPDX-License-Identifier: MIT
#include "music/leadsheets/abc_music.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include "music/leadsheets/abc_repeats.h"
#include "music/leadsheets/played_chords.h"
#include "music/repeats/played_out.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMaxNotes = 200'000;
constexpr int kMaxWholes = 20'000;  // whole notes of one melody
constexpr double kDefaultTempo = 120.0;
constexpr double kPlace = 1.0 / kAbcPlaces;

/// What begins in the span, from played.length on; a bar begins behind what it ends.
void play_span(const AbcMusic& music, const PlayedBeats& span, AbcMusic& played) {
  const double first = span.first * kPlace, last = span.last * kPlace, near = 0.5 * kPlace;
  const double shift = played.length - first;
  auto note = std::lower_bound(music.notes.begin(), music.notes.end(), first - near,
                               [](const AbcNote& one, double place) { return one.start < place; });
  for (; note != music.notes.end() && note->start < last - near && played.notes.size() <= kMaxNotes; ++note) {
    played.notes.push_back({note->start + shift, std::min(note->length, last - note->start), note->pitch});
  }
  auto bar = std::lower_bound(music.bars.begin(), music.bars.end(), first + near);
  for (; bar != music.bars.end() && *bar < last + near; ++bar) played.bars.push_back(*bar + shift);
  played.length += last - first;
}

/// Two short bars that make a full one are one bar with a sign within: before a repeated pickup.
std::vector<double> joined_bars(const AbcMusic& music, double full) {
  std::vector<double> joined;
  for (std::size_t i = 0; i < music.bars.size(); ++i) {
    const double before = music.bars[i] - (joined.empty() ? 0.0 : joined.back());
    const double behind = (i + 1 < music.bars.size() ? music.bars[i + 1] : music.length) - music.bars[i];
    const bool short_ones = std::max(before, behind) < full - 1e-6;
    if (i > 0 && short_ones && std::abs(before + behind - full) < 1e-6) continue;
    joined.push_back(music.bars[i]);
  }
  return joined;
}

BeatGrid even_grid(double end, double interval) {
  BeatGrid grid;
  const auto beats = static_cast<std::size_t>(std::ceil(end - 1e-6)) + 1;
  for (std::size_t i = 0; i < std::max<std::size_t>(2, beats); ++i) {
    grid.times.push_back(interval * static_cast<double>(i));
  }
  grid.numbers.assign(grid.times.size(), 0);
  return grid;
}

/// 1 where bars begin (`starts`, beats), counting up between; a pickup counts towards the first of them.
void number_beats(BeatGrid& grid, const std::vector<double>& starts, bool pickup) {
  if (!pickup) grid.numbers.front() = 1;
  for (const double start : starts) {
    const auto index = static_cast<std::size_t>(std::lround(start));
    if (index < grid.numbers.size()) grid.numbers[index] = 1;
  }
  int number = pickup ? std::max(0, grid.beats_per_bar - static_cast<int>(std::lround(starts.front()))) : 0;
  for (int& n : grid.numbers) n = number = n == 1 ? 1 : number + 1;
}

}  // namespace

void AbcMusic::check_size(const std::string& what) const {
  if (length > kMaxWholes) {
    throw Error(ErrorCode::unsupported, what + ": expected at most " + std::to_string(kMaxWholes) +
                                            " whole notes of one song, found more; split it with X: fields");
  }
  if (notes.size() > kMaxNotes) {
    throw Error(ErrorCode::unsupported, what + ": expected at most " + std::to_string(kMaxNotes) +
                                            " notes of one song, found more; split it with X: fields");
  }
}

AbcMusic played_out(const AbcMusic& music, std::span<const RepeatMark> marks, const std::string& what) {
  if (marks.empty()) return music;
  std::vector<PlayedBeats> order;
  try {
    order = playing_order(marks, static_cast<int>(std::lround(music.length * kAbcPlaces)), kMaxWholes * kAbcPlaces);
  } catch (const Error&) {
    throw Error(ErrorCode::unsupported, what + ": its repeats play more than " + std::to_string(kMaxWholes) +
                                            " whole notes; keep them, or correct how often they are played");
  }
  AbcMusic played;
  played.chords = played_chords(music.chords, order, kPlace);
  for (const PlayedBeats& span : order) {
    play_span(music, span, played);
    played.check_size(what);
  }
  return played;
}

LeadSheet sheet_of(const AbcMusic& music, const AbcMetre& metre, double tempo) {
  const bool compound = metre.denominator == 8 && metre.numerator > 3 && metre.numerator % 3 == 0;
  const double beat = compound ? 0.375 : 0.25;  // whole notes
  const double bar = metre.whole > 0.0 ? metre.whole : 1.0;
  const std::vector<double> bars = metre.whole > 0.0 ? joined_bars(music, bar) : music.bars;
  const bool pickup = !bars.empty() && bars.front() < bar - 1e-6;
  // The first full bar begins on a beat.
  const double shift = pickup ? std::ceil(bars.front() / beat - 1e-6) - bars.front() / beat : 0.0;
  const auto beat_of = [&](double wholes) { return wholes / beat + shift; };
  LeadSheet sheet;
  sheet.grid = even_grid(beat_of(music.length), 240.0 * beat / (tempo > 0.0 ? tempo : kDefaultTempo));
  sheet.grid.beats_per_bar = std::clamp(static_cast<int>(std::lround(bar / beat)), 1, 64);
  std::vector<double> starts;
  for (const double start : bars) starts.push_back(beat_of(start));
  number_beats(sheet.grid, starts, pickup);
  for (const AbcNote& note : music.notes) {
    const auto onset = static_cast<int>(std::lround(beat_of(note.start) * kStepsPerBeat));
    const auto end = static_cast<int>(std::lround(beat_of(note.start + note.length) * kStepsPerBeat));
    sheet.melody.push_back({.onset = onset,
                            .duration = std::max(1, end - onset),
                            .pitch = static_cast<std::int16_t>(note.pitch),
                            .voice = Voice::melody});
  }
  keep_one_voice(sheet.melody);
  for (const PlacedChord& chord : music.chords) sheet.chords.push_back({beat_of(chord.beat), chord.chord});
  return sheet;
}

}  // namespace pop2piano
