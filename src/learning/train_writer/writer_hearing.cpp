// SPDX-License-Identifier: MIT
#include "learning/train_writer/writer_hearing.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <utility>

namespace pop2piano::training {
namespace {

using Kind = BeatChord::Kind;

int wrapped(int pitch_class) { return (pitch_class % 12 + 12) % 12; }

std::uint16_t rotated(std::uint16_t set, int semitones) {
  const auto shift = static_cast<unsigned>(wrapped(semitones));
  return static_cast<std::uint16_t>((set << shift | set >> (12 - shift)) & 0xFFF);
}

bool has(const BeatChord& chord, int semitones) {
  return (chord.pitch_classes >> wrapped(chord.root + semitones) & 1) != 0;
}

void move(BeatChord& chord, int semitones) {
  if (chord.root >= 0) chord.root = wrapped(chord.root + semitones);
  if (chord.bass >= 0) chord.bass = wrapped(chord.bass + semitones);
  chord.pitch_classes = rotated(chord.pitch_classes, semitones);
}

void set_tone(BeatChord& chord, int semitones, bool on) {
  const auto bit = static_cast<std::uint16_t>(1U << wrapped(chord.root + semitones));
  chord.pitch_classes =
      static_cast<std::uint16_t>(on ? chord.pitch_classes | bit : chord.pitch_classes & static_cast<unsigned>(~bit));
}

// Root, third and fifth, as most recognisers give them.
void keep_triad(BeatChord& chord) {
  if (chord.kind != Kind::chord || chord.root < 0) return;
  const bool minor = has(chord, 3) && !has(chord, 4);
  chord.pitch_classes = 0;
  for (const int tone : {0, minor ? 3 : 4, 7}) set_tone(chord, tone, true);
}

// Another chord: a third, a fourth or a fifth away, where the common tones are.
void replace(BeatChord& chord, Random& random) {
  constexpr std::array kAway = {3, 4, 5, 7, 8, 9, 2, 10};
  if (chord.kind != Kind::chord) return;
  move(chord, kAway[random.index(kAway.size())]);
  chord.bass = chord.root;
  if (random.chance(0.5) && (has(chord, 3) != has(chord, 4))) {
    const bool minor = has(chord, 3);
    set_tone(chord, 3, !minor);
    set_tone(chord, 4, minor);
  }
}

/// One run of equal chords, [first, end) of the beats.
struct Run {
  std::size_t first = 0, end = 0;
};

std::vector<Run> runs_of(const std::vector<BeatChord>& chords) {
  std::vector<Run> runs;
  for (std::size_t b = 0; b < chords.size(); ++b) {
    if (b == 0 || !(chords[b] == chords[b - 1])) runs.push_back({b, b});
    runs.back().end = b + 1;
  }
  return runs;
}

void each_beat(std::vector<BeatChord>& chords, const Run& run, const std::function<void(BeatChord&)>& change) {
  for (std::size_t b = run.first; b < run.end; ++b) change(chords[b]);
}

void misheard_chord(std::vector<BeatChord>& chords, const Run& run, Random& random) {
  const double kind = random.uniform();
  BeatChord chord = chords[run.first];
  if (kind < 0.4) {  // another chord
    replace(chord, random);
    each_beat(chords, run, [&](BeatChord& c) { c = chord; });
  } else if (kind < 0.55) {  // its change is heard a beat late or early
    if (random.chance(0.5) && run.first > 0) {
      chords[run.first] = chords[run.first - 1];
    } else if (run.first > 0) {
      chords[run.first - 1] = chord;
    }
  } else if (kind < 0.7) {  // major for minor
    if (chord.kind == Kind::chord && has(chord, 3) != has(chord, 4)) {
      const bool minor = has(chord, 3);
      set_tone(chord, 3, !minor);
      set_tone(chord, 4, minor);
      each_beat(chords, run, [&](BeatChord& c) { c = chord; });
    }
  } else if (kind < 0.85) {  // not at all
    each_beat(chords, run, [](BeatChord& c) { c = {}; });
  } else {  // the wrong bass
    constexpr std::array kTones = {0, 3, 4, 7, 7, 5};
    if (chord.kind == Kind::chord) chord.bass = wrapped(chord.root + kTones[random.index(kTones.size())]);
    if (random.chance(0.3)) chord.bass = -1;
    each_beat(chords, run, [&](BeatChord& c) { c.bass = chord.bass; });
  }
}

void mishear_melody(std::vector<Note>& melody, double rate, Random& random) {
  std::vector<Note> result;
  for (Note note : melody) {
    const bool wrong = random.chance(rate);
    const double kind = wrong ? random.uniform() : 1.0;
    if (kind < 0.45) continue;  // missed
    if (kind < 0.55) note.pitch = static_cast<std::int16_t>(note.pitch + (random.chance(0.5) ? 12 : -12));
    if (kind >= 0.55 && kind < 0.7) {
      note.pitch = static_cast<std::int16_t>(note.pitch + static_cast<int>(random.index(5)) - 2);
    }
    if (kind >= 0.7 && kind < 0.85) note.onset += random.chance(0.5) ? 3 : -3;
    if (wrong && kind >= 0.85) {  // one more, from the band
      Note added = note;
      added.onset += 6;
      added.pitch = static_cast<std::int16_t>(note.pitch + static_cast<int>(random.index(13)) - 6);
      result.push_back(added);
    }
    if (note.onset >= 0) result.push_back(note);
  }
  std::stable_sort(result.begin(), result.end(), [](const Note& a, const Note& b) { return a.onset < b.onset; });
  melody = std::move(result);
}

void shift_bars(WriterSong& song) {
  const int bar = song.beats_per_bar;
  for (int& number : song.beat_numbers) number = (number - 1 + bar / 2) % bar + 1;
}

}  // namespace

WriterSong heard(const WriterSong& song, const HearingErrors& errors, Random& random) {
  WriterSong result = song;
  if (random.chance(errors.faultless)) return result;
  const double rate = random.uniform(0.0, errors.largest_rate);
  for (const Run& run : runs_of(song.chords)) {
    if (random.chance(rate * errors.wrong_chord)) misheard_chord(result.chords, run, random);
  }
  if (random.chance(errors.triads_only)) std::for_each(result.chords.begin(), result.chords.end(), keep_triad);
  if (random.chance(errors.no_bass)) {
    const bool root = random.chance(0.5);
    for (BeatChord& chord : result.chords) chord.bass = root ? chord.root : -1;
  }
  mishear_melody(result.melody, rate * errors.wrong_melody_note, random);
  if (random.chance(errors.no_melody)) result.melody.clear();
  if (random.chance(errors.shifted_bars)) shift_bars(result);
  return result;
}

WriterSong with_wrong_chords(const WriterSong& song, double share, Random& random) {
  WriterSong result = song;
  for (const Run& run : runs_of(song.chords)) {
    if (!random.chance(share)) continue;
    BeatChord chord = song.chords[run.first];
    replace(chord, random);
    each_beat(result.chords, run, [&](BeatChord& c) { c = chord; });
  }
  return result;
}

WriterSong transposed(const WriterSong& song, int semitones) {
  WriterSong result = song;
  for (BeatChord& chord : result.chords) move(chord, semitones);
  for (Note& note : result.melody) note.pitch = static_cast<std::int16_t>(std::clamp(note.pitch + semitones, 0, 127));
  return result;
}

}  // namespace pop2piano::training
