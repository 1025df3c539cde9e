// SPDX-License-Identifier: MIT
// A song as the writer on symbols sees it: beats, chords, the melody, and what is wished for its sections. Nothing of
// it is sound; where it comes from (a corpus, a lead sheet, what was heard) and how sure it is does not show here.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

/// a / b rounded down, b above 0: steps before beat 0 are of beats before it.
[[nodiscard]] constexpr int floor_divide(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// The chord of one beat; each of its parts may be missing.
struct BeatChord {
  enum class Kind : std::uint8_t {
    unknown,  ///< not heard
    none,     ///< heard: no chord
    chord
  };
  Kind kind = Kind::unknown;
  int root = -1;                    ///< pitch class; -1: not known
  int bass = -1;                    ///< pitch class of the sounding bass, whatever `kind` is; -1: not known
  std::uint16_t pitch_classes = 0;  ///< bit 0 = C
  friend bool operator==(const BeatChord&, const BeatChord&) = default;
};

/// What is wished for a section's accompaniment; -1: as the writer likes.
struct SectionTexture {
  static constexpr int kDensities = 4;   ///< classes of onsets a beat, from sparse to dense
  static constexpr int kFullnesses = 3;  ///< classes of notes an onset, from single notes to chords
  int density = -1;
  int fullness = -1;
  friend bool operator==(const SectionTexture&, const SectionTexture&) = default;
};

/// Steps and beats count from beat 0 of the song.
struct WriterSong {
  std::vector<int> beat_numbers;         ///< [beats] 1 = first of a bar
  int beats_per_bar = 4;                 ///< the prevailing metre's
  std::vector<BeatChord> chords;         ///< [beats]
  std::vector<Note> melody;              ///< ordered by onset
  std::vector<SectionTexture> textures;  ///< [beats], or empty: nothing is wished
  std::vector<int> styles = {};          ///< [beats] of the model, or empty: one style for all
  /// [beats] the earlier beat of which each is the return (the same place of the same section), -1 for none; or empty.
  std::vector<int> returns = {};
  /// What is to be written again: [beats] which, or empty: all. The others keep `kept`, which what is written reads.
  std::vector<bool> again = {};
  std::vector<Note> kept = {};  ///< an accompaniment, ordered by onset; of it counts what begins in beats that stay

  /// Whether the beat at that step, which may lie before the song, is to be written.
  [[nodiscard]] bool is_written(int step) const {
    return again.empty() || (step >= 0 && again[static_cast<std::size_t>(step / kStepsPerBeat)]);
  }
  [[nodiscard]] int beats() const { return static_cast<int>(beat_numbers.size()); }
  /// Throws Error(invalid_argument) unless the lengths agree, there is a beat, pitch classes lie in 0..11 and beats
  /// return from earlier ones.
  void validate() const;
};

/// The class of the accompaniment's notes with an onset in beats [first, end); -1, -1 where there are fewer than two
/// onsets. `notes` may hold the melody as well: it does not count.
[[nodiscard]] SectionTexture texture_of(std::span<const Note> notes, int first_beat, int end_beat);

/// The plan that wishes what `notes` are: for each of the song's beats the class of its block, blocks of `block` beats
/// lying from `anchor` on and before it, each judged with half a block more on both sides.
[[nodiscard]] std::vector<SectionTexture> textures_of(std::span<const Note> notes, int beats, int anchor, int block);

/// First beats of the segments of a song: on bar lines, as many whole bars to a segment as `segment_beats` holds (a bar
/// that is longer is cut). Where the style changes or another return begins a segment begins, too. The first may lie
/// before beat 0 when the song begins with an upbeat.
[[nodiscard]] std::vector<int> segment_starts(const WriterSong& song, int segment_beats);

}  // namespace pop2piano
