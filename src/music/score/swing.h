// SPDX-License-Identifier: MIT
// Where written steps sound in music that swings.
#pragma once

#include <pop2piano/score.h>

#include <span>

namespace pop2piano {

/// Beats from beat 0 at which a step sounds. Halves of a pair are moved and what is written between goes with them;
/// thirds of a beat stay, as they are where they sound already.
[[nodiscard]] double played_beat(int step, const Swing& swing);
/// The same for a written place in beats.
[[nodiscard]] double played_place(double written, const Swing& swing);
/// The written place of what sounds at `played` (beats): the inverse, to a tick where a third and a half lie close.
[[nodiscard]] double written_place(double played, const Swing& swing);

/// How onsets (beats of the music, any order) swing that a machine plays: the ratio of the pairs that nearly all
/// onsets beside the beats agree with, 1.2 to 3. None for even ones, for triplets (two to one) and dotted rhythms
/// (three to one), which can be written as what they are, and for what people play, which is never so alike.
[[nodiscard]] Swing swing_of_onsets(std::span<const double> onsets);

}  // namespace pop2piano
