// SPDX-License-Identifier: MIT
// Songs written as a melody with chord symbols: MusicXML with <harmony>, and the common subset of ABC 2.1.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "music/score/chord_symbol.h"
#include "music/scorefiles/import.h"

namespace pop2piano {

/// Steps and beats count from the grid's beat 0.
struct LeadSheet {
  std::string title;
  BeatGrid grid;
  std::vector<Note> melody;         // [notes] one at a time, ordered
  std::vector<Note> piano;          // [notes] of the parts that a piano plays; empty: none is written
  std::vector<PlacedChord> chords;  // ordered; empty: none is written
};

/// Whether a track's or part's name says that it holds the melody: "Melody", "Lead vocal", "Voice", ... 0: no, else the
/// greater the surer. `wanted` (part of a name, case counts nothing) replaces the list; empty: the list.
[[nodiscard]] int melody_name_rank(std::string_view name, std::string_view wanted);

/// One note at a time: of equal onsets the highest, each cut where the next begins.
void keep_one_voice(std::vector<Note>& notes);

/// The melody is the part named so, else the only part if it has one staff. Plain MusicXML; import_score() unpacks
/// .mxl. Repeats::keep: each bar once, as it is written; the signs are lost. Throws Error as score_from_musicxml() and
/// playing_order(), nothing_found without such a part.
[[nodiscard]] LeadSheet lead_sheet_from_musicxml(std::span<const std::byte> bytes, const std::string& what,
                                                 std::string_view wanted = {}, Repeats repeats = Repeats::play);

/// A tune of a file or tunebook, from "X:" to the next. Throws Error(malformed), unsupported (too large).
[[nodiscard]] std::vector<std::string> split_abc(std::span<const std::byte> bytes, const std::string& what);

/// Header T M L Q K V and inline fields, notes, rests, accidentals, lengths, ties, broken rhythm, tuplets, chords of
/// notes (their highest counts), "chord symbols", bars, repeats, endings and jumps (abc_repeats.h). Of several voices
/// the first is read, parts (P:) in the order in which they are written; grace notes, other decorations, slurs,
/// annotations and words are passed over. In 6/8, 9/8 and 12/8 the beat is dotted. Throws Error: malformed (naming the
/// line), nothing_found (no notes), unsupported (too long).
[[nodiscard]] LeadSheet lead_sheet_from_abc(std::string_view tune, const std::string& what,
                                            Repeats repeats = Repeats::play);

}  // namespace pop2piano
