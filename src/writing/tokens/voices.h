// SPDX-License-Identifier: MIT
// The `voices` vocabulary: a segment of piano music as `position (pitch duration)+` for each onset time in order,
// within a time melody first, then from high to low. Durations are rounded to the nearest of a table in log distance.
#pragma once

#include <pop2piano/score.h>

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

/// Where each family of tokens lies. 0 is padding (and the decoder's start), 1 the end.
struct VoicesVocabulary {
  int first_position = 4;  ///< id of step 0 of the segment; one id per step
  int first_melody = 100;
  int first_accompaniment = 188;
  int first_duration = 276;
  int lowest_pitch = 21;  ///< MIDI
  int highest_pitch = 108;
  std::vector<int> durations{1, 2, 3, 4, 6, 8, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 60, 72, 96};  ///< steps
  int steps_per_beat = kStepsPerBeat;

  [[nodiscard]] int segment_steps() const { return first_melody - first_position; }
  [[nodiscard]] int pitch_count() const { return highest_pitch - lowest_pitch + 1; }
  [[nodiscard]] int size() const { return first_duration + static_cast<int>(durations.size()); }
  /// Throws Error(unsupported) unless the families follow one another and the grid is that of Note.
  void validate() const;
};

inline constexpr int kVoicesPad = 0;
inline constexpr int kVoicesEnd = 1;

enum class VoicesTokenKind : std::uint8_t { other, end, position, melody, accompaniment, duration };
[[nodiscard]] VoicesTokenKind voices_token_kind(const VoicesVocabulary& vocabulary, int token);

/// Notes <-> ids of one segment. Immutable.
class VoicesCodec {
 public:
  explicit VoicesCodec(VoicesVocabulary vocabulary = {});
  [[nodiscard]] const VoicesVocabulary& vocabulary() const { return vocabulary_; }

  /// The notes with an onset in [first_step, first_step + segment_steps), in any order, as ids with the end token.
  /// Notes outside the range of pitches are left out; of equal onset and pitch one is kept: melody, the longest
  /// duration.
  [[nodiscard]] std::vector<int> encode(std::span<const Note> notes, int first_step) const;
  /// The notes of `tokens` up to the end token, sorted as sort_notes() does. What the grammar does not allow (a pitch
  /// without duration, a position that does not increase) is left out; doubles become one as in encode().
  [[nodiscard]] std::vector<Note> decode(std::span<const int> tokens, int first_step) const;
  /// Index into durations of the nearest duration in log distance; ties go to the shorter.
  [[nodiscard]] int nearest_duration(int steps) const;

 private:
  VoicesVocabulary vocabulary_;
};

/// Which token may follow: positions increase; a pitch stands after a position or a duration, once per onset; a
/// duration after a pitch; the end after a duration or at the start. Copyable; `vocabulary` must outlive it.
class VoicesGrammar {
 public:
  /// `free_from`: step of the segment before which allowed() lets nothing begin: what stands there is given.
  explicit VoicesGrammar(const VoicesVocabulary& vocabulary, int free_from = 0)
      : vocabulary_(&vocabulary), free_from_(free_from) {}

  /// Sets allowed[id] to 1 or 0 for every id; ids behind the vocabulary are 0. After the end only padding is allowed.
  void allowed(std::span<std::uint8_t> allowed) const;
  /// Whether accept() takes it; what is given before `free_from` it takes, too.
  [[nodiscard]] bool is_allowed(int token) const;
  /// Throws Error(invalid_argument) if the token is not allowed.
  void accept(int token);
  [[nodiscard]] bool ended() const { return state_ == State::ended; }
  /// The step of the segment at which a pitch may stand next; -1 where none may.
  [[nodiscard]] int pitch_position() const {
    return state_ == State::after_position || state_ == State::after_duration ? position_ : -1;
  }
  /// The first step of the segment at which an onset may stand next; -1 where none may.
  [[nodiscard]] int next_position() const;

 private:
  enum class State : std::uint8_t { start, after_position, after_pitch, after_duration, ended };

  const VoicesVocabulary* vocabulary_;
  int free_from_;
  State state_ = State::start;
  int position_ = -1;       // of the segment, -1: none yet
  std::bitset<128> taken_;  // pitches that sound from the current position
};

}  // namespace pop2piano
