// SPDX-License-Identifier: MIT
// The third step of a cover, and of any score: notes on beats -> arrange() -> a piano part for two hands and a player's
// level, with dynamics.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// What becomes of long rows of strikes of one key by the melody.
enum class RepeatedMelody : std::uint8_t {
  as_written,
  held,  ///< the key is held and struck on downbeats only: our models strike what was sung long again on every eighth
};

/// For whom, in which key, how loud.
struct PianoOptions {
  int level = 5;       ///< 1 easy .. 3 medium .. 5 full
  int hand_span = 15;  ///< semitones that a hand reaches, 12..24: 12 an octave, 14 a ninth, 15 a tenth
  MelodyPlace melody = MelodyPlace::on_top;  ///< whether accompaniment may sound above the melody
  RepeatedMelody repeated_melody = RepeatedMelody::as_written;
  std::optional<int> transpose{};  ///< semitones, -24..24
  /// "C", "F#", "Bb": move the tonic there by the shorter way; "easy": to a key with at most one accidental; not with
  /// `transpose`
  std::optional<std::string> key{};
  std::optional<int> velocity{};  ///< 1..127: all notes alike; absent: as played, else they follow loudness and metre

  /// Throws Error(invalid_argument) for values that there are not. arrange() calls it; long work calls it before.
  void validate() const;
};

/// A score that two hands play.
struct PianoScore {
  Score score;                      ///< every note with a hand and a velocity; chords and keys found
  int level = 5;                    ///< that it was arranged for
  std::vector<NoteChange> changes;  ///< what was done to the notes of the source, by onset
};

/// Key, level, two hands, dynamics. `loudness_db` [beats of the score's grid]: of a recording, dB; empty: not known,
/// the metre decides. Velocities of the source stay unless all are alike. Afterwards nothing is unplayable. About 10 ms
/// for four minutes of song. Throws Error: invalid_argument (options, grid, notes that no file can hold), nothing_found
/// (no note is there, or left at the level).
[[nodiscard]] PianoScore arrange(Score score, const PianoOptions& options = {},
                                 std::span<const float> loudness_db = {});

/// Tonic pitch class (0 = C) of a name such as "C", "F#", "Bb"; throws Error(invalid_argument).
[[nodiscard]] int pitch_class_of(const std::string& name);

}  // namespace pop2piano
