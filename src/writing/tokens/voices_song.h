// SPDX-License-Identifier: MIT
// A song as it is written in `voices` tokens: where its segments lie, what may stand in them, what is known of them
// beside the network, and how their tokens become notes.
#pragma once

#include <pop2piano/model.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "writing/tokens/melody_guide.h"
#include "writing/tokens/segment_chains.h"
#include "writing/tokens/voices.h"

namespace pop2piano {

/// As a model's config.json says.
[[nodiscard]] VoicesVocabulary vocabulary_of(const TokenSettings& settings);

/// Immutable; what the evidence borrows must outlive it.
class VoicesSong {
 public:
  /// `melody`: what is heard of it from step 0 of the song on; absent: the network alone.
  VoicesSong(VoicesCodec codec, SegmentChains segments, std::optional<MelodyGuide> melody)
      : codec_(std::move(codec)), segments_(std::move(segments)), melody_(std::move(melody)) {}

  [[nodiscard]] const std::vector<SegmentPlace>& places() const { return segments_.places; }
  [[nodiscard]] const VoicesCodec& codec() const { return codec_; }
  /// For generate(); how features are read, how many frames a segment has and the style are left to the caller. The
  /// song must outlive the request.
  [[nodiscard]] GenerateRequest request() const;
  /// Notes of all segments [segments], onsets in steps of the song; not sorted. A note of the melody ends where a later
  /// one begins.
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const;

 private:
  VoicesCodec codec_;
  SegmentChains segments_;
  std::optional<MelodyGuide> melody_;
};

}  // namespace pop2piano
