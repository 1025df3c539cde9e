// SPDX-License-Identifier: MIT
// What was written on the beats that are heard, put on the beats of the recording; nothing begins where nothing sounds.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/score.h>

#include <vector>

namespace pop2piano {

/// Steps and beats of analysis.heard.grid -> of analysis.grid.
[[nodiscard]] std::vector<Note> in_recording(std::vector<Note> notes, const Analysis& analysis);
[[nodiscard]] std::vector<double> in_recording(std::vector<double> beats, const Analysis& analysis);

/// Leaves out the notes of a score on analysis.grid that begin outside what sounds or where it is faint, and ends those
/// that would sound on into a second of silence or more.
void keep_where_it_sounds(Score& score, const Analysis& analysis);

}  // namespace pop2piano
