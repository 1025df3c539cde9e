// SPDX-License-Identifier: MIT
// The pipeline: recording -> beats -> features -> network -> notes -> score. Every front end calls make_cover().
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pop2piano {

/// What the beats are taken from and how they are read.
struct BeatOptions {
  /// Beats of the user's own, in seconds from the start of the file, wherever the recording begins in it; those outside
  /// are left out. Absent: the tracker finds them.
  std::optional<BeatGrid> given;
  double tempo_times = 1.0;          ///< 0.5, 1 or 2: keep every second beat, as found, a beat between each two
  std::optional<int> downbeat;       ///< 1-based: this beat of those found is the first of a bar; absent: found
  std::optional<int> beats_per_bar;  ///< absent: found
};

/// Everything that a cover depends on beside recording, model and style.
struct CoverOptions {
  BeatOptions beats{};
  std::optional<int> transpose;  ///< semitones, -24..24
  /// "C", "F#", "Bb": move the tonic there by the shorter way; "easy": to a key with at most one accidental; not with
  /// `transpose`
  std::optional<std::string> key;
  int level = 5;                       ///< 1 easy .. 3 medium .. 5 full
  int hand_span = 15;                  ///< semitones that a hand reaches, 12..24: 12 an octave, 14 a ninth, 15 a tenth
  TunePlace tune = TunePlace::on_top;  ///< whether accompaniment may sound above the tune
  std::optional<int> velocity;         ///< 1..127: all notes alike; absent: they follow the song
  std::string title;                   ///< empty: the recording's own title
  GenerateOptions generation{};        ///< greedy by default
  /// How much the notes of the tune follow what is heard as the recording's tune (by the tune network where it is
  /// installed, else by MELODIA), beside the model: weight of its log-probability, 0 none, 0..10. Models with `voices`
  /// tokens only.
  double melody_weight = 2.5;
  /// Beats of what it wrote before that the network goes on from, 0..4; 0: each segment alone, which is faster.
  int overlap_beats = 2;
  int threads = 0;  ///< 0: as many as the process may use; the result does not depend on it
};

/// What the recording's rhythm is: beats and how sure they are.
struct Rhythm {
  BeatGrid grid;                     ///< as found or given, not extended
  bool given = false;                ///< by the user, not found
  bool by_network = false;           ///< heard by the beat network, else by the signal's onsets and harmony
  bool constant_tempo = false;       ///< a machine kept the time
  double confidence = 0;             ///< 0..1
  double swing_ratio = 1;            ///< long to short half of the beat: 1 straight, about 2 swung
  std::optional<Key> key;            ///< as the recording sounds; absent for given beats and where no pitch stands out
  std::vector<std::string> remarks;  ///< what was assumed, in sentences for the user
};

/// Throws Error: nothing_found (silence, too short, no beats), invalid_argument, cancelled.
[[nodiscard]] Rhythm find_beats(const Recording& recording, const BeatOptions& options = {}, int threads = 0,
                                const Monitor& monitor = {});

/// A cover and what is known about how it came to be.
struct Cover {
  Score score;  ///< its grid is extended to cover the recording
  Rhythm rhythm;
  bool tune_by_network =
      false;            ///< what guided the melody was heard by the tune network, else by MELODIA or nothing did
  double duration = 0;  ///< seconds of the recording
  std::vector<double> segment_first_beats;  ///< [segments] beat of the grid at which what it wrote begins
  std::vector<float> confidence;  ///< [segments] 0..1, geometric mean of the probabilities of the chosen tokens
  std::vector<std::size_t> segment_tokens;  ///< [segments] how many tokens the network wrote
  std::vector<float> loudness_db;   ///< [beats of the score's grid] RMS of the recording, dB relative to full scale
  int level = 5;                    ///< that it was arranged for
  std::vector<NoteChange> changes;  ///< what the arrangement did to the written notes, by onset
  std::vector<std::pair<std::string, double>> stage_seconds;  ///< in the order of the work
};

/// One cover of each style; the recording is analysed once. Throws as find_beats() does, and invalid_argument for an
/// unknown style or key, nothing_found when the network wrote no note.
[[nodiscard]] std::vector<Cover> make_covers(const Recording& recording, const Model& model,
                                             const std::vector<std::string>& styles, const CoverOptions& options = {},
                                             const Monitor& monitor = {});
[[nodiscard]] Cover make_cover(const Recording& recording, const Model& model, const std::string& style = "auto",
                               const CoverOptions& options = {}, const Monitor& monitor = {});

/// Tonic pitch class (0 = C) of a name such as "C", "F#", "Bb"; throws Error(invalid_argument).
[[nodiscard]] int pitch_class_of(const std::string& name);

}  // namespace pop2piano
