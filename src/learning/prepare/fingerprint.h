// SPDX-License-Identifier: MIT
// Whether two covers are one performance: the smallest hashes of what follows on what in their notes (min-hash of
// shingles, Broder 1997). Times and loudness play no part, so that another coding of a recording makes little
// difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

inline constexpr std::size_t kFingerprintSize = 32;
/// Hashes that two of one performance have in common at least. Two arrangements of one song share about none.
inline constexpr std::size_t kSamePerformance = 12;

/// At most kFingerprintSize, ascending. `notes`: by onset.
[[nodiscard]] std::vector<std::uint64_t> fingerprint_of(std::span<const PlayedNote> notes);
[[nodiscard]] std::size_t hashes_in_common(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

}  // namespace pop2piano
