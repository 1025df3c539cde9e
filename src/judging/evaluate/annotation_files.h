// SPDX-License-Identifier: MIT
// References and estimates from files: notes, melodies, chords.
#pragma once

#include <pop2piano/score.h>

#include <filesystem>
#include <string>
#include <vector>

#include "judging/metrics/chord_metrics.h"
#include "judging/metrics/melody_metrics.h"
#include "music/score/played_note.h"

namespace pop2piano {

/// The notes of a MIDI file, percussion left out.
struct NoteFile {
  std::vector<PlayedNote> notes;      ///< by onset
  std::vector<Hand> hands;            ///< [notes]; unassigned unless two tracks are named after the hands
  std::vector<std::string> warnings;  ///< damage that was repaired
};
/// Throws what read_midi_file() throws.
NoteFile read_note_file(const std::filesystem::path& file);

/// A melody, as notes or as a curve; what the file does not hold is derived.
struct Melody {
  PitchContour contour;           ///< as in the file, or of the notes on frames of 1024 / 44100 s
  std::vector<PlayedNote> notes;  ///< as in the file, or cut from the curve
};
/// By extension: .mid, .midi (the melody alone); .json ({"times": [...], "f0": [...]}, or "hop" seconds instead of
/// times; null or 0: unvoiced); else text with two columns (time, Hz) or three (start, end, MIDI pitch) and perhaps
/// more. A header line is skipped. Throws Error: not_found, unreadable, malformed, invalid_argument (times that go
/// back).
Melody read_melody_file(const std::filesystem::path& file);

/// Beats as a list; may be empty.
struct BeatList {
  std::vector<double> times;      ///< seconds, not falling
  std::vector<double> downbeats;  ///< those with number 1; empty when the file has no numbers
  bool has_numbers = false;
};
/// Text with a time and perhaps a beat number per line. Throws Error as above.
BeatList read_beat_list(const std::filesystem::path& file);

/// Text with start, end, label (Harte's syntax). Throws Error as above.
std::vector<LabelledChord> read_chord_file(const std::filesystem::path& file);

}  // namespace pop2piano
