// SPDX-License-Identifier: MIT
// What may stand in a segment of accompaniment, and what is known of it beside the network: the bass. A bass that was
// told speaks where a beat begins: the lowest note that sounds then should be it.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "writing/tokens/voices.h"
#include "writing/writer/chord_tones.h"
#include "writing/writer/returning_text.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// The grammar of voices without its melody, and no pitch at a step at which the melody strikes it. Logits: where a
/// beat begins, leaving it with another lowest note than the bass that was told loses `bass_weight`, and so does a note
/// that is to be the lowest and is not the bass; a duration loses it that makes its note the lowest at a later beat
/// with another bass; going on past a beat without an onset there loses kPassed of it where what sounds on is not that
/// beat's bass. What returns is weighed as ReturningText says. Where a bar or another bass begins, it has to lie below
/// middle C, and silence is no bass. Copyable; `vocabulary` must outlive it.
class AccompanimentConstraint final : public TokenConstraint {
 public:
  /// `text`: the accompaniment before the segment, for what sounds into it. `tone_weights`: how much the chord's own
  /// notes count at each onset.
  AccompanimentConstraint(const VoicesVocabulary& vocabulary, const WriterSong& song, std::span<const Note> text,
                          int first_step, double bass_weight, double return_weight = 0.0,
                          const ToneWeights& tone_weights = {});

  void allowed(std::span<std::uint8_t> allowed) const override;
  void accept(int token) override;
  bool weigh(std::span<float> logits) const override;
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<AccompanimentConstraint>(*this);
  }

 private:
  static constexpr float kPassed = 0.5F;

  /// The lowest pitch that sounds at a step of the segment by what is written so far; 128: none.
  [[nodiscard]] int lowest_at(int step) const;
  /// The bass of the beat that begins at that step of the segment; -1: none begins there, or none was told.
  [[nodiscard]] int bass_at(int step) const;
  /// Whether a bar or another bass begins at that step, at which a beat begins.
  [[nodiscard]] bool bass_enters(int step) const;
  /// Whether the notes that sound at that step have the beat's bass.
  [[nodiscard]] bool has_bass(int step) const;
  bool weigh_bass(std::span<float> logits) const;
  bool weigh_return(std::span<float> logits) const;
  bool weigh_onset(std::span<float> logits) const;
  bool weigh_passing(std::span<float> logits) const;
  bool weigh_durations(std::span<float> logits) const;

  const VoicesVocabulary* vocabulary_;
  VoicesGrammar grammar_;
  ChordTones tones_;
  std::vector<std::pair<int, int>> struck_;  // step of the segment, pitch: onsets of the melody, ordered
  std::vector<int> basses_;                  // [beats of the segment and of its longest note] pitch class or -1
  std::vector<bool> enters_;                 // the same beats: a bar or another bass begins
  int first_within_beat_ = 0;                // step of its beat at which the segment begins
  float bass_weight_;
  ReturningText returning_;
  int position_ = -1, pitch_ = -1;       // of the onset in work; of the note that waits for its duration
  int lowest_written_ = 128;             // of the onset in work
  std::array<int, 128> sounds_until_{};  // step of the segment, by pitch
};

}  // namespace pop2piano
