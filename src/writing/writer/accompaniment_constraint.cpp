// SPDX-License-Identifier: MIT
#include "writing/writer/accompaniment_constraint.h"

#include <algorithm>
#include <cstddef>

namespace pop2piano {
namespace {

constexpr int kNothing = 128;
constexpr int kHighestBass = 59;  // what lies above middle C is no bass, whatever its pitch class

}  // namespace

AccompanimentConstraint::AccompanimentConstraint(const VoicesVocabulary& vocabulary, const WriterSong& song,
                                                 std::span<const Note> text, int first_step, double bass_weight,
                                                 double return_weight, const ToneWeights& tone_weights)
    : vocabulary_(&vocabulary),
      grammar_(vocabulary),
      tones_(song, text, first_step, vocabulary.segment_steps(), tone_weights),
      bass_weight_(static_cast<float>(bass_weight)),
      returning_(vocabulary, song, text, first_step, return_weight) {
  for (const Note& note : song.melody) {
    const int step = note.onset - first_step;
    if (step >= 0 && step < vocabulary.segment_steps()) struck_.emplace_back(step, note.pitch);
  }
  std::sort(struck_.begin(), struck_.end());
  const int first_beat = floor_divide(first_step, kStepsPerBeat);
  first_within_beat_ = first_step - first_beat * kStepsPerBeat;
  const int end = vocabulary.segment_steps() + vocabulary.durations.back() + first_within_beat_;
  for (int b = 0; b * kStepsPerBeat < end; ++b) {
    const int beat = first_beat + b;
    const bool told = beat >= 0 && beat < song.beats();
    basses_.push_back(told ? song.chords[static_cast<std::size_t>(beat)].bass : -1);
    const int before = beat >= 1 && told ? song.chords[static_cast<std::size_t>(beat) - 1].bass : -1;
    enters_.push_back(told && (song.beat_numbers[static_cast<std::size_t>(beat)] == 1 || before != basses_.back()));
  }
  for (const Note& note : text) {
    int& until = sounds_until_[static_cast<std::size_t>(std::clamp<int>(note.pitch, 0, 127))];
    if (note.onset < first_step) until = std::max(until, note.offset() - first_step);
  }
}

void AccompanimentConstraint::allowed(std::span<std::uint8_t> allowed) const {
  grammar_.allowed(allowed);
  const VoicesVocabulary& v = *vocabulary_;
  const auto forbid = [&](int first, int end) {
    for (int id = first; id < end; ++id) allowed[static_cast<std::size_t>(id)] = 0;
  };
  forbid(v.first_melody, v.first_accompaniment);
  const int position = grammar_.pitch_position();
  if (position < 0) return;
  const auto [from, to] = std::equal_range(struck_.begin(), struck_.end(), std::pair(position, 0),
                                           [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto it = from; it != to; ++it) {
    if (it->second < v.lowest_pitch || it->second > v.highest_pitch) continue;
    const int id = v.first_accompaniment + it->second - v.lowest_pitch;
    forbid(id, id + 1);
  }
}

void AccompanimentConstraint::accept(int token) {
  grammar_.accept(token);
  const VoicesTokenKind kind = voices_token_kind(*vocabulary_, token);
  if (kind == VoicesTokenKind::position) {
    position_ = token - vocabulary_->first_position;
    lowest_written_ = kNothing;
  }
  if (kind == VoicesTokenKind::accompaniment) {
    pitch_ = token - vocabulary_->first_accompaniment + vocabulary_->lowest_pitch;
    lowest_written_ = std::min(lowest_written_, pitch_);
  } else {
    if (kind == VoicesTokenKind::duration && pitch_ >= 0) {
      const int steps = vocabulary_->durations[static_cast<std::size_t>(token - vocabulary_->first_duration)];
      sounds_until_[static_cast<std::size_t>(pitch_)] = position_ + steps;
      tones_.strike(position_, pitch_, steps);
    }
    pitch_ = -1;
  }
}

int AccompanimentConstraint::bass_at(int step) const {
  const int of_beats = step + first_within_beat_;
  const auto beat = static_cast<std::size_t>(std::max(0, of_beats) / kStepsPerBeat);
  return step < 0 || of_beats % kStepsPerBeat != 0 || beat >= basses_.size() ? -1 : basses_[beat];
}

bool AccompanimentConstraint::bass_enters(int step) const {
  return enters_[static_cast<std::size_t>((step + first_within_beat_) / kStepsPerBeat)];
}

bool AccompanimentConstraint::has_bass(int step) const {
  const int low = lowest_at(step);
  if (bass_enters(step)) return low <= kHighestBass && low % 12 == bass_at(step);
  return low == kNothing || low % 12 == bass_at(step);
}

int AccompanimentConstraint::lowest_at(int step) const {
  for (std::size_t pitch = 0; pitch < sounds_until_.size(); ++pitch) {
    if (sounds_until_[pitch] > step) return static_cast<int>(pitch);
  }
  return kNothing;
}

bool AccompanimentConstraint::weigh(std::span<float> logits) const {
  const bool returns = weigh_return(logits);
  const int position = pitch_ >= 0 ? -1 : grammar_.pitch_position();
  const bool toned = position >= 0 && tones_.weigh(position, *vocabulary_, logits);
  return weigh_bass(logits) || returns || toned;
}

bool AccompanimentConstraint::weigh_return(std::span<float> logits) const {
  if (returning_.empty()) return false;
  if (pitch_ >= 0) return returning_.weigh_durations(position_, pitch_, logits);
  return returning_.weigh(grammar_.pitch_position(), lowest_written_, grammar_.next_position(), logits);
}

bool AccompanimentConstraint::weigh_bass(std::span<float> logits) const {
  if (bass_weight_ == 0.0F) return false;
  if (pitch_ >= 0) return weigh_durations(logits);
  const bool passing = weigh_passing(logits);
  return weigh_onset(logits) || passing;
}

// The onset in work: what it may leave behind, and what may become its lowest note.
bool AccompanimentConstraint::weigh_onset(std::span<float> logits) const {
  const int bass = grammar_.pitch_position() < 0 ? -1 : bass_at(position_);
  if (bass < 0) return false;
  const VoicesVocabulary& v = *vocabulary_;
  const int low = lowest_at(position_);
  for (int pitch = v.lowest_pitch; pitch <= v.highest_pitch && low != kNothing && pitch < low; ++pitch) {
    if (pitch % 12 != bass) {
      logits[static_cast<std::size_t>(v.first_accompaniment + pitch - v.lowest_pitch)] -= bass_weight_;
    }
  }
  if (low == kNothing || has_bass(position_)) return true;
  logits[static_cast<std::size_t>(kVoicesEnd)] -= bass_weight_;
  for (int id = v.first_position; id < v.first_melody; ++id) logits[static_cast<std::size_t>(id)] -= bass_weight_;
  return true;
}

// The note that waits for its duration: it may sound until it would be the lowest at a beat of another bass.
bool AccompanimentConstraint::weigh_durations(std::span<float> logits) const {
  const VoicesVocabulary& v = *vocabulary_;
  const int longest = v.durations.back();
  int until = longest + 1;
  for (int later = 1; later < longest && until > longest; ++later) {
    const int bass = bass_at(position_ + later);
    if (bass >= 0 && bass != pitch_ % 12 && lowest_at(position_ + later) > pitch_) until = later;
  }
  for (std::size_t i = 0; i < v.durations.size(); ++i) {
    if (v.durations[i] > until) logits[static_cast<std::size_t>(v.first_duration) + i] -= bass_weight_;
  }
  return until <= longest;
}

// The beats to come: those at which something else than their bass would sound on should have an onset.
bool AccompanimentConstraint::weigh_passing(std::span<float> logits) const {
  const int next = grammar_.next_position();
  if (next < 0) return false;
  const VoicesVocabulary& v = *vocabulary_;
  float lost = 0.0F;
  for (int step = next; step < v.segment_steps(); ++step) {
    const int id = v.first_position + step;
    logits[static_cast<std::size_t>(id)] -= lost;
    if (bass_at(step) >= 0 && !has_bass(step)) lost += kPassed * bass_weight_;
  }
  logits[static_cast<std::size_t>(kVoicesEnd)] -= lost;
  return lost > 0.0F;
}

}  // namespace pop2piano
