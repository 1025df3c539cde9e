// SPDX-License-Identifier: MIT
// How an accompaniment is woven: whether the left hand has holes, keeps its figure, plays the same where the harmony is
// the same, and gives the bass on the first beat. The left hand is every note below middle C (MIDI 60): a proxy that
// needs no hands. Bars are cut into 16 cells; J is the Jaccard index of two sets of cells. Only symbols are looked at.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

/// Absent where nothing could be compared.
struct TextureScores {
  std::size_t bars = 0;
  std::optional<double> holes;       ///< share of bars with notes that have no left-hand onset and < 30 % of its sound
  std::optional<double> continuity;  ///< mean over bars of the larger J with one of the next two bars
  std::optional<double> recall;      ///< mean J over bars at least four apart whose chroma has a cosine above 0.95
  std::optional<double> recall_pitch;       ///< the same with cell and pitch class
  std::optional<double> any_bar;            ///< mean J over all pairs of bars at least four apart
  std::optional<double> lift;               ///< recall - any_bar
  std::optional<double> bass_on_one;        ///< share of bars with notes that have one below MIDI 55 in the first cell
  std::optional<double> density_variation;  ///< standard deviation over mean of the notes in a bar
  std::optional<double> density_jump;       ///< mean change of the number of notes from bar to bar, over their mean
  std::optional<double> left_onsets;        ///< cells with a left-hand onset in a bar with notes
  std::optional<double> notes_per_bar;      ///< of bars with notes
};

/// Lines between bars as the measures count them: every fourth beat from the first that is numbered 1 on, every second
/// where beats are longer than 0.86 s. Empty with fewer than two beats.
[[nodiscard]] std::vector<double> texture_bars(const BeatGrid& grid);

/// `bars`: seconds, increasing, the last one ends the last bar. Throws Error(invalid_argument) for notes that are not
/// finite and for bars that do not increase.
[[nodiscard]] TextureScores measure_texture(std::span<const PlayedNote> notes, std::span<const double> bars);

/// The bass of a chord from `time` (a beat, seconds) on: pitch class.
struct BassAtBeat {
  double time = 0.0;
  int pitch_class = 0;
};

/// Beats at which something sounds, and those of them at which the lowest note is the bass.
struct BassCount {
  std::size_t right = 0, beats = 0;
  [[nodiscard]] std::optional<double> share() const;
};
/// A note counts at a beat if it begins within 60 ms of it or sounds 60 ms later.
[[nodiscard]] BassCount count_right_bass(std::span<const PlayedNote> notes, std::span<const BassAtBeat> basses);

/// Means over songs; absent where no song has the measure.
struct TextureMeans {
  std::optional<double> bass_right;  ///< over all beats of all songs
  std::optional<double> holes, continuity, recall, recall_pitch, lift, bass_on_one, notes_per_bar;
};

/// Song by song.
class TextureSums {
 public:
  void add(const TextureScores& scores, const BassCount& bass);
  [[nodiscard]] TextureMeans means() const;

 private:
  std::vector<TextureScores> scores_;
  BassCount bass_;
};

}  // namespace pop2piano
