// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "music/arrange/pedal.h"
#include "music/notation/note_values.h"
#include "music/notation/voices.h"
#include "music/score/harmony.h"
#include "music/score/quantise.h"
#include "music/score/spelling.h"

namespace pop2piano {
namespace {

int midi_pitch(const SpelledPitch& spelled) {
  static constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};  // A..G
  return 12 * (spelled.octave + 1) + kSemitones[static_cast<std::size_t>(spelled.step - 'A')] + spelled.alter;
}

int steps_of(const NoteValue& value) {
  const int whole = kStepsPerBeat * 16;  // in units of a 16th of a step, so that nothing is lost
  int length = value.power >= 0 ? whole << value.power : whole >> -value.power;
  if (value.dots == 1) length += length / 2;
  length = length * value.normal / value.actual;
  return length / 16;
}

std::vector<int> lengths(int start, int end, int beats, SpanKind kind = SpanKind::note) {
  std::vector<int> out;
  for (const ValuePiece& piece : split_span(start, end, bar_shape(beats, {}), kind)) out.push_back(piece.steps);
  return out;
}

TEST(NoteValues, NotesShowTheHalfBar) {
  EXPECT_EQ(lengths(0, 48, 4), (std::vector<int>{48}));
  EXPECT_EQ(lengths(0, 36, 4), (std::vector<int>{36}));
  EXPECT_EQ(lengths(12, 48, 4), (std::vector<int>{36}));
  EXPECT_EQ(lengths(6, 18, 4), (std::vector<int>{12}));
  EXPECT_EQ(lengths(18, 30, 4), (std::vector<int>{6, 6}));
  EXPECT_EQ(lengths(12, 36, 4), (std::vector<int>{24}));
  EXPECT_EQ(lengths(18, 48, 4), (std::vector<int>{6, 24}));
  EXPECT_EQ(lengths(6, 48, 4), (std::vector<int>{18, 24}));
  EXPECT_EQ(lengths(0, 42, 4), (std::vector<int>{24, 18}));
  EXPECT_EQ(lengths(0, 15, 4), (std::vector<int>{12, 3}));
  EXPECT_EQ(lengths(3, 9, 4), (std::vector<int>{6}));
  EXPECT_EQ(lengths(9, 24, 4), (std::vector<int>{3, 12}));
}

TEST(NoteValues, OtherMetres) {
  EXPECT_EQ(lengths(0, 36, 3), (std::vector<int>{36}));
  EXPECT_EQ(lengths(6, 36, 3), (std::vector<int>{6, 24}));
  EXPECT_EQ(lengths(0, 30, 3), (std::vector<int>{24, 6}));
  EXPECT_EQ(lengths(0, 72, 6), (std::vector<int>{72}));
  EXPECT_EQ(lengths(0, 60, 5), (std::vector<int>{36, 24}));
}

TEST(NoteValues, RestsAreSimplerThanNotes) {
  EXPECT_EQ(lengths(0, 24, 4, SpanKind::rest), (std::vector<int>{24}));
  EXPECT_EQ(lengths(12, 36, 4, SpanKind::rest), (std::vector<int>{12, 12}));
  EXPECT_EQ(lengths(6, 24, 4, SpanKind::rest), (std::vector<int>{6, 12}));
  EXPECT_EQ(lengths(3, 12, 4, SpanKind::rest), (std::vector<int>{3, 6}));
  EXPECT_EQ(lengths(0, 36, 4, SpanKind::rest), (std::vector<int>{24, 12}));
}

TEST(NoteValues, PropertyPiecesSumAndAreLegal) {
  Random random(9);
  for (int round = 0; round < 5000; ++round) {
    const int beats = 1 + static_cast<int>(random.index(16));
    const int unit = random.chance(0.5) ? 3 : 1;
    const int units = beats * kStepsPerBeat / unit;
    const int start = static_cast<int>(random.index(static_cast<std::size_t>(units))) * unit;
    const int end = start + (1 + static_cast<int>(random.index(static_cast<std::size_t>(units - start / unit)))) * unit;
    std::vector<int> boundaries = {start};
    if (end < beats * kStepsPerBeat) boundaries.push_back(end);
    const SpanKind kind = random.chance(0.5) ? SpanKind::note : SpanKind::rest;
    int position = start;
    for (const ValuePiece& piece : split_span(start, end, bar_shape(beats, boundaries), kind)) {
      ASSERT_EQ(piece.onset, position);
      ASSERT_EQ(steps_of(piece.value), piece.steps);
      position += piece.steps;
    }
    ASSERT_EQ(position, end);
  }
}

TEST(Spelling, ByKey) {
  EXPECT_EQ(spell(61, Key{0, false}), (SpelledPitch{'C', 1, 4}));
  EXPECT_EQ(spell(63, Key{0, false}), (SpelledPitch{'E', -1, 4}));
  EXPECT_EQ(spell(68, Key{0, true}), (SpelledPitch{'G', 1, 4}));
  EXPECT_EQ(spell(66, Key{-6, false}), (SpelledPitch{'G', -1, 4}));
  EXPECT_EQ(spell(59, Key{-6, false}), (SpelledPitch{'C', -1, 4}));
  EXPECT_EQ(spell(60, Key{7, false}), (SpelledPitch{'B', 1, 3}));
}

TEST(Spelling, EveryPitchInEveryKeySoundsAsItself) {
  for (int fifths = -7; fifths <= 7; ++fifths) {
    for (int pitch = 0; pitch < 128; ++pitch) {
      const SpelledPitch name = spell(pitch, Key{fifths, false});
      EXPECT_EQ(midi_pitch(name), pitch);
      EXPECT_LE(std::abs(name.alter), 2);
    }
  }
}

TEST(Spelling, LeadingNotesFollowTheLine) {
  const auto note = [](int onset, int pitch) {
    return Note{.onset = onset, .duration = 12, .pitch = static_cast<std::int16_t>(pitch)};
  };
  const auto names = spell_notes(std::vector<Note>{note(0, 69), note(12, 68), note(24, 67)}, Key{0, false});
  EXPECT_EQ(names[1], (SpelledPitch{'A', -1, 4}));
  const auto rising = spell_notes(std::vector<Note>{note(0, 67), note(12, 68), note(24, 69)}, Key{0, false});
  EXPECT_EQ(rising[1], (SpelledPitch{'G', 1, 4}));
  const auto sharp = spell_notes(std::vector<Note>{note(0, 62), note(12, 63), note(24, 64)}, Key{0, false});
  EXPECT_EQ(sharp[1], (SpelledPitch{'D', 1, 4}));
}

TEST(Spelling, ChordTonesFollowTheChord) {
  const Key g_major{1, false}, c_major{0, false};
  const ChordSpan b_seven{.root = 11, .quality = ChordQuality::dominant_seventh, .bass = 3};
  EXPECT_EQ(spell_in_chord(63, b_seven, g_major), (SpelledPitch{'D', 1, 4}));
  EXPECT_EQ(chord_symbol(b_seven, g_major), "B7/D#");
  EXPECT_EQ(chord_symbol({.root = 8, .quality = ChordQuality::major, .bass = 8}, c_major), "Ab");
  EXPECT_EQ(chord_symbol({.root = 8, .quality = ChordQuality::diminished, .bass = 8}, c_major), "G#dim");
  EXPECT_EQ(chord_symbol({.root = 10, .quality = ChordQuality::minor_seventh, .bass = 5}, Key{-4, false}), "Bbm7/F");
  EXPECT_EQ(chord_symbol({}, c_major), "N.C.");
  const Key e_major{4, false};
  EXPECT_EQ(chord_symbol({.root = 0, .quality = ChordQuality::minor, .bass = 0}, e_major), "Cm");  // no B#, no Fx
  EXPECT_EQ(chord_symbol({.root = 8, .quality = ChordQuality::major, .bass = 8}, e_major), "G#");
}

TEST(Harmony, TriadsOnABassWithMelody) {
  BeatGrid grid;
  std::vector<Note> notes;
  const std::vector<std::vector<int>> chords = {{48, 52, 55}, {45, 48, 52}, {41, 45, 48, 57}, {43, 47, 50, 53}};
  for (int beat = 0; beat < 16; ++beat) {
    grid.times.push_back(0.5 * beat);
    grid.numbers.push_back(beat % 4 + 1);
    for (const int pitch : chords[static_cast<std::size_t>(beat / 4)]) {
      notes.push_back({.onset = beat * 12, .duration = 12, .pitch = static_cast<std::int16_t>(pitch)});
    }
    notes.push_back({.onset = beat * 12,
                     .duration = 12,
                     .pitch = static_cast<std::int16_t>(72 + beat % 3),
                     .voice = Voice::melody});
  }
  const auto found = find_chords(notes, grid);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(chord_symbol(found[0], {}), "C");
  EXPECT_EQ(chord_symbol(found[1], {}), "Am");
  EXPECT_EQ(chord_symbol(found[2], {}), "F");
  EXPECT_EQ(chord_symbol(found[3], {}), "G7");
  EXPECT_EQ(found[3].first_beat, 12);
  EXPECT_EQ(chord_at(found, 5), &found[1]);
  EXPECT_EQ(chord_at(found, 16), nullptr);
  EXPECT_TRUE(chord_tone_name(found[3], 77).has_value());
  EXPECT_FALSE(chord_tone_name(found[3], 72).has_value());
  EXPECT_EQ(pedal_spans(found, grid).at(2), (PedalSpan{96, 144}));
  EXPECT_TRUE(find_chords({}, grid).empty());
}

TEST(QuantiserTest, NoisyTripletsAndSixteenthsAreToldApart) {
  Random random(6);
  std::vector<double> onsets;
  std::vector<int> expected;
  for (int beat = 0; beat < 400; ++beat) {
    const int places = beat / 8 % 3 == 0 ? 3 : 4;
    for (int i = 0; i < places; ++i) {
      onsets.push_back(beat + static_cast<double>(i) / places + 0.03 * random.normal());
      expected.push_back(beat * 12 + i * 12 / places);
    }
  }
  const Quantiser quantiser(onsets);
  int right = 0;
  for (std::size_t i = 0; i < onsets.size(); ++i) right += quantiser.step(onsets[i]) == expected[i] ? 1 : 0;
  EXPECT_GE(right, static_cast<int>(0.98 * static_cast<double>(onsets.size())));
  EXPECT_NEAR(quantiser.deviation(), 0.03, 0.015);
}

TEST(QuantiserTest, NothingAndNonsense) {
  EXPECT_EQ(Quantiser(std::vector<double>{}).division(3), BeatDivision::sixteenths);
  const Quantiser quantiser(std::vector<double>{NAN, 1e300, 0.26, -3.1});
  EXPECT_EQ(quantiser.step(0.26), 3);
}

TEST(Spelling, SignatureAlterations) {
  EXPECT_EQ(signature_alter('F', 1), 1);
  EXPECT_EQ(signature_alter('C', 1), 0);
  EXPECT_EQ(signature_alter('B', -1), -1);
  EXPECT_EQ(signature_alter('E', -1), 0);
  EXPECT_EQ(signature_alter('F', -7), -1);
  EXPECT_EQ(signature_alter('B', 7), 1);
}

TEST(Voices, WhatEndsAtABarlineIsNotTiedWithWhatGoesOn) {
  // An upbeat under which two notes end with the bar, as the chord changes, while the melody is held.
  const std::vector<StaffNote> notes = {{.onset = 36, .end = 60, .pitch = 74, .melody = true},
                                        {.onset = 36, .end = 48, .pitch = 67},
                                        {.onset = 36, .end = 47, .pitch = 64}};
  const StaffLines lines = split_voices(notes, Hand::right, NotationStyle::readable, {0, 48, 96});
  ASSERT_EQ(lines.upper.size(), 2U);
  EXPECT_TRUE(lines.lower.empty());
  const LineChord &struck = lines.upper[0], &held = lines.upper[1];
  EXPECT_EQ(std::pair(struck.onset, struck.end), std::pair(36, 48));
  ASSERT_EQ(struck.notes.size(), 3U);
  for (const WrittenNote& note : struck.notes) EXPECT_EQ(note.tied_to, note.pitch == 74) << note.pitch;
  EXPECT_EQ(std::pair(held.onset, held.end), std::pair(48, 60));
  ASSERT_EQ(held.notes.size(), 1U);
  EXPECT_TRUE(held.notes[0].pitch == 74 && held.notes[0].tied_from);
}

}  // namespace
}  // namespace pop2piano
