// SPDX-License-Identifier: MIT
// Progressions as words -> chords on bars.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "learning/genres/song_form.h"
#include "music/score/symbolic_song.h"

namespace pop2piano {

/// The chords of one word: "1", "b7", "2m7/57". Roots are `key` (pitch class) and up; times are not set. Throws Error:
/// invalid_argument where the word has no meaning.
[[nodiscard]] std::vector<SongChord> chords_of_word(std::string_view word, int key);
/// The progression over and over on the form's bars; each section begins it anew. Times in beats.
[[nodiscard]] std::vector<SongChord> chords_on(const SongForm& form, std::string_view progression, int key);
/// Whether the progression's home is a minor chord.
[[nodiscard]] bool is_minor(std::string_view progression);

}  // namespace pop2piano
