// SPDX-License-Identifier: MIT
// Bars of accompaniments as pianists wrote them, each with what it was written over: chords, the rhythm and height of
// the melody. The idea of choosing such bars for a song's chords is of AccoMontage (Zhao and Xia, ISMIR 2021).
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "writing/writer/writer_song.h"

namespace pop2piano {

inline constexpr int kFigureBeats = 4;  ///< of each bar
inline constexpr int kFigureSteps = kFigureBeats * kStepsPerBeat;

/// One note, counted from the bar's first step.
struct FigureNote {
  std::uint8_t onset = 0;     ///< steps, below kFigureSteps
  std::uint8_t duration = 1;  ///< steps, at least 1
  std::uint8_t pitch = 60;    ///< MIDI, at most 127
  friend bool operator==(const FigureNote&, const FigureNote&) = default;
};

struct FigureBar {
  int song = 0;                                      ///< of FigureBars::beat_seconds
  bool follows = false;                              ///< the bar before in the list is the bar before in the song
  std::array<std::uint16_t, kFigureBeats> chords{};  ///< of FigureBars::chords
  std::array<std::uint8_t, kFigureBeats> melody{};   ///< bit n: onsets of the melody in the beat's sixteenth n
  std::uint8_t melody_pitch = 0;                     ///< mean of the melody's onsets, rounded; 0: it rests
  std::uint32_t first_note = 0, end_note = 0;        ///< of FigureBars::notes
};

/// The bars of many songs; what a file holds.
struct FigureBars {
  std::vector<BeatChord> chords;    ///< those that there are; what is unknown has no root
  std::vector<float> beat_seconds;  ///< [songs]
  std::vector<FigureBar> bars;      ///< song after song, in their order
  std::vector<FigureNote> notes;    ///< bar after bar, by onset, of one onset from high to low

  /// Adds the song's bars of four beats whose accompaniment has kLeastNotes notes at least; `text` is ordered by onset.
  void add(const WriterSong& song, std::span<const Note> text, double seconds);
  [[nodiscard]] std::span<const FigureNote> notes_of(const FigureBar& bar) const {
    return std::span(notes).subspan(bar.first_note, bar.end_note - bar.first_note);
  }

  static constexpr int kLeastNotes = 3;
};

/// Whether a step lies on the second or last third of its beat.
[[nodiscard]] constexpr bool is_third_of_beat(int step) {
  return step % kStepsPerBeat != 0 && step % (kStepsPerBeat / 3) == 0;
}

/// Which sixteenths of a beat have onsets of the melody, as FigureBar::melody.
[[nodiscard]] constexpr std::uint8_t melody_sixteenth(int step_of_beat) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(step_of_beat * 4 / kStepsPerBeat));
}

/// Writes the file whole or not at all. Throws Error: write_failed, unsupported (more songs or chords than 32,767).
void save_figures(const FigureBars& figures, const std::filesystem::path& file,
                  const std::map<std::string, std::string>& notes);
/// Throws Error: not_found, unreadable, malformed (an array that is missing or of another type or shape; chords, songs,
/// counts of notes and notes that cannot be).
[[nodiscard]] FigureBars load_figures(const std::filesystem::path& file);

}  // namespace pop2piano
