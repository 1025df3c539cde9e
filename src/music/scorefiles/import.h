// SPDX-License-Identifier: MIT
// Music of any origin as a Score: MIDI files with or without a meaningful tempo map, MusicXML (partwise, also
// compressed .mxl). What the source does not say (melody, hands, key) is left open or found.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "music/score/time_map.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

struct ImportOptions {
  std::optional<BeatGrid> grid;  ///< beats of the recording that the file belongs to; absent: the file's own
  TimeMap time;                  ///< from the file's time to the recording's; only with `grid`
};

/// What was read, and how well it fits its beats.
struct Imported {
  Score score;           ///< cleaned; hands where tracks or staves name them; the melody marked
  double deviation = 0;  ///< beats, standard deviation of the onsets from the grid; above 0.04 the beats mean nothing
  std::vector<std::string> warnings;
};

/// Percussion is left out. Throws Error(nothing_found) when no other note is left.
[[nodiscard]] Imported score_from_midi(const MidiFile& file, const std::string& what,
                                       const ImportOptions& options = {});

/// Grace notes are left out, repeats are not played out. Throws Error: malformed, unsupported (timewise),
/// nothing_found.
[[nodiscard]] Imported score_from_musicxml(std::span<const std::byte> bytes, const std::string& what);

/// The score inside compressed MusicXML (.mxl); other bytes come back as text. Throws Error as Archive::unpacked().
[[nodiscard]] std::string plain_musicxml(std::span<const std::byte> bytes, const std::string& what);

/// Moves a score to the beats of a recording, where `time` says when its moments come. Returns what Imported::deviation
/// says. Chords that were found are forgotten.
double put_on_beats(Score& score, const BeatGrid& grid, const TimeMap& time);

/// By the file's first bytes: MIDI, MusicXML, or MusicXML in a zip archive. Throws also not_found, unreadable.
[[nodiscard]] Imported import_score(const std::filesystem::path& file, const ImportOptions& options = {});

}  // namespace pop2piano
