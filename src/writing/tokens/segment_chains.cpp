// SPDX-License-Identifier: MIT
#include "writing/tokens/segment_chains.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>

namespace pop2piano {
namespace {

void check(const SegmentChainOptions& o) {
  if (o.segment_steps < 1 || o.overlap_steps < 0 || o.overlap_steps >= o.segment_steps || o.most_chains < 1 ||
      o.least_segments < 1) {
    throw Error(ErrorCode::invalid_argument,
                "segment chains: expected 0 <= overlap < segment and at least one chain of one segment, found " +
                    std::to_string(o.overlap_steps) + " of " + std::to_string(o.segment_steps) + " steps, " +
                    std::to_string(o.most_chains) + " chains of " + std::to_string(o.least_segments));
  }
}

int segments_in(int steps, const SegmentChainOptions& o) {
  const int stride = o.segment_steps - o.overlap_steps;
  return steps <= o.segment_steps ? 1 : 1 + (steps - o.segment_steps + stride - 1) / stride;
}

// The allowed start nearest to `wish`.
int nearest_start(std::span<const int> starts, int wish) {
  const auto above = std::lower_bound(starts.begin(), starts.end(), wish);
  if (above == starts.end()) return starts.back();
  if (above == starts.begin() || *above - wish <= wish - *(above - 1)) return *above;
  return *(above - 1);
}

// First step of each chain, and the song's end.
std::vector<int> chain_borders(int song_steps, std::span<const int> starts, const SegmentChainOptions& o) {
  const int chains = o.overlap_steps == 0 || starts.empty()
                         ? 1
                         : std::clamp(segments_in(song_steps, o) / o.least_segments, 1, o.most_chains);
  std::vector<int> borders{0};
  for (int c = 1; c < chains; ++c) {
    const int wish = static_cast<int>(static_cast<long>(song_steps) * c / chains);
    const int start = nearest_start(starts, wish);
    if (start > borders.back() && start < song_steps) borders.push_back(start);
  }
  borders.push_back(song_steps);
  return borders;
}

}  // namespace

SegmentChains chain_segments(int song_steps, std::span<const int> starts, const SegmentChainOptions& options) {
  check(options);
  SegmentChains result;
  result.overlapping = options.overlap_steps > 0;
  if (song_steps <= 0) return result;
  const std::vector<int> borders = chain_borders(song_steps, starts, options);
  for (std::size_t c = 0; c + 1 < borders.size(); ++c) {
    result.chains.push_back(result.places.size());
    for (int done = borders[c]; done < borders[c + 1]; done = result.places.back().end) {
      const int first = done == borders[c] ? done : done - options.overlap_steps;
      const int end = std::min(first + options.segment_steps, borders[c + 1]);
      result.places.push_back({.first = first, .new_from = done, .end = end});
    }
  }
  return result;
}

std::vector<int> continued_tokens(const VoicesVocabulary& vocabulary, std::span<const int> tokens, int stride) {
  std::vector<int> kept;
  bool keeping = false;
  for (const int token : tokens) {
    const VoicesTokenKind kind = voices_token_kind(vocabulary, token);
    if (kind == VoicesTokenKind::end) break;
    if (kind == VoicesTokenKind::position) {
      keeping = token - vocabulary.first_position >= stride;
      if (keeping) kept.push_back(token - stride);
    } else if (keeping) {
      kept.push_back(token);
    }
  }
  // A segment that was cut at its maximum may end within a note.
  while (!kept.empty() && voices_token_kind(vocabulary, kept.back()) != VoicesTokenKind::duration) kept.pop_back();
  return kept;
}

}  // namespace pop2piano
