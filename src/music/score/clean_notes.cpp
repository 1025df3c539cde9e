// SPDX-License-Identifier: MIT
#include "music/score/clean_notes.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "music/score/key.h"

namespace pop2piano {
namespace {

constexpr int kOctave = 12;

/// Brings a pitch into the piano's range by octaves; the range holds more than seven of them.
int folded(int pitch) {
  if (pitch < kLowestPianoPitch) return pitch + (kLowestPianoPitch - pitch + kOctave - 1) / kOctave * kOctave;
  if (pitch > kHighestPianoPitch) return pitch - (pitch - kHighestPianoPitch + kOctave - 1) / kOctave * kOctave;
  return pitch;
}

void merge(Note& kept, const Note& other) {
  kept.duration = std::max(kept.duration, other.duration);
  kept.velocity = std::max(kept.velocity, other.velocity);
  if (other.voice == Voice::melody) kept.voice = Voice::melody;
  if (kept.hand == Hand::unassigned) kept.hand = other.hand;
}

}  // namespace

NoteCleaning resolve_overlaps(std::vector<Note>& notes) {
  NoteCleaning done;
  for (Note& note : notes) note.duration = std::max(note.duration, 1);
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tuple(a.pitch, a.onset, a.voice) < std::tuple(b.pitch, b.onset, b.voice);
  });
  std::vector<Note> kept;
  kept.reserve(notes.size());
  for (const Note& note : notes) {
    if (!kept.empty() && kept.back().pitch == note.pitch) {
      Note& before = kept.back();
      if (before.onset == note.onset) {
        merge(before, note);
        ++done.removed;
        continue;
      }
      if (before.offset() > note.onset) {
        before.duration = note.onset - before.onset;
        ++done.shortened;
      }
    }
    kept.push_back(note);
  }
  notes = std::move(kept);
  sort_notes(notes);
  return done;
}

NoteCleaning clean_notes(std::vector<Note>& notes) {
  std::size_t moved = 0;
  for (Note& note : notes) {
    const int pitch = folded(note.pitch);
    if (pitch != note.pitch) ++moved;
    note.pitch = static_cast<std::int16_t>(pitch);
  }
  NoteCleaning done = resolve_overlaps(notes);
  done.moved = moved;
  return done;
}

void validate_notes(std::span<const Note> notes) {
  constexpr int kMaxSteps = 1'000'000 * kStepsPerBeat;
  const auto outside = [](int value, int low, int high) { return value < low || value > high; };
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Note& note = notes[i];
    const char* what = outside(note.onset, -kMaxSteps, kMaxSteps) ? "an onset within a million beats"
                       : outside(note.duration, 1, kMaxSteps)     ? "a duration of 1 step to a million beats"
                       : outside(note.pitch, 0, 127)              ? "a pitch of 0..127"
                       : outside(note.velocity, 0, 127)           ? "a velocity of 0..127"
                                                                  : nullptr;
    if (what == nullptr) continue;
    throw Error(ErrorCode::invalid_argument,
                "score: note " + std::to_string(i + 1) + " expected with " + what + ", found onset " +
                    std::to_string(note.onset) + ", duration " + std::to_string(note.duration) + ", pitch " +
                    std::to_string(note.pitch) + ", velocity " + std::to_string(note.velocity));
  }
}

void transpose(Score& score, int semitones) {
  for (Note& note : score.notes) note.pitch = static_cast<std::int16_t>(folded(note.pitch + semitones));
  for (GraceNote& grace : score.graces) {
    grace.pitch = static_cast<std::int16_t>(folded(grace.pitch + semitones));
    grace.main = static_cast<std::int16_t>(folded(grace.main + semitones));
  }
  resolve_overlaps(score.notes);
  if (score.key) score.key = transposed(*score.key, semitones);
  for (KeySpan& span : score.keys) span.key = transposed(span.key, semitones);
  for (ChordSpan& chord : score.chords) {
    chord.root = (((chord.root + semitones) % 12) + 12) % 12;
    chord.bass = (((chord.bass + semitones) % 12) + 12) % 12;
  }
}

int tonic_pitch_class(const Key& key) { return (((key.fifths * 7 + (key.minor ? 9 : 0)) % 12) + 12) % 12; }

int semitones_to_tonic(const Key& from, int pitch_class) {
  const int up = (((pitch_class - tonic_pitch_class(from)) % 12) + 12) % 12;
  return up > 5 ? up - 12 : up;
}

Key transposed(const Key& key, int semitones) {
  return key_with_tonic((((tonic_pitch_class(key) + semitones) % 12) + 12) % 12, key.minor);
}

}  // namespace pop2piano
