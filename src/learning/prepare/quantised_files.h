// SPDX-License-Identifier: MIT
// The quantised cover as MIDI on the song's own beats, for people and for other programs.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "learning/prepare/pair_files.h"
#include "music/score/played_note.h"

namespace pop2piano {

inline constexpr const char* kQuantisedFile = "quantised.mid";  ///< 16ths and triplets
inline constexpr const char* kPublishedFile = "published.mid";  ///< 8ths, as the published data

/// The parts on twelve steps to a beat; what is played twice is there as the first time.
void write_quantised(std::span<const CoverPart> parts, const BeatGrid& grid, const std::filesystem::path& folder);

/// Onsets and ends at the nearest 8th, none shorter than one; of notes with one onset and pitch the first stays (Choi
/// and Lee 2023). `notes`: of the cover, by onset.
void write_published(std::span<const PlayedNote> notes, const AlignedPair& pair, std::span<const CoverPart> parts,
                     const std::filesystem::path& folder);

}  // namespace pop2piano
