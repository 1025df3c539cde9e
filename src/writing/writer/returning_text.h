// SPDX-License-Identifier: MIT
// What was written where a section was played first, as evidence where it returns: under the same chord the same onset,
// pitch and length are to be written again. More may be written (an ornament), at a price.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <utility>
#include <vector>

#include "writing/tokens/voices.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Of one segment. Copyable; `vocabulary` must outlive it.
class ReturningText {
 public:
  /// `text`: the accompaniment before the segment; of it counts what lies in the beats that return here with the root
  /// and the bass that they had, but for keys that the melody strikes now and tones that only the former chord had.
  /// `weight`: nats that leaving it costs.
  ReturningText(const VoicesVocabulary& vocabulary, const WriterSong& song, std::span<const Note> text, int first_step,
                double weight);

  [[nodiscard]] bool empty() const { return weight_ == 0.0F || known_.empty(); }

  /// After a pitch: durations of another length lose the weight.
  bool weigh_durations(int position, int pitch, std::span<float> logits) const;
  /// Where a pitch may follow at `position` (-1: nowhere), the lowest written there being `lowest` (128: none yet):
  /// pitches that were not written there lose the weight, and so does going on while one is missing. Where an onset may
  /// follow from `next` on (-1: nowhere): onsets that were not there lose it, and those behind one that was, once for
  /// each that they leave out.
  bool weigh(int position, int lowest, int next, std::span<float> logits) const;

 private:
  struct Remembered {
    int position = 0, pitch = 0, duration = 0;  // of the segment; index into the vocabulary's durations
  };
  [[nodiscard]] bool known(int position) const { return known_[static_cast<std::size_t>(position)]; }
  bool weigh_pitches(int position, int lowest, std::span<float> logits) const;
  void weigh_positions(int next, std::span<float> logits) const;

  const VoicesVocabulary* vocabulary_;
  float weight_;
  std::vector<bool> known_;        // [steps of the segment] whether they return; empty: none does
  std::vector<Remembered> notes_;  // by position, from high to low
};

}  // namespace pop2piano
