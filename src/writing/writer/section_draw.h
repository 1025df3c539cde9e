// SPDX-License-Identifier: MIT
// Figures that are drawn from what the network holds for likely, once for each section. Whoever takes the likeliest
// token each time writes the figure that fits all songs a little; whoever draws each token anew changes it in every
// bar. Here the noise of the draw (Gumbel's: the largest of logits and noise is a draw from their distribution;
// Maddison et al., "A* Sampling", 2014) is the same at the same place of each bar of a section, and counts intervals
// above the chord's root: bars of a section share what was drawn, another section draws anew.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>

#include "writing/tokens/voices.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// How much noise is added, as a share of that which draws from the network's own distribution; 0: none.
struct DrawWeights {
  float onset = 0.0F;
  float pitch = 0.0F;
  float length = 0.0F;
};

/// The draws of one segment. Copyable; `song` must outlive it.
class SectionDraw {
 public:
  /// `first_step`: of the song, at which the segment begins.
  SectionDraw(const WriterSong& song, int first_step, const DrawWeights& weights)
      : song_(&song), first_step_(first_step), weights_(weights) {}

  /// Adds noise to the logits of the onsets from step `next` of the segment on (-1: none may follow) and of the
  /// accompaniment's pitches at step `position` (-1: none may follow). Whether it did.
  bool weigh(int next, int position, const VoicesVocabulary& vocabulary, std::span<float> logits) const;
  /// The same for the lengths of a note at step `position` of the segment.
  bool weigh_durations(int position, int pitch, const VoicesVocabulary& vocabulary, std::span<float> logits) const;

 private:
  [[nodiscard]] int beat_of(int step) const;
  [[nodiscard]] std::uint64_t place_of(int step) const;
  [[nodiscard]] int interval_at(int step, int pitch) const;

  const WriterSong* song_;
  int first_step_;
  DrawWeights weights_;
};

}  // namespace pop2piano
