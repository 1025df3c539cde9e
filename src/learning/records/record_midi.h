// SPDX-License-Identifier: MIT
// A record's piano part as a MIDI file in the time of its sound, to look at and to listen to.
#pragma once

#include <filesystem>

#include "learning/dataset/song_record.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

/// Tempos as midi_beats.h says; tracks "melody" and "accompaniment". Time 0 of the file is time 0 of the sound. Throws
/// Error(malformed) when the record has fewer than two beats.
[[nodiscard]] MidiFile record_midi(const SongDescription& song);
void write_record_midi(const std::filesystem::path& target, const SongDescription& song);

}  // namespace pop2piano
