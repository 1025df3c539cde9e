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

/// A song of a corpus as a band of the genre plays it: its bars, chords and melody, the genre's grooves. A genre
/// without drums plays the song's own piano part where it has one. Throws as make_genre_song() does, and where the song
/// has fewer than two beats.
[[nodiscard]] Arrangement play_in_genre(const SymbolicSong& song, const Genre& genre, std::uint64_t seed,
                                        const GenreSongOptions& options);

}  // namespace pop2piano
