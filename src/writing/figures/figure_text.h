// SPDX-License-Identifier: MIT
// Chosen bars as the accompaniment of a song: moved to its key, their tones led to the chords and basses that are
// heard.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "writing/figures/figure_choice.h"

namespace pop2piano {

/// The pitch class that is for chord `to` what `pitch_class` is for chord `from`: root for root, third for third; of a
/// chord's tone that `to` has no like of, its nearest tone; of other tones the same interval from the root. Both chords
/// have a root.
[[nodiscard]] int led_pitch_class(int pitch_class, const BeatChord& from, const BeatChord& to);

/// The notes of the chosen bars, ordered by onset, steps from the song's beat 0. What sounds at a beat has the bass
/// that is heard lowest, where that is known; notes end where a chord begins that they clash with by a semitone, and a
/// beat behind a bar that another one follows than in its own song. None strikes a key that the melody holds, none lies
/// over it: what did goes down an octave or is left out; what lies over its neighbours while it rests goes down, too.
[[nodiscard]] std::vector<Note> figure_text(const FigureBank& bank, const WriterSong& song,
                                            std::span<const FigurePlace> places, std::span<const ChosenFigure> chosen);

/// An accompaniment of the song in bars that pianists wrote, where has_figures(); else the request's sketch. Beats that
/// are not to be written again (WriterSong::again) keep what they have. Throws Error(cancelled).
[[nodiscard]] std::vector<Note> write_figures(const FigureBank& bank, const FigureRequest& request,
                                              const FigureWeights& weights, ThreadPool& pool,
                                              const Monitor& monitor = {});

}  // namespace pop2piano
