// SPDX-License-Identifier: MIT
// Which notes of a cover are its melody: those that play what is heard as the melody of the song's recording, not
// simply the highest ones.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {

/// Chances [steps, 2 * semitones from kLowestMelodyPitch on], one row a step of `grid`: that a note of the melody
/// begins there, then that it sounds; by the melody network, or, where none is installed, by MELODIA, who knows no
/// beginnings. All 0 where the singer is heard dimly throughout. `sound`: mono, 22.05 kHz, any level.
[[nodiscard]] Matrix<float> hear_melody(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool);
/// The same, where `frames` have been heard in the sound (levelled to a peak of 1) already.
[[nodiscard]] Matrix<float> hear_melody(const MelodyFrames& frames, std::span<const float> sound, const BeatGrid& grid,
                                        ThreadPool& pool);

struct HeardMelodyOptions {
  float sounds = 8.0F;  ///< gained by a note that has all of the chance while it sounds
  float begins = 4.0F;  ///< by one that has all of the chance where it begins
  float octave = 0.2F;  ///< of both, in another octave than the song's
  float price = 1.5F;   ///< of any note of the melody
  float top = 1.0F;     ///< gained by the highest note that sounds
  float leap = 0.2F;    ///< price of each semitone beyond a fifth from one note to the next
};

/// Marks the notes that make the best line (Viterbi): at most one of those that begin together, likely where it is
/// heard and not far from the note before. The octave between cover and song is the one in which the line gains most.
/// Where nothing is heard, or no note plays it, the voices stay as they are. `notes`: on the steps of `heard`; they are
/// sorted as sort_notes() does.
void mark_heard_melody(std::vector<Note>& notes, Span2D<const float> heard, const HeardMelodyOptions& options = {});

}  // namespace pop2piano
