// SPDX-License-Identifier: MIT
// A song out of a MIDI file, a MusicXML lead sheet or a tune in ABC. Names, source and licence are the caller's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "music/score/symbolic_song.h"
#include "music/scorefiles/import.h"

namespace pop2piano {

/// The melody is the track whose name says so (score/lead_sheet.h); the piano's part are the other tracks that are
/// named piano or play General MIDI's pianos (none: left empty); chords are recognised from all notes. Throws Error:
/// nothing_found (no such track, too few notes, nothing to hear chords from), unsupported (notes off the beats, metre,
/// length), and as read_midi_file().
[[nodiscard]] SymbolicSong read_midi_song(const std::filesystem::path& file, std::string_view melody_track);

/// Chords as its symbols say, else recognised. Throws likewise.
[[nodiscard]] SymbolicSong read_musicxml_song(const std::filesystem::path& file, std::string_view melody_part,
                                              Repeats repeats);

/// The tune `index` (from 0) of a tunebook. Throws likewise.
[[nodiscard]] SymbolicSong read_abc_song(const std::filesystem::path& file, std::size_t index, Repeats repeats);

}  // namespace pop2piano
