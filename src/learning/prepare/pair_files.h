// SPDX-License-Identifier: MIT
// What the stages write into a pair's folder for those after them, as JSON.
#pragma once

#include <pop2piano/score.h>

#include <filesystem>
#include <vector>

#include "learning/records/cover_on_song.h"
#include "listening/align/cover_alignment.h"

namespace pop2piano {

inline constexpr const char* kAlignmentFile = "alignment.json";
inline constexpr const char* kPartsFile = "parts.json";

/// How the cover lies on its song, and the song's beats.
struct AlignedPair {
  CoverAlignment alignment;
  BeatGrid grid;  ///< extended over the whole recording
};

void write_alignment(const AlignedPair& pair, const std::filesystem::path& folder);
/// Throws Error(malformed).
[[nodiscard]] AlignedPair read_alignment(const std::filesystem::path& folder);

void write_parts(const std::vector<CoverPart>& parts, const std::filesystem::path& folder);
/// On the beats of `grid`. Throws Error(malformed).
[[nodiscard]] std::vector<CoverPart> read_parts(const BeatGrid& grid, const std::filesystem::path& folder);

}  // namespace pop2piano
