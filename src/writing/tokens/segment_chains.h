// SPDX-License-Identifier: MIT
// Where the segments of a song lie when each goes on from the one before it: the last beats of a segment are the first
// of the next, which begins with what was written there (a forced prefix). So texture, register and held notes carry
// over a border. The song is cut into a few chains of segments that are written side by side.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "writing/tokens/voices.h"

namespace pop2piano {

/// Steps of the song.
struct SegmentPlace {
  int first = 0;     ///< step 0 of the segment's tokens
  int new_from = 0;  ///< first onset that is its own; what lies before was written by the segment before it
  int end = 0;       ///< onsets from here on belong to the next
};

/// How a song is cut. Places in the order of the song; `chains`: index of the first segment of each chain.
struct SegmentChains {
  std::vector<SegmentPlace> places;  // [segments]
  std::vector<std::size_t> chains;   // [chains], increasing, the first is 0
  bool overlapping = false;          // within a chain
};

struct SegmentChainOptions {
  int segment_steps = 96;
  int overlap_steps = 24;  ///< of a segment with the one before it; 0: segments side by side, each alone
  int most_chains = 8;     ///< rows that are written at a time; more are faster, their borders are bare
  int least_segments = 4;  ///< in a chain, as far as the song has so many
};

/// `starts`: steps at which a chain may begin (first beats of bars), increasing; without any there is one chain.
/// What the segments write, [new_from, end), covers [0, song_steps) without gap or overlap; song_steps 0 gives none.
/// Throws Error(invalid_argument) unless 0 <= overlap < segment.
[[nodiscard]] SegmentChains chain_segments(int song_steps, std::span<const int> starts,
                                           const SegmentChainOptions& options);

/// The tokens that the next segment begins with: those of onsets from `stride` steps on, moved there by `stride`.
/// `tokens`: a segment by the grammar, with or without its end. Without the end token.
[[nodiscard]] std::vector<int> continued_tokens(const VoicesVocabulary& vocabulary, std::span<const int> tokens,
                                                int stride);

}  // namespace pop2piano
