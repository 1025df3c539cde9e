// SPDX-License-Identifier: MIT
#include "music/score/spelling.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "music/score/bars.h"

namespace pop2piano {
namespace {

constexpr std::string_view kLine = "FCGDAEB";  // the naturals, from -1 on the line of fifths
constexpr int kFlattest = -3;                  // relative to the key's signature: in C major Eb ..
constexpr int kNames = 12;                     // .. to G#
constexpr int kNearSteps = 2 * kStepsPerBeat;  // how far the next note of a line may lie

int modulo(int value, int base) { return ((value % base) + base) % base; }

/// The name of a pitch class within [first, first + 11] on the line of fifths.
int line_position(int pitch, int first) {
  const int position = modulo(pitch * 7, 12);  // C = 0, G = 1, .. F = 11
  return first + modulo(position - first, kNames);
}

/// The next note within a whole tone, soon enough to be heard as the goal; 0: none.
int next_interval(std::span<const Note> notes, std::size_t index) {
  const Note& note = notes[index];
  int best = 0;
  for (std::size_t i = index + 1; i < notes.size() && notes[i].onset <= note.offset() + kNearSteps; ++i) {
    const int interval = notes[i].pitch - note.pitch;
    if (notes[i].onset == note.onset || interval == 0 || std::abs(interval) > 2) continue;
    if (best == 0 || std::abs(interval) < std::abs(best)) best = interval;
    if (std::abs(best) == 1) break;
  }
  return best;
}

}  // namespace

SpelledPitch spell_at(int pitch, int line_of_fifths) {
  const int natural = modulo(line_of_fifths + 1, 7);
  SpelledPitch spelled;
  spelled.step = kLine[static_cast<std::size_t>(natural)];
  spelled.alter = (line_of_fifths + 1 - natural) / 7;
  const int sounding = pitch - spelled.alter;  // pitch of the natural note of that name
  spelled.octave = (sounding - modulo(sounding, 12)) / 12 - 1;
  return spelled;
}

SpelledPitch spell(int pitch, const Key& key) { return spell_at(pitch, line_position(pitch, key.fifths + kFlattest)); }

int signature_alter(char step, int fifths) {
  const auto order = static_cast<int>(kLine.find(step));
  if (fifths > 0) return order < fifths ? 1 : 0;
  return 6 - order < -fifths ? -1 : 0;
}

SpelledPitch spell_in_chord(int pitch, const ChordSpan& chord, const Key& key) {
  const auto tone = chord_tone_name(chord, pitch);
  return tone ? spell_at(pitch, chord_root_name(chord, key) + *tone) : spell(pitch, key);
}

std::vector<SpelledPitch> spell_notes(std::span<const Note> notes, const Key& key, std::span<const ChordSpan> chords) {
  std::vector<SpelledPitch> names;
  names.reserve(notes.size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const int pitch = notes[i].pitch;
    const ChordSpan* chord = chord_at(chords, beat_of_step(notes[i].onset));
    int position = line_position(pitch, key.fifths + kFlattest);
    const int degree = position - key.fifths;  // -1..5: in the scale
    if (degree >= -1 && degree <= 5) {
      names.push_back(spell_at(pitch, position));
      continue;
    }
    if (chord != nullptr && chord_tone_name(*chord, pitch)) {
      names.push_back(spell_in_chord(pitch, *chord, key));
      continue;
    }
    const int direction = degree == -3 || degree >= 7 ? next_interval(notes, i) : 0;
    const int other = direction == -1 && degree == 8   ? position - 12  // falls: Ab rather than G# (in C major)
                      : direction == 1 && degree == -3 ? position + 12  // rises: D# rather than Eb
                                                       : position;
    if (std::abs(spell_at(pitch, other).alter) < 2) position = other;  // but no Fx for a passing G in E major
    names.push_back(spell_at(pitch, position));
  }
  return names;
}

}  // namespace pop2piano
