// SPDX-License-Identifier: MIT
// Music of any origin as a Score: MIDI files with or without a meaningful tempo map, MusicXML (partwise, also
// compressed .mxl). What the source does not say (melody, hands, key) is left open or found.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "music/score/time_map.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

enum class Repeats : std::uint8_t {
  play,  ///< everything stands as often as it is played
  keep,  ///< once, with repeat signs (Score::repeats)
};

struct ImportOptions {
  std::optional<BeatGrid> grid;     ///< beats of the recording that the file belongs to; absent: the file's own
  TimeMap time;                     ///< from the file's time to the recording's; only with `grid`
  Repeats repeats = Repeats::play;  ///< a recording plays them, so that `grid` needs `play`
  SustainPedal pedal = SustainPedal::ignore;  ///< of MIDI files
};

/// Things of a file that are not in the score that was read.
struct LeftOut {
  std::string what;  ///< "grace notes"
  std::size_t count = 0;
  std::string why;
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

/// "12 grace notes (they have no time of their own), 3 slurs (..)".
[[nodiscard]] std::string to_string(std::span<const LeftOut> things);

/// What was read, and how well it fits its beats.
struct Imported {
  Score score;                ///< cleaned; hands where tracks or staves name them; the melody marked
  bool names_melody = false;  ///< a track does; else the highest notes are marked
  double deviation = 0;  ///< beats, standard deviation of the onsets from the grid; above 0.04 the beats mean nothing
  std::vector<std::string> warnings;
  std::vector<LeftOut> left_out;  ///< with their counts; nothing vanishes without being here
};

/// Percussion is left out, and counted. Throws Error(nothing_found) when no other note is left.
[[nodiscard]] Imported score_from_midi(const MidiFile& file, const std::string& what,
                                       const ImportOptions& options = {});

/// Repeats are kept. Grace notes and marks are left out, and counted. Throws Error: malformed, unsupported (timewise),
/// nothing_found.
[[nodiscard]] Imported score_from_musicxml(std::span<const std::byte> bytes, const std::string& what);

/// The score inside compressed MusicXML (.mxl), also of an archive that does not name it but holds no other; other
/// bytes come back as text. Throws Error as Archive::unpacked().
[[nodiscard]] std::string plain_musicxml(std::span<const std::byte> bytes, const std::string& what);

/// Moves a score to the beats of a recording, where `time` says when its moments come. Returns what Imported::deviation
/// says. Chords that were found are forgotten.
double put_on_beats(Score& score, const BeatGrid& grid, const TimeMap& time);

/// clean_notes(), with what it leaves out counted.
void clean_imported(Imported& imported);

/// By the file's first bytes: MIDI, MusicXML, or MusicXML in a zip archive. Throws also not_found, unreadable.
[[nodiscard]] Imported import_score(const std::filesystem::path& file, const ImportOptions& options = {});

}  // namespace pop2piano
