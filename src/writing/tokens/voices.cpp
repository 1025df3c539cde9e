// SPDX-License-Identifier: MIT
#include "writing/tokens/voices.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace pop2piano {
namespace {

[[noreturn]] void reject(const std::string& what) { throw Error(ErrorCode::unsupported, "voices vocabulary: " + what); }

/// Notes of equal onset and pitch become one: melody wins, the longest duration stays.
std::vector<Note> merged(std::vector<Note> notes) {
  std::map<std::pair<int, int>, Note> kept;  // by onset, pitch
  for (const Note& note : notes) {
    const auto [place, is_new] = kept.try_emplace({note.onset, note.pitch}, note);
    if (is_new) continue;
    if (note.voice == Voice::melody) place->second.voice = Voice::melody;
    place->second.duration = std::max(place->second.duration, note.duration);
  }
  notes.clear();
  for (const auto& [key, note] : kept) notes.push_back(note);
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tuple(a.onset, a.voice, -a.pitch) < std::tuple(b.onset, b.voice, -b.pitch);
  });
  return notes;
}

int pitch_of(const VoicesVocabulary& vocabulary, VoicesTokenKind kind, int token) {
  const int first = kind == VoicesTokenKind::melody ? vocabulary.first_melody : vocabulary.first_accompaniment;
  return token - first + vocabulary.lowest_pitch;
}

}  // namespace

void VoicesVocabulary::validate() const {
  if (steps_per_beat != kStepsPerBeat) {
    reject("steps_per_beat is " + std::to_string(steps_per_beat) + ", expected " + std::to_string(kStepsPerBeat));
  }
  if (lowest_pitch < 0 || highest_pitch > 127 || lowest_pitch > highest_pitch) {
    reject("pitches " + std::to_string(lowest_pitch) + ".." + std::to_string(highest_pitch) +
           ", expected a range within 0..127");
  }
  if (first_position <= kVoicesEnd || first_melody <= first_position || first_melody > (1 << 20) ||
      first_accompaniment != first_melody + pitch_count() || first_duration != first_accompaniment + pitch_count()) {
    reject("expected positions, melody, accompaniment and durations one after the other, found them at " +
           std::to_string(first_position) + ", " + std::to_string(first_melody) + ", " +
           std::to_string(first_accompaniment) + ", " + std::to_string(first_duration));
  }
  if (durations.empty() || durations.front() < 1 ||
      std::adjacent_find(durations.begin(), durations.end(), std::greater_equal<>()) != durations.end()) {
    reject("durations must be positive and increasing");
  }
}

VoicesTokenKind voices_token_kind(const VoicesVocabulary& vocabulary, int token) {
  if (token == kVoicesEnd) return VoicesTokenKind::end;
  if (token < vocabulary.first_position || token >= vocabulary.size()) return VoicesTokenKind::other;
  if (token < vocabulary.first_melody) return VoicesTokenKind::position;
  if (token < vocabulary.first_accompaniment) return VoicesTokenKind::melody;
  if (token < vocabulary.first_duration) return VoicesTokenKind::accompaniment;
  return VoicesTokenKind::duration;
}

VoicesCodec::VoicesCodec(VoicesVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) { vocabulary_.validate(); }

int VoicesCodec::nearest_duration(int steps) const {
  const double wanted = std::log(std::max(steps, 1));
  std::size_t best = 0;
  for (std::size_t i = 1; i < vocabulary_.durations.size(); ++i) {
    if (std::abs(std::log(vocabulary_.durations[i]) - wanted) <
        std::abs(std::log(vocabulary_.durations[best]) - wanted)) {
      best = i;
    }
  }
  return static_cast<int>(best);
}

std::vector<int> VoicesCodec::encode(std::span<const Note> notes, int first_step) const {
  std::vector<Note> chosen;
  for (const Note& note : notes) {
    const bool in_segment = note.onset >= first_step && note.onset - first_step < vocabulary_.segment_steps();
    if (in_segment && note.pitch >= vocabulary_.lowest_pitch && note.pitch <= vocabulary_.highest_pitch) {
      chosen.push_back(note);
    }
  }
  std::vector<int> tokens;
  int current = -1;
  for (const Note& note : merged(std::move(chosen))) {
    const int position = note.onset - first_step;
    if (position != current) tokens.push_back(vocabulary_.first_position + position);
    current = position;
    const int family = note.voice == Voice::melody ? vocabulary_.first_melody : vocabulary_.first_accompaniment;
    tokens.push_back(family + note.pitch - vocabulary_.lowest_pitch);
    tokens.push_back(vocabulary_.first_duration + nearest_duration(note.duration));
  }
  tokens.push_back(kVoicesEnd);
  return tokens;
}

std::vector<Note> VoicesCodec::decode(std::span<const int> tokens, int first_step) const {
  std::vector<Note> notes;
  int position = -1;
  bool position_valid = false;
  Note pending;
  bool has_pending = false;
  for (const int token : tokens) {
    const VoicesTokenKind kind = voices_token_kind(vocabulary_, token);
    if (kind == VoicesTokenKind::end) break;
    if (kind == VoicesTokenKind::duration && has_pending) {
      pending.duration = vocabulary_.durations[static_cast<std::size_t>(token - vocabulary_.first_duration)];
      notes.push_back(pending);
    }
    has_pending = false;
    if (kind == VoicesTokenKind::position) {
      const int next = token - vocabulary_.first_position;
      position_valid = next > position;
      position = std::max(position, next);
    } else if (position_valid && (kind == VoicesTokenKind::melody || kind == VoicesTokenKind::accompaniment)) {
      pending = Note{.onset = first_step + position,
                     .pitch = static_cast<std::int16_t>(pitch_of(vocabulary_, kind, token)),
                     .voice = kind == VoicesTokenKind::melody ? Voice::melody : Voice::accompaniment};
      has_pending = true;
    }
  }
  return merged(std::move(notes));
}

void VoicesGrammar::allowed(std::span<std::uint8_t> allowed) const {
  const VoicesVocabulary& v = *vocabulary_;
  std::fill(allowed.begin(), allowed.end(), std::uint8_t{0});
  const auto set = [&](int first, int last) {  // ids [first, last)
    last = std::min(last, static_cast<int>(allowed.size()));
    for (int id = first; id < last; ++id) allowed[static_cast<std::size_t>(id)] = 1;
  };
  if (state_ == State::ended) return set(kVoicesPad, kVoicesPad + 1);
  if (state_ == State::after_pitch) return set(v.first_duration, v.size());
  if (state_ != State::after_position) {
    set(kVoicesEnd, kVoicesEnd + 1);
    if (next_position() >= 0) set(v.first_position + next_position(), v.first_melody);
  }
  if (state_ == State::start || (state_ == State::after_duration && position_ < free_from_)) return;
  for (int i = 0; i < v.pitch_count(); ++i) {
    if (taken_[static_cast<std::size_t>(v.lowest_pitch) + static_cast<std::size_t>(i)]) continue;
    set(v.first_melody + i, v.first_melody + i + 1);
    set(v.first_accompaniment + i, v.first_accompaniment + i + 1);
  }
}

int VoicesGrammar::next_position() const {
  if (state_ != State::start && state_ != State::after_duration) return -1;
  const int next = std::max(position_ + 1, free_from_);
  return next < vocabulary_->segment_steps() ? next : -1;
}

bool VoicesGrammar::is_allowed(int token) const {
  const VoicesTokenKind kind = voices_token_kind(*vocabulary_, token);
  switch (state_) {
    case State::ended:
      return token == kVoicesPad;
    case State::after_pitch:
      return kind == VoicesTokenKind::duration;
    case State::start:
    case State::after_duration:
      if (kind == VoicesTokenKind::end) return true;
      if (kind == VoicesTokenKind::position) return token - vocabulary_->first_position > position_;
      if (state_ == State::start) return false;
      break;
    case State::after_position:
      break;
  }
  if (kind != VoicesTokenKind::melody && kind != VoicesTokenKind::accompaniment) return false;
  return !taken_[static_cast<std::size_t>(pitch_of(*vocabulary_, kind, token))];
}

void VoicesGrammar::accept(int token) {
  if (!is_allowed(token)) {
    throw Error(ErrorCode::invalid_argument, "voices grammar: token " + std::to_string(token) + " may not stand here");
  }
  const VoicesTokenKind kind = voices_token_kind(*vocabulary_, token);
  switch (kind) {
    case VoicesTokenKind::end:
      state_ = State::ended;
      break;
    case VoicesTokenKind::position:
      position_ = token - vocabulary_->first_position;
      taken_.reset();
      state_ = State::after_position;
      break;
    case VoicesTokenKind::melody:
    case VoicesTokenKind::accompaniment:
      taken_.set(static_cast<std::size_t>(pitch_of(*vocabulary_, kind, token)));
      state_ = State::after_pitch;
      break;
    case VoicesTokenKind::duration:
      state_ = State::after_duration;
      break;
    case VoicesTokenKind::other:
      break;
  }
}

}  // namespace pop2piano
