// SPDX-License-Identifier: MIT
#include "judging/metrics/playability.h"

#include <pop2piano/error.h>

#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;

Notes chord(double onset, double offset, const std::vector<double>& pitches) {
  Notes notes;
  for (const double pitch : pitches) notes.push_back({onset, offset, pitch});
  return notes;
}

Notes joined(const std::vector<Notes>& parts) {
  Notes all;
  for (const Notes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Playability, AnOrdinaryAccompanimentIsPlayable) {
  Notes notes;
  for (int bar = 0; bar < 8; ++bar) {
    notes = joined({notes, chord(bar, bar + 0.9, {48, 55, 64}), chord(bar, bar + 0.4, {72, 76}),
                    chord(bar + 0.5, bar + 0.9, {74})});
  }
  const PlayabilityScores scores = measure_playability(notes);
  EXPECT_EQ(scores.unplayable_share.value(), 0.0);
  EXPECT_EQ(scores.crossings_share.value(), 0.0);
  EXPECT_EQ(scores.leaps_per_second.value(), 0.0);
  EXPECT_EQ(scores.repetitions_per_second.value(), 0.0);
  EXPECT_LE(scores.widest_span.value(), 16.0);
  EXPECT_LE(scores.most_notes_in_hand.value(), 3.0);
}

TEST(Playability, ElevenNotesAreTooManyForTenFingers) {
  const Notes notes = chord(0, 1, {40, 42, 44, 45, 47, 49, 60, 62, 64, 65, 67});
  EXPECT_EQ(measure_playability(notes).unplayable_share.value(), 1.0);
  EXPECT_EQ(measure_playability(notes).most_notes_in_hand.value(), 6.0);
}

TEST(Playability, ThreeRegistersAreTooWide) {
  EXPECT_EQ(measure_playability(chord(0, 1, {30, 60, 90})).unplayable_share.value(), 1.0);
  EXPECT_EQ(measure_playability(chord(0, 1, {30, 60, 75})).unplayable_share.value(), 0.0);
  EXPECT_EQ(measure_playability(chord(0, 1, {30, 60, 75}), {}, {.span_limit = 12.0}).unplayable_share.value(), 1.0);
}

TEST(Playability, HeldNotesBindTheHand) {
  // Two notes far apart are held while a third in the middle is struck.
  const Notes held = joined({chord(0, 2, {36}), chord(0, 2, {84}), chord(1, 2, {60})});
  EXPECT_EQ(measure_playability(held).unplayable_share.value(), 0.5);
  const Notes short_ones = joined({chord(0, 0.9, {36}), chord(0, 0.9, {84}), chord(1, 2, {60})});
  EXPECT_EQ(measure_playability(short_ones).unplayable_share.value(), 0.0);
}

TEST(Playability, CountsLeapsAndRepetitionsPerSecond) {
  const Notes notes =
      joined({chord(0.0, 0.1, {40}), chord(0.2, 0.3, {60}), chord(0.4, 0.5, {40}), chord(0.5, 1.0, {40})});
  const std::vector<Hand> left(notes.size(), Hand::left);
  const PlayabilityScores scores = measure_playability(notes, left);
  EXPECT_DOUBLE_EQ(scores.leaps_per_second.value(), 2.0);
  EXPECT_DOUBLE_EQ(scores.repetitions_per_second.value(), 1.0);
}

TEST(Playability, GivenHandsMayCross) {
  const Notes notes = chord(0, 1, {60, 72});
  EXPECT_EQ(measure_playability(notes, std::vector<Hand>{Hand::right, Hand::left}).crossings_share.value(), 1.0);
  EXPECT_EQ(measure_playability(notes, std::vector<Hand>{Hand::left, Hand::right}).crossings_share.value(), 0.0);
  EXPECT_EQ(measure_playability(notes, std::vector<Hand>(2, Hand::unassigned)).crossings_share.value(), 0.0);
  EXPECT_THROW(measure_playability(notes, std::vector<Hand>{Hand::left}), Error);
}

TEST(Playability, UndefinedWithoutNotes) {
  const PlayabilityScores scores = measure_playability({});
  EXPECT_FALSE(scores.unplayable_share.defined());
  EXPECT_FALSE(scores.leaps_per_second.defined());
  EXPECT_FALSE(measure_playability(chord(0, 1, {60})).mean_span.defined());
  EXPECT_TRUE(share_between_hands({}).empty());
}

TEST(ShareBetweenHands, SplitsBassAndMelody) {
  const Notes notes =
      joined({chord(0, 1, {43, 50, 59}), chord(0, 1, {74, 78}), chord(1, 2, {45, 52}), chord(1, 2, {76})});
  const std::vector<Hand> hands = share_between_hands(notes);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    EXPECT_EQ(hands[i], notes[i].pitch < 60 ? Hand::left : Hand::right) << notes[i].pitch;
  }
}

}  // namespace
}  // namespace pop2piano
