// SPDX-License-Identifier: MIT
// A song of a genre: its form, chords, a tune and a band that plays the genre's grooves, ready to be rendered.
#pragma once

#include <cstdint>
#include <string>

#include "learning/genres/song_form.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

struct GenreSongOptions {
  std::size_t font_count = 1;  ///< sound fonts to draw from
  FormOptions form;
};

/// Everything follows from the genre, the seed and the options. The arrangement's grid has the beats as listeners tap
/// them, its numbers the bars. Throws Error: invalid_argument (see draw_form()).
[[nodiscard]] Arrangement make_genre_song(const Genre& genre, const std::string& name, std::uint64_t seed,
                                          const GenreSongOptions& options);

}  // namespace pop2piano
