// SPDX-License-Identifier: MIT
#include "writing/writer/returning_text.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace pop2piano {
namespace {

// Whether the pitch is one of the chord's; any is where none is known.
bool fits(int pitch, const BeatChord& chord) {
  return chord.kind != BeatChord::Kind::chord || (chord.pitch_classes >> (pitch % 12) & 1) != 0;
}

}  // namespace

ReturningText::ReturningText(const VoicesVocabulary& vocabulary, const WriterSong& song, std::span<const Note> text,
                             int first_step, double weight)
    : vocabulary_(&vocabulary), weight_(static_cast<float>(weight)) {
  if (song.returns.empty() || weight_ == 0.0F) return;
  std::set<std::pair<int, int>> struck;  // by the melody: step of the song, pitch
  for (const Note& note : song.melody) struck.emplace(note.onset, note.pitch);
  const VoicesCodec codec(vocabulary);
  std::vector<bool> known(static_cast<std::size_t>(vocabulary.segment_steps()));
  const int first_beat = floor_divide(first_step, kStepsPerBeat);
  const int end_beat = std::min(song.beats(), floor_divide(first_step + vocabulary.segment_steps(), kStepsPerBeat));
  for (int beat = std::max(0, first_beat); beat < end_beat; ++beat) {
    const int from = song.returns[static_cast<std::size_t>(beat)];
    if (from < 0) continue;
    const BeatChord& now = song.chords[static_cast<std::size_t>(beat)];
    const BeatChord& then = song.chords[static_cast<std::size_t>(from)];
    if (now.kind != then.kind || now.root != then.root || now.bass != then.bass) continue;
    for (int step = 0; step < kStepsPerBeat; ++step) {
      const int position = beat * kStepsPerBeat + step - first_step;
      if (position >= 0) known[static_cast<std::size_t>(position)] = true;
    }
    for (const Note& note : text) {
      const int onset = note.onset + (beat - from) * kStepsPerBeat;
      if (floor_divide(note.onset, kStepsPerBeat) != from || onset < first_step || struck.contains({onset, note.pitch}))
        continue;
      if (!fits(note.pitch, now) && fits(note.pitch, then)) continue;
      notes_.push_back({onset - first_step, note.pitch, codec.nearest_duration(note.duration)});
    }
  }
  if (std::ranges::find(known, true) != known.end()) known_ = std::move(known);
  std::ranges::sort(notes_, [](const Remembered& a, const Remembered& b) {
    return std::pair(a.position, -a.pitch) < std::pair(b.position, -b.pitch);
  });
}

bool ReturningText::weigh_durations(int position, int pitch, std::span<float> logits) const {
  const auto found = std::ranges::find_if(
      notes_, [&](const Remembered& note) { return note.position == position && note.pitch == pitch; });
  if (found == notes_.end()) return false;
  const VoicesVocabulary& v = *vocabulary_;
  for (std::size_t i = 0; i < v.durations.size(); ++i) {
    if (static_cast<int>(i) != found->duration) logits[static_cast<std::size_t>(v.first_duration) + i] -= weight_;
  }
  return true;
}

bool ReturningText::weigh(int position, int lowest, int next, std::span<float> logits) const {
  const bool pitches = position >= 0 && known(position) && weigh_pitches(position, lowest, logits);
  if (next >= 0) weigh_positions(next, logits);
  return pitches || next >= 0;
}

// The next of the onset's remembered pitches is the one below the last that was written.
bool ReturningText::weigh_pitches(int position, int lowest, std::span<float> logits) const {
  const VoicesVocabulary& v = *vocabulary_;
  bool here = false;
  int wanted = -1;
  for (const Remembered& note : notes_) {
    if (note.position != position) continue;
    here = true;
    if (note.pitch < lowest && wanted < 0) wanted = note.pitch;
  }
  if (!here) return false;  // an ornament may be what it likes
  for (int pitch = v.lowest_pitch; pitch <= v.highest_pitch; ++pitch) {
    if (pitch != wanted) logits[static_cast<std::size_t>(v.first_accompaniment + pitch - v.lowest_pitch)] -= weight_;
  }
  if (wanted < 0) return true;
  logits[static_cast<std::size_t>(kVoicesEnd)] -= weight_;
  for (int id = v.first_position; id < v.first_melody; ++id) logits[static_cast<std::size_t>(id)] -= weight_;
  return true;
}

void ReturningText::weigh_positions(int next, std::span<float> logits) const {
  const VoicesVocabulary& v = *vocabulary_;
  float left_out = 0.0F;
  auto note = notes_.begin();
  while (note != notes_.end() && note->position < next) ++note;
  for (int position = next; position < v.segment_steps(); ++position) {
    const bool remembered = note != notes_.end() && note->position == position;
    const float added = known(position) && !remembered ? weight_ : 0.0F;
    const int id = v.first_position + position;
    logits[static_cast<std::size_t>(id)] -= left_out + added;
    if (!remembered) continue;
    left_out += weight_;
    while (note != notes_.end() && note->position == position) ++note;
  }
  logits[static_cast<std::size_t>(kVoicesEnd)] -= left_out;
}

}  // namespace pop2piano
