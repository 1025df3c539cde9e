// SPDX-License-Identifier: MIT
#include "music/arrange/melody_on_top.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "music/arrange/arranging.h"
#include "music/arrange/hands.h"
#include "music/random_score.h"

namespace pop2piano {
namespace {

Note melody(int onset, int duration, int pitch) {
  return {.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch), .voice = Voice::melody};
}
Note chord(int onset, int duration, int pitch) {
  return {.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch)};
}

TEST(MelodyOnTop, WhatLiesAboveGoesDownByOctaves) {
  std::vector<Note> notes = {melody(0, 24, 67), chord(0, 12, 76), chord(12, 12, 79), chord(0, 24, 48)};
  const auto changes = keep_melody_on_top(notes);
  const std::vector<Note> expected = {melody(0, 24, 67), chord(0, 12, 64), chord(0, 24, 48), chord(12, 12, 55)};
  EXPECT_EQ(notes, expected);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].kind, ChangeKind::moved);
  EXPECT_EQ(changes[0].reason, ChangeReason::melody);
  EXPECT_EQ(changes[0].before.pitch, 76);
  EXPECT_EQ(changes[0].after.pitch, 64);
}

TEST(MelodyOnTop, AHeldNoteIsLetGoWhereTheMelodyFallsBelowIt) {
  std::vector<Note> notes = {melody(0, 12, 76), melody(12, 12, 67), chord(0, 24, 72)};
  const auto changes = keep_melody_on_top(notes);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::shortened);
  EXPECT_EQ(changes[0].after.duration, 12);
  EXPECT_EQ(steps_above_melody(notes), 0);
}

TEST(MelodyOnTop, WhereNoKeyIsFreeTheNoteIsLeftOut) {
  std::vector<Note> notes = {melody(0, 24, 67), chord(0, 24, 76), chord(0, 24, 64), chord(0, 24, 52), chord(0, 24, 40)};
  const auto changes = keep_melody_on_top(notes);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::dropped);
  EXPECT_EQ(notes.size(), 4U);
}

TEST(MelodyOnTop, WhereTheMelodyIsSilentNothingChanges) {
  std::vector<Note> notes = {melody(0, 12, 67), chord(12, 12, 84), melody(24, 12, 67), chord(0, 36, 48)};
  sort_notes(notes);
  const auto before = notes;
  EXPECT_TRUE(keep_melody_on_top(notes).empty());
  EXPECT_EQ(notes, before);
}

TEST(MelodyOnTop, NoNotesAndNoMelody) {
  std::vector<Note> nothing;
  EXPECT_TRUE(keep_melody_on_top(nothing).empty());
  std::vector<Note> no_melody = {chord(0, 12, 60)};
  EXPECT_TRUE(keep_melody_on_top(no_melody).empty());
  EXPECT_EQ(no_melody.size(), 1U);
}

TEST(MelodyOnTopProperty, NothingSoundsAboveTheMelodyAndTheMelodyIsUntouched) {
  Random random(5);
  for (int round = 0; round < 60; ++round) {
    Score score = testing::random_score(random, 40, random.index(300), 3);
    const auto melody = [](const std::vector<Note>& notes) {
      std::vector<Note> found;
      std::copy_if(notes.begin(), notes.end(), std::back_inserter(found),
                   [](const Note& note) { return note.voice == Voice::melody; });
      return found;
    };
    const auto before = melody(score.notes);
    std::vector<Note> notes = score.notes;
    keep_melody_on_top(notes, round % 2 == 0 ? MelodyRoom::move : MelodyRoom::cut);
    EXPECT_EQ(steps_above_melody(notes), 0);
    EXPECT_EQ(melody(notes), before);
    std::vector<Note> cleaned = notes;
    clean_notes(cleaned);
    EXPECT_EQ(cleaned, notes);
  }
}

TEST(ArrangeForPianoProperty, PlayableWithTheMelodyOnTopAtEveryLevelAndSpan) {
  Random random(6);
  for (int round = 0; round < 40; ++round) {
    const int level = 1 + static_cast<int>(random.index(5));
    const int span = 12 + static_cast<int>(random.index(5));
    Score score = testing::random_score(random, 40, random.index(300), 3);
    arrange_for_piano(score, {.level = level, .hand_span = span});
    EXPECT_EQ(count_unplayable(score.notes, reach_of(level, span)), 0U);
    EXPECT_EQ(steps_above_melody(score.notes), 0);
  }
}

TEST(ArrangeForPiano, ChangesTellTheWholeStory) {
  Random random(7);
  Score score = testing::random_score(random, 40, 200, 3);
  const std::size_t before = score.notes.size();
  const auto changes = arrange_for_piano(score, {.level = 1});
  std::size_t added = 0, dropped = 0;
  for (const NoteChange& change : changes) {
    added += change.kind == ChangeKind::added ? 1U : 0U;
    dropped += change.kind == ChangeKind::dropped ? 1U : 0U;
  }
  EXPECT_EQ(before + added - dropped, score.notes.size());
}

TEST(ArrangeForPiano, UnknownLevelsAndSpansAreRefused) {
  Score score;
  score.grid = {.times = {0.0, 0.5, 1.0}, .numbers = {1, 2, 3}};
  EXPECT_THROW(arrange_for_piano(score, {.level = 0}), Error);
  EXPECT_THROW(arrange_for_piano(score, {.level = 6}), Error);
  EXPECT_THROW(arrange_for_piano(score, {.hand_span = 5}), Error);
  EXPECT_EQ(hand_span_of("ninth"), 14);
  EXPECT_THROW((void)hand_span_of("eleventh"), Error);
  EXPECT_TRUE(arrange_for_piano(score, {.level = 1}).empty());  // nothing to arrange
}

}  // namespace
}  // namespace pop2piano
