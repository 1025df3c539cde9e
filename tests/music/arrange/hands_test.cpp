// SPDX-License-Identifier: MIT
#include "music/arrange/hands.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "music/random_score.h"

namespace pop2piano {
namespace {

Note melody(int onset, int duration, int pitch) {
  return {.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch), .voice = Voice::melody};
}
Note accompaniment(int onset, int duration, int pitch) {
  return {.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch)};
}

Hand hand_at(const std::vector<Note>& notes, int onset, int pitch) {
  for (const Note& note : notes) {
    if (note.onset == onset && note.pitch == pitch) return note.hand;
  }
  return Hand::unassigned;
}

TEST(Hands, MelodyAboveChordsAboveBass) {
  std::vector<Note> notes;
  for (int bar = 0; bar < 4; ++bar) {
    notes.push_back(melody(bar * 48, 24, 76));
    notes.push_back(melody(bar * 48 + 24, 24, 74));
    notes.push_back(accompaniment(bar * 48, 48, 36));
    for (const int pitch : {52, 55, 60}) notes.push_back(accompaniment(bar * 48, 48, pitch));
  }
  const auto changes = assign_hands(notes);
  EXPECT_EQ(count_unplayable(notes), 0U);
  for (int bar = 0; bar < 4; ++bar) {
    EXPECT_EQ(hand_at(notes, bar * 48, 76), Hand::right);
    EXPECT_EQ(hand_at(notes, bar * 48 + 24, 74), Hand::right);
    EXPECT_EQ(hand_at(notes, bar * 48, 36), Hand::left);
  }
  EXPECT_TRUE(std::none_of(changes.begin(), changes.end(),
                           [](const NoteChange& change) { return change.before.voice == Voice::melody; }));
}

TEST(Hands, ALowMelodyStaysInTheRightHand) {
  std::vector<Note> notes;
  for (int i = 0; i < 16; ++i) {
    notes.push_back(melody(i * 12, 12, 57 + i % 3));
    if (i % 4 == 0) notes.push_back(accompaniment(i * 12, 48, 40));
  }
  EXPECT_TRUE(assign_hands(notes).empty());
  for (const Note& note : notes) EXPECT_EQ(note.hand, note.voice == Voice::melody ? Hand::right : Hand::left);
}

TEST(Hands, HeldBassIsLetGoForALeapOfTheLeftHand) {
  std::vector<Note> notes = {melody(0, 48, 84), accompaniment(0, 48, 33), accompaniment(12, 36, 57),
                             accompaniment(24, 24, 60)};
  const auto changes = assign_hands(notes);
  EXPECT_EQ(count_unplayable(notes), 0U);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::shortened);
  EXPECT_EQ(changes[0].before.pitch, 33);
  EXPECT_EQ(changes[0].after.duration, 12);
}

TEST(Hands, AHeldMelodyIsNotLetGoForWhatMovesBelowIt) {
  std::vector<Note> notes = {{.onset = 0, .duration = 48, .pitch = 84, .voice = Voice::melody}};
  for (int i = 1; i < 8; ++i) {
    for (const int pitch : {40, 52, 64, 67}) {
      notes.push_back({.onset = 6 * i, .duration = 6, .pitch = static_cast<std::int16_t>(pitch)});
    }
  }
  sort_notes(notes);
  assign_hands(notes);
  EXPECT_EQ(notes.front().pitch, 84);
  EXPECT_EQ(notes.front().duration, 48);
  EXPECT_EQ(count_unplayable(notes), 0U);
}

TEST(Hands, MelodyAndBassSurviveTheWidestChord) {
  std::vector<Note> notes = {melody(0, 48, 96)};
  for (const int pitch : {24, 36, 43, 48, 52, 55, 60, 64, 67, 72, 76, 79, 84, 88})
    notes.push_back(accompaniment(0, 48, pitch));
  const auto changes = assign_hands(notes);
  EXPECT_FALSE(changes.empty());
  EXPECT_EQ(count_unplayable(notes), 0U);
  EXPECT_EQ(hand_at(notes, 0, 96), Hand::right);
  EXPECT_EQ(hand_at(notes, 0, 24), Hand::left);
}

TEST(Hands, CountUnplayableSeesSpanNumberAndHeldNotes) {
  std::vector<Note> notes = {accompaniment(0, 24, 40), accompaniment(12, 12, 60)};
  for (Note& note : notes) note.hand = Hand::left;
  EXPECT_EQ(count_unplayable(notes), 1U);
  EXPECT_EQ(count_unplayable(notes, {.max_span = 20}), 0U);
  EXPECT_EQ(count_unplayable(notes, {.max_span = 20, .max_notes = 1}), 1U);
  notes[0].duration = 12;
  EXPECT_EQ(count_unplayable(notes), 0U);
}

TEST(Hands, ThousandsOfNotesAtOnceAndImpossibleOptions) {
  std::vector<Note> notes;
  for (int i = 0; i < 10'000; ++i) notes.push_back(accompaniment(0, 12, i % 128));
  assign_hands(notes);
  EXPECT_EQ(count_unplayable(notes), 0U);
  EXPECT_LE(notes.size(), 10U);
  EXPECT_THROW((void)assign_hands(notes, {.max_notes = 0}), Error);
  std::vector<Note> none;
  EXPECT_TRUE(assign_hands(none).empty());
}

TEST(HandsProperty, EveryInstantIsPlayableAndTheMelodyIsNeverDropped) {
  Random random(4);
  for (int round = 0; round < 60; ++round) {
    Score score = testing::random_score(random, 40, 50 + random.index(250), round % 2 == 0 ? 6 : 1);
    const auto before = score.notes;
    const HandOptions options{.max_span = std::vector{12, 14, 15, 16, 19}[random.index(5)]};
    const auto changes = assign_hands(score.notes, options);
    ASSERT_EQ(count_unplayable(score.notes, options), 0U) << "round " << round;
    std::size_t dropped = 0;
    for (const NoteChange& change : changes) dropped += change.kind == ChangeKind::dropped ? 1 : 0;
    ASSERT_EQ(score.notes.size() + dropped, before.size());
    for (const Note& note : score.notes) {
      ASSERT_NE(note.hand, Hand::unassigned);
      ASSERT_GE(note.duration, 1);
    }
    std::set<int> melody, kept;
    for (const Note& note : before) {
      if (note.voice == Voice::melody) melody.insert(note.onset);
    }
    for (const Note& note : score.notes) {
      if (note.voice == Voice::melody) kept.insert(note.onset);
    }
    EXPECT_EQ(kept, melody) << "round " << round;
  }
}

}  // namespace
}  // namespace pop2piano
