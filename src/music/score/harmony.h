// SPDX-License-Identifier: MIT
// The chords that the notes spell: for each beat the best of a set of chord types under the durations of its pitch
// classes and its bass, smoothed by a cost for changing (Viterbi), least on downbeats.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// Chords from the first note's beat to the last's without gaps; equal neighbours are one span. The melody counts less
/// than the accompaniment.
[[nodiscard]] std::vector<ChordSpan> find_chords(std::span<const Note> notes, const BeatGrid& grid);

/// What was heard beat by beat, `beats` [beats of the grid], as chords from `first_beat` to before `end_beat`; equal
/// neighbours are one span.
[[nodiscard]] std::vector<ChordSpan> heard_chords(std::span<const BeatHarmony> beats, int first_beat, int end_beat);

/// The score's own chords, found when it has none.
[[nodiscard]] std::vector<ChordSpan> chords_of(const Score& score);

/// Semitones above the root; empty for none.
[[nodiscard]] std::span<const int> chord_intervals(ChordQuality quality);
/// Root on the line of fifths (C = 0, G = 1) so that the chord's tones lie nearest to the key: Ab, not G#, major in C.
[[nodiscard]] int chord_root_name(const ChordSpan& chord, const Key& key);
/// A chord tone's place on the line of fifths above the root's; nothing when the pitch is not a tone of the chord.
[[nodiscard]] std::optional<int> chord_tone_name(const ChordSpan& chord, int pitch);
/// "Bbm7/F" as written in the key, "N.C." for none.
[[nodiscard]] std::string chord_symbol(const ChordSpan& chord, const Key& key);
/// The chord at a beat; null when there is none.
[[nodiscard]] const ChordSpan* chord_at(std::span<const ChordSpan> chords, int beat);

/// Beats in which something accompanies the melody: elsewhere there is no harmony to name or to play.
[[nodiscard]] std::set<int> accompanied_beats(std::span<const Note> notes);

}  // namespace pop2piano
