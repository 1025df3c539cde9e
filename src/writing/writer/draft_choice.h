// SPDX-License-Identifier: MIT
// Which of several accompaniments of a song to keep: the one whose bars say most clearly where the song is.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <vector>

#include "writing/writer/writer_song.h"

namespace pop2piano {

/// How much more alike two bars at least four apart are where their chords are the same than elsewhere: the Jaccard
/// index of the left hand's onset places (notes below middle C, in 16ths), its mean over pairs with equal chords less
/// that over all pairs. A pianist's is above 0.1: a figure returns with its harmony, and a chorus is another one. 0
/// where no such pairs are, as in songs of one bar.
[[nodiscard]] double returning_likeness(const WriterSong& song, std::span<const Note> text);

/// The draft of largest returning_likeness(); the first of equal ones. `drafts`: one at least.
[[nodiscard]] std::size_t clearest_draft(const WriterSong& song, std::span<const std::vector<Note>> drafts);

}  // namespace pop2piano
