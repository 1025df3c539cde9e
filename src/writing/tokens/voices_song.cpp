// SPDX-License-Identifier: MIT
#include "writing/tokens/voices_song.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>

namespace pop2piano {
namespace {

class VoicesConstraint final : public TokenConstraint {
 public:
  VoicesConstraint(const VoicesVocabulary& vocabulary, const MelodyGuide* melody, const SegmentPlace& place)
      : vocabulary_(&vocabulary),
        grammar_(vocabulary, place.new_from - place.first),
        melody_(melody),
        first_step_(place.first) {}

  void allowed(std::span<std::uint8_t> allowed) const override { grammar_.allowed(allowed); }
  void accept(int token) override {
    grammar_.accept(token);
    const VoicesTokenKind kind = voices_token_kind(*vocabulary_, token);
    if (kind == VoicesTokenKind::position) position_ = token - vocabulary_->first_position;
    if (kind == VoicesTokenKind::melody) pitch_ = token - vocabulary_->first_melody + vocabulary_->lowest_pitch;
    if (kind == VoicesTokenKind::duration && pitch_ >= 0) {
      const int steps = vocabulary_->durations[static_cast<std::size_t>(token - vocabulary_->first_duration)];
      sounds_until_[static_cast<std::size_t>(pitch_)] = position_ + steps;
      sung_at_ = position_;
    }
    if (kind != VoicesTokenKind::melody) pitch_ = -1;
  }
  bool weigh(std::span<float> logits) const override {
    if (melody_ == nullptr) return false;
    if (pitch_ >= 0) {
      melody_->add_to_durations(logits, *vocabulary_, first_step_ + position_, pitch_);
      return true;
    }
    const int next = grammar_.next_position();
    if (next >= 0) melody_->add_to_onsets(logits, *vocabulary_, first_step_, next);
    if (grammar_.pitch_position() < 0) return next >= 0;
    WrittenMelody written{.sounding = {}, .at_onset = sung_at_ == position_};
    for (std::size_t p = 0; p < written.sounding.size(); ++p) written.sounding[p] = sounds_until_[p] > position_;
    melody_->add_to(logits, *vocabulary_, first_step_ + position_, written);
    return true;
  }
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<VoicesConstraint>(*this);
  }

 private:
  const VoicesVocabulary* vocabulary_;
  VoicesGrammar grammar_;
  const MelodyGuide* melody_;
  long first_step_;
  int sung_at_ = -1;                     // position of the newest melody note
  int position_ = -1, pitch_ = -1;       // of the onset in work; of a melody note that waits for its duration
  std::array<int, 128> sounds_until_{};  // step of the segment, by pitch: melody notes as written
};

}  // namespace

VoicesVocabulary vocabulary_of(const TokenSettings& settings) {
  return {.first_position = settings.first_position,
          .first_melody = settings.first_melody,
          .first_accompaniment = settings.first_accompaniment,
          .first_duration = settings.first_duration,
          .lowest_pitch = settings.lowest_pitch,
          .highest_pitch = settings.highest_pitch,
          .durations = settings.durations,
          .steps_per_beat = settings.steps_per_beat};
}

namespace {

// A singer sings one note at a time: a note of the melody ends where a later one begins.
void make_melody_one_line(std::vector<Note>& notes) {
  std::vector<std::int32_t> onsets;
  for (const Note& note : notes) {
    if (note.voice == Voice::melody) onsets.push_back(note.onset);
  }
  std::ranges::sort(onsets);
  for (Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    const auto next = std::ranges::upper_bound(onsets, note.onset);
    if (next != onsets.end()) note.duration = std::min(note.duration, *next - note.onset);
  }
}

}  // namespace

GenerateRequest VoicesSong::request() const {
  GenerateRequest request;
  request.features.segments = places().size();
  request.constraint = [this](std::size_t segment) {
    return std::make_unique<VoicesConstraint>(codec_.vocabulary(), melody_ ? &*melody_ : nullptr, places()[segment]);
  };
  if (!segments_.overlapping) return request;
  request.continuation.chains = segments_.chains;
  request.continuation.prefix = [this](std::size_t segment, std::span<const int> before) {
    const int stride = places()[segment].first - places()[segment - 1].first;
    return continued_tokens(codec_.vocabulary(), before, stride);
  };
  return request;
}

std::vector<Note> VoicesSong::notes(std::span<const SegmentTokens> segments) const {
  std::vector<Note> notes;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const SegmentPlace& place = places()[s];
    for (const Note& note : codec_.decode(segments[s].tokens, place.first)) {
      if (note.onset >= place.new_from && note.onset < place.end) notes.push_back(note);
    }
  }
  make_melody_one_line(notes);
  return notes;
}

}  // namespace pop2piano
