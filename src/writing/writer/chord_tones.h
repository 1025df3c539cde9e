// SPDX-License-Identifier: MIT
// Which notes of its chord a passage still lacks. A writer that takes the likeliest note each time leaves out what a
// pianist plays somewhere else each time: the third is missing at two beats of five, at one of five in human hands.
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "writing/tokens/voices.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Nats by which a note counts beside the network; 0: not at all.
struct ToneWeights {
  /// more for a note of the beat's chord that does not sound, nor did within the last beat; a share of it where a thin
  /// texture is wished
  float missing = 0.0F;
  float foreign = 0.0F;  ///< less for a note that is not of the chord
};

/// The chords of one segment and what has been struck of them. Copyable.
class ChordTones {
 public:
  /// `text`: the accompaniment before `first_step`, at which the segment of `steps` begins.
  ChordTones(const WriterSong& song, std::span<const Note> text, int first_step, int steps, const ToneWeights& weights);

  /// Steps count from the segment's first.
  void strike(int step, int pitch, int duration);
  /// Changes the logits of the accompaniment's pitches for an onset at `step`. Whether it did: not where no chord was
  /// told or both weights are 0.
  bool weigh(int step, const VoicesVocabulary& vocabulary, std::span<float> logits) const;

  /// Low thirds are mud, and above the melody's place the accompaniment has nothing to complete.
  static constexpr int kLowestMissing = 48, kHighestMissing = 76;

 private:
  [[nodiscard]] unsigned missing_at(int step, unsigned tones) const;

  ToneWeights weights_;
  std::vector<std::uint16_t> tones_;  // [beats of the segment] pitch classes of the chord, 0: none or not told
  std::vector<float> missing_;        // [beats of the segment] what a missing tone counts
  int first_within_beat_ = 0;         // step of its beat at which the segment begins
  std::array<int, 12> struck_at_{}, sounds_until_{};  // step of the segment, by pitch class
};

}  // namespace pop2piano
