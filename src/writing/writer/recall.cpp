// SPDX-License-Identifier: MIT
#include "writing/writer/recall.h"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace pop2piano {
namespace {

// Of a beat's likeness, 0..1: its chord weighs half, rhythm and pitches of the melody a quarter each.
constexpr double kChordShare = 0.5, kRootOnly = 0.6, kMelodyShare = 0.25;
constexpr double kLeastLikeness = 0.7;
constexpr int kLeadBeats = 4;  // before both passages: that they come from the same place tips the scale
constexpr double kLeadShare = 0.15;

double chord_likeness(const BeatChord& a, const BeatChord& b) {
  if (a.kind != BeatChord::Kind::chord || b.kind != BeatChord::Kind::chord) return a.kind == b.kind ? 1.0 : 0.0;
  if (a.root != b.root) return 0.0;
  return a.pitch_classes == b.pitch_classes ? 1.0 : kRootOnly;
}

double common_share(unsigned a, unsigned b) {
  const int either = std::popcount(a | b);
  return either == 0 ? 1.0 : static_cast<double>(std::popcount(a & b)) / either;
}

}  // namespace

Recall::Recall(const WriterSong& song) : beats_(song.beat_numbers.size()) {
  for (std::size_t b = 0; b < beats_.size(); ++b) {
    beats_[b].number = song.beat_numbers[b];
    beats_[b].chord = song.chords[b];
  }
  for (const Note& note : song.melody) {
    if (note.onset < 0 || note.onset >= song.beats() * kStepsPerBeat) continue;
    Beat& beat = beats_[static_cast<std::size_t>(note.onset / kStepsPerBeat)];
    beat.onsets |= 1U << (note.onset % kStepsPerBeat);
    beat.pitches |= 1U << (note.pitch % 12);
  }
}

double Recall::likeness(int a, int b, int beats) const {
  const auto one = [&](int x, int y) {
    const Beat& p = beats_[static_cast<std::size_t>(x)];
    const Beat& q = beats_[static_cast<std::size_t>(y)];
    return kChordShare * chord_likeness(p.chord, q.chord) +
           kMelodyShare * (common_share(p.onsets, q.onsets) + common_share(p.pitches, q.pitches));
  };
  double sum = 0;
  for (int i = 0; i < beats; ++i) sum += one(a + i, b + i);
  double lead = 0;
  for (int i = 1; i <= kLeadBeats && std::min(a, b) - i >= 0; ++i) lead += one(a - i, b - i);
  const double own = sum / beats;
  return own < kLeastLikeness ? 0.0 : own + kLeadShare * lead / kLeadBeats;
}

std::optional<int> Recall::like(int first_beat, int beats, int from_beat) const {
  const int end = static_cast<int>(beats_.size());
  const int length = std::min(beats, end - first_beat);
  if (first_beat < 0 || length <= 0) return std::nullopt;
  std::optional<int> best;
  double most = 0;
  for (int b = first_beat - std::max(kLeastDistance, beats); b >= std::max(0, from_beat); --b) {
    if (beats_[static_cast<std::size_t>(b)].number != beats_[static_cast<std::size_t>(first_beat)].number) continue;
    const double l = likeness(b, first_beat, length);
    if (l > most + 1e-9) {
      most = l;
      best = b;
    }
  }
  return best;
}

}  // namespace pop2piano
