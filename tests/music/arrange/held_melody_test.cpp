// SPDX-License-Identifier: MIT
#include "music/arrange/held_melody.h"

#include <gtest/gtest.h>

#include "music/random_score.h"

namespace pop2piano {
namespace {

constexpr int kEighth = kStepsPerBeat / 2;

BeatGrid four_bars() {
  BeatGrid grid;
  for (int beat = 0; beat < 17; ++beat) {
    grid.times.push_back(0.5 * beat);
    grid.numbers.push_back(beat % 4 + 1);
  }
  return grid;
}

/// Eighths of one pitch in the melody, from a beat on.
std::vector<Note> row(int beat, int count, int pitch = 67) {
  std::vector<Note> notes;
  for (int i = 0; i < count; ++i) {
    notes.push_back({.onset = beat * kStepsPerBeat + i * kEighth,
                     .duration = kEighth,
                     .pitch = static_cast<std::int16_t>(pitch),
                     .voice = Voice::melody});
  }
  return notes;
}

TEST(HeldMelody, ALongRowIsHeldAndStruckAgainOnDownbeats) {
  std::vector<Note> notes = row(2, 10);  // from the third beat over the barline to the end of the third beat
  notes[4].duration = 4;                 // a breath before the barline's strike
  const auto changes = hold_repeated_melody(notes, four_bars());
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].onset, 24);
  EXPECT_EQ(notes[0].duration, 24);
  EXPECT_EQ(notes[1].onset, 48);
  EXPECT_EQ(notes[1].duration, 36);
  ASSERT_EQ(changes.size(), 8U);
  EXPECT_EQ(changes[0].kind, ChangeKind::dropped);
  EXPECT_EQ(changes[0].reason, ChangeReason::held);
  EXPECT_EQ(changes[0].before.onset, 30);
}

TEST(HeldMelody, RowsAsMelodiesHaveThemStay) {
  std::vector<Note> notes = row(0, kLongestRow);
  const std::vector<Note> before = notes;
  EXPECT_TRUE(hold_repeated_melody(notes, four_bars()).empty());
  EXPECT_EQ(notes, before);
}

TEST(HeldMelody, OtherPitchesRestsAndSlowStrikesEndARow) {
  std::vector<Note> other = row(0, 12), rest = other, slow;
  other[5].pitch = 69;
  other[6].pitch = 69;
  EXPECT_TRUE(hold_repeated_melody(other, four_bars()).empty());
  rest[5].duration = 1;  // a silence longer than a 16th
  EXPECT_TRUE(hold_repeated_melody(rest, four_bars()).empty());
  for (int beat = 0; beat < 12; ++beat) {
    const auto one = row(beat, 1);
    slow.push_back(one[0]);
    slow.back().duration = kStepsPerBeat;
  }
  EXPECT_TRUE(hold_repeated_melody(slow, four_bars()).empty());
}

TEST(HeldMelody, AccompanimentIsNotTouched) {
  std::vector<Note> notes = row(0, 12);
  for (Note& note : notes) note.voice = Voice::accompaniment;
  EXPECT_TRUE(hold_repeated_melody(notes, four_bars()).empty());
  EXPECT_EQ(notes.size(), 12U);
}

TEST(HeldMelody, ShareOfNotesInLongRows) {
  std::vector<Note> notes = row(0, 9);
  const auto more = row(5, 3, 72);
  notes.insert(notes.end(), more.begin(), more.end());
  EXPECT_DOUBLE_EQ(share_in_long_rows(notes), 0.75);
  EXPECT_DOUBLE_EQ(share_in_long_rows({}), 0.0);
}

TEST(HeldMelodyProperty, TheSamePitchesSoundAtEveryStep) {
  Random random(12);
  for (int round = 0; round < 40; ++round) {
    Score score = testing::random_score(random, 32, random.index(60), 6);
    for (int i = 0; i < 20; ++i) {  // a row, so that there is something to hold
      score.notes.push_back({.onset = 24 + kEighth * i, .duration = kEighth, .pitch = 100, .voice = Voice::melody});
    }
    clean_notes(score.notes);
    const std::size_t before = score.notes.size();
    const auto sounding = [](const std::vector<Note>& notes) {
      std::vector<std::pair<int, int>> keys;  // (step, pitch)
      for (const Note& note : notes) {
        for (int step = note.onset; step < note.offset(); ++step) keys.emplace_back(step, note.pitch);
      }
      std::sort(keys.begin(), keys.end());
      return keys;
    };
    const auto keys = sounding(score.notes);
    const auto changes = hold_repeated_melody(score.notes, score.grid);
    EXPECT_EQ(score.notes.size() + changes.size(), before);
    EXPECT_EQ(sounding(score.notes), keys);
    std::vector<Note> cleaned = score.notes;
    clean_notes(cleaned);
    EXPECT_EQ(cleaned, score.notes);
  }
}

}  // namespace
}  // namespace pop2piano
