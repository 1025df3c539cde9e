// SPDX-License-Identifier: MIT
// A cover's accompaniment written over its lead sheet: the melody that the listening network wrote, the chords and the
// bass that were heard, and where the song is loud.
#pragma once

#include <pop2piano/cover.h>

#include <span>
#include <string>
#include <vector>

#include "writing/figures/figure_bank.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// What the writer reads of a song. `notes`: what the listening network wrote on the beats that are heard, of which the
/// melody is shown as it is played (long rows of strikes held). The louder half of the song is to be fuller than the
/// other. The analysis holds a harmony.
[[nodiscard]] WriterSong lead_sheet_of(const Analysis& analysis, std::span<const Note> notes);

/// Who writes over a lead sheet.
struct Accompanists {
  const Model& writer;
  const FigureBank* figures = nullptr;  ///< null: what the writer writes stays as it is
};

struct Accompanied {
  std::vector<Note> notes;
  Accompaniment by = Accompaniment::lead_sheet;
};

/// `notes` with a written accompaniment in place of their own, but for what that has on top while the melody rests, in
/// the textures of `plan`; a style that the writer does not have is its first. What returns with a section of
/// `sections` is written as it was. Figures are chosen where the song's metre has them. The same for any number of
/// threads. Throws Error as write_songs() does.
[[nodiscard]] Accompanied with_written_accompaniment(const Analysis& analysis, std::vector<Note> notes,
                                                     const Accompanists& accompanists, const Plan& plan,
                                                     std::span<const SongSection> sections, const WriteOptions& options,
                                                     int threads, const Monitor& monitor);

}  // namespace pop2piano
