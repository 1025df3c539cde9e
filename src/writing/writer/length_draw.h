// SPDX-License-Identifier: MIT
// How long notes are held, drawn from what the network holds for likely. Pianists let keys go at any time, and a writer
// that takes the likeliest length each time holds all notes alike. The noise of the draw (Gumbel's: the largest of
// logits and noise is a draw from their distribution; Maddison et al., "A* Sampling", 2014) is the same at the same
// place of each bar of a section and counts intervals above the chord's root, so bars of a section share their lengths.
#pragma once

#include <span>

#include "writing/tokens/voices.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// The draws of one segment. Copyable; `song` must outlive it.
class LengthDraw {
 public:
  /// `first_step`: of the song, at which the segment begins. `weight`: how much noise is added, as a share of that
  /// which draws from the network's own distribution; 0: none.
  LengthDraw(const WriterSong& song, int first_step, double weight)
      : song_(&song), first_step_(first_step), weight_(static_cast<float>(weight)) {}

  /// Adds noise to the logits of the lengths of a note at step `position` of the segment. Whether it did.
  bool weigh(int position, int pitch, const VoicesVocabulary& vocabulary, std::span<float> logits) const;

 private:
  const WriterSong* song_;
  int first_step_;
  float weight_;
};

}  // namespace pop2piano
