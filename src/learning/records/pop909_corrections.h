// SPDX-License-Identifier: MIT
// POP909-CL (arXiv 2510.06528): POP909's notes in bars, with bar lines, metres and chords that experts corrected, one
// MIDI file a song without its tracks. And POP909's own earlier versions of its arrangements.
#pragma once

#include <filesystem>
#include <vector>

#include "music/score/symbolic_song.h"

namespace pop2piano {

/// `song` of POP909 with the beats, bar lines and chords of `file`. The file's beats are the song's, moved by as many
/// quarters of a beat as lay most of its notes over the song's. Bars begin with the file, or on the song's own bar
/// lines where the file's chords change there too and hardly ever on those of the file. Throws Error: not_found,
/// malformed, unsupported (a metre that is not in quarters), nothing_found (less than four of five notes lie on the
/// song's: it is another song).
[[nodiscard]] SymbolicSong corrected_song(const SymbolicSong& song, const std::filesystem::path& file);

/// The earlier versions in `folder` (*.mid) that lie on the song's beats, play its melody, and whose notes differ from
/// those of the song and of one another by a tenth at least. The song's chords and beats hold for them, too. An absent
/// folder has none; files that cannot be read are left out.
[[nodiscard]] std::vector<SymbolicSong> earlier_versions(const SymbolicSong& song, const std::filesystem::path& folder);

/// What four or fewer pitch classes over a bass are called: the root, which is the bass wherever they make a usual
/// chord over it. `pitch_classes` not empty, bit 0 = C; `bass` one of them.
[[nodiscard]] int chord_root(unsigned pitch_classes, int bass);

}  // namespace pop2piano
