// SPDX-License-Identifier: MIT
// The published Pop2Piano tokens (Choi and Lee 2022), as the authors' tokenizer reads and writes them: note-on and
// note-off modes, pitches, relative time shifts in steps of an 8th note. The Hugging Face port differs (there, a
// note-off of a silent pitch starts a note); the authors are followed.
#pragma once

#include <pop2piano/score.h>

#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

inline constexpr int kPublishedPad = 0;
inline constexpr int kPublishedEnd = 1;
inline constexpr int kPublishedFirstNote = 4;     ///< + MIDI pitch 0..127
inline constexpr int kPublishedOffMode = 132;     ///< what follows are ends of notes
inline constexpr int kPublishedOnMode = 133;      ///< what follows are beginnings
inline constexpr int kPublishedFirstShift = 134;  ///< + steps since the last event, 0..99
inline constexpr int kPublishedVocabulary = 234;  ///< ids in use
inline constexpr int kPublishedVelocity = 77;     ///< of every note
inline constexpr int kPublishedStepsPerBeat = 2;
inline constexpr int kPublishedSegmentSteps = 8;
inline constexpr int kPublishedCutoffSteps = 12;  ///< time is clamped to so many steps past a segment's start

/// A note on the grid of 8th notes.
struct StepNote {
  int onset = 0;   ///< steps
  int offset = 1;  ///< steps, > onset
  int pitch = 60;  ///< MIDI
  int velocity = kPublishedVelocity;
  friend bool operator==(const StepNote&, const StepNote&) = default;
};

/// One segment. `cutoff_step`: where time and what still sounds are cut (absent: nowhere). Ordered by onset, then
/// offset.
[[nodiscard]] std::vector<StepNote> published_tokens_to_notes(std::span<const int> tokens, int start_step,
                                                              std::optional<int> cutoff_step);
/// Segments of eight steps, one after the other from `first_step`, each decoded alone.
[[nodiscard]] std::vector<StepNote> published_segments_to_notes(std::span<const std::vector<int>> segments,
                                                                int first_step = 0);
/// Relative tokens with the end token. Steps count from `first_step`; no onset may lie before it.
[[nodiscard]] std::vector<int> published_notes_to_tokens(std::span<const StepNote> notes, int first_step);
/// On the grid of Note: one 8th is kStepsPerBeat / 2 steps. All are accompaniment; onsets count from `first_step`.
[[nodiscard]] std::vector<Note> published_to_score(std::span<const StepNote> notes, int first_step = 0);

}  // namespace pop2piano
