// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "core/random.h"
#include "score/note_values.h"
#include "score/spelling.h"

namespace pop2piano {
namespace {

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

TEST(Spelling, SignatureAlterations) {
  EXPECT_EQ(signature_alter('F', 1), 1);
  EXPECT_EQ(signature_alter('C', 1), 0);
  EXPECT_EQ(signature_alter('B', -1), -1);
  EXPECT_EQ(signature_alter('E', -1), 0);
  EXPECT_EQ(signature_alter('F', -7), -1);
  EXPECT_EQ(signature_alter('B', 7), 1);
}

}  // namespace
}  // namespace pop2piano
