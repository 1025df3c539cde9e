// SPDX-License-Identifier: MIT
// The same arrangement for players of five levels.
#pragma once

#include <pop2piano/score.h>

#include <optional>
#include <string_view>
#include <vector>

#include "music/arrange/hands.h"

namespace pop2piano {

/// 1 easy: the melody in 8ths over one bass note at a time; 2: the melody as it is over fifths in half notes; 3 medium:
/// two parts in each hand on 8ths, an octave wide, no leap of the left hand over a tenth faster than a quarter; 4: up
/// to three notes a hand within a ninth; 5 full: everything.
inline constexpr int kEasyLevel = 1, kMediumLevel = 3, kFullLevel = 5;

/// "easy", "medium", "full", "1".."5"; throws Error(invalid_argument) with a suggestion otherwise.
[[nodiscard]] int level_of(std::string_view name);

/// Semitones (-6..5) to the nearest key with at most one accidental: C, G, F, A minor, E minor, D minor.
[[nodiscard]] int semitones_to_easy_key(const Key& key);

/// Notes without melody get one: the highest note at each onset, unless it lies deep below its surroundings.
void mark_melody(std::vector<Note>& notes);

/// Rewrites the notes for a level; the chords of the whole are kept with the score. Expects notes as clean_notes()
/// leaves them and leaves them so; hands are not yet decided. Level 5 changes nothing.
void simplify(Score& score, int level);

/// How far hands reach and how many keys they hold at a level, for a player who reaches `hand_span` semitones;
/// throws Error(invalid_argument) for other levels than 1..5 and spans than 12..24.
[[nodiscard]] HandOptions reach_of(int level, int hand_span);

/// How deep in the metre a step lies: 0 on a beat, 1 on its half, 2 on its 16ths, 3 on triplets and between all these.
[[nodiscard]] int depth_in_metre(int step);

/// How hard a score is; no figure rises from a level to the easier one.
struct Demands {
  double notes_per_beat = 0;
  int max_span = 0;          ///< semitones, of one hand at any instant
  double leaps_per_bar = 0;  ///< of more than an octave within a quarter, either hand
  double rhythm = 0;         ///< strikes per bar, each times its depth in the metre: see depth_in_metre()
  double polyphony = 0;      ///< the most keys that are struck together in a beat, mean over beats
};
[[nodiscard]] Demands demands_of(const Score& score);

}  // namespace pop2piano
