// SPDX-License-Identifier: MIT
#include "music/arrange/fingering.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "music/arrange/arranging.h"
#include "music/random_score.h"

namespace pop2piano {
namespace {

std::vector<Note> line(const std::vector<int>& pitches, Hand hand, int step = 6) {
  std::vector<Note> notes;
  for (const int pitch : pitches) {
    notes.push_back({.onset = static_cast<int>(notes.size()) * step,
                     .duration = step,
                     .pitch = static_cast<std::int16_t>(pitch),
                     .hand = hand});
  }
  return notes;
}

std::vector<Note> chord(const std::vector<int>& pitches, Hand hand) {
  std::vector<Note> notes = line(pitches, hand);
  for (Note& note : notes) note.onset = 0;
  return notes;
}

using Fingers = std::vector<std::uint8_t>;

TEST(Fingering, TheScaleOfCMajorAsEveryPupilPlaysIt) {
  EXPECT_EQ(find_fingers(line({60, 62, 64, 65, 67, 69, 71, 72}, Hand::right)), (Fingers{1, 2, 3, 1, 2, 3, 4, 5}));
  EXPECT_EQ(find_fingers(line({60, 59, 57, 55, 53, 52, 50, 48}, Hand::left)), (Fingers{1, 2, 3, 1, 2, 3, 4, 5}));
}

TEST(Fingering, FiveKeysInARowAndTriads) {
  EXPECT_EQ(find_fingers(line({60, 62, 64, 65, 67}, Hand::right)), (Fingers{1, 2, 3, 4, 5}));
  EXPECT_EQ(find_fingers(chord({60, 64, 67}, Hand::right)), (Fingers{1, 3, 5}));
  EXPECT_EQ(find_fingers(chord({48, 52, 55}, Hand::left)), (Fingers{5, 3, 1}));
  EXPECT_EQ(find_fingers(chord({60, 72}, Hand::right)), (Fingers{1, 5}));
  EXPECT_EQ(find_fingers(chord({60, 64, 67, 72}, Hand::right)).front(), 1);
  EXPECT_EQ(find_fingers(chord({60, 64, 67, 72}, Hand::right)).back(), 5);
}

TEST(Fingering, AHeldKeyKeepsItsFinger) {
  std::vector<Note> notes = line({60, 67, 69, 71}, Hand::right);
  notes[0].duration = 24;  // the thumb stays on C
  const Fingers fingers = find_fingers(notes);
  EXPECT_EQ(fingers[0], 1);
  for (std::size_t i = 1; i < fingers.size(); ++i) EXPECT_GT(fingers[i], 1) << i;
}

TEST(Fingering, NoNotesNoHandsAndTooManyKeys) {
  EXPECT_TRUE(find_fingers({}).empty());
  EXPECT_EQ(find_fingers(line({60, 62}, Hand::unassigned)), (Fingers{0, 0}));
  const Fingers cluster = find_fingers(chord({60, 61, 62, 63, 64, 65, 66}, Hand::right));
  EXPECT_EQ(std::count(cluster.begin(), cluster.end(), 0), 2);
}

/// All fingerings of a few notes, chords included.
TEST(FingeringProperty, NoOtherFingeringIsCheaper) {
  Random random(9);
  for (int round = 0; round < 60; ++round) {
    std::vector<Note> notes;
    const Hand hand = random.chance(0.5) ? Hand::right : Hand::left;
    for (int onset = 0; onset < 4; ++onset) {
      const int low = 50 + static_cast<int>(random.index(14));
      notes.push_back({.onset = onset * 6, .duration = 6, .pitch = static_cast<std::int16_t>(low), .hand = hand});
      if (!random.chance(0.4)) continue;
      const int high = low + 1 + static_cast<int>(random.index(10));
      notes.push_back({.onset = onset * 6,
                       .duration = random.chance(0.5) ? 6 : 12,
                       .pitch = static_cast<std::int16_t>(high),
                       .hand = hand});
    }
    resolve_overlaps(notes);
    const double found = fingering_cost(notes, find_fingers(notes));
    double least = found;
    Fingers fingers(notes.size(), 1);
    for (bool more = true; more;) {
      least = std::min(least, fingering_cost(notes, fingers));
      more = false;
      for (std::size_t i = 0; i < fingers.size() && !more; ++i) {
        fingers[i] = static_cast<std::uint8_t>(fingers[i] % 5 + 1);
        more = fingers[i] != 1;
      }
    }
    // A held key may change its finger, which a finger for each note cannot say: then the search is cheaper still.
    EXPECT_LE(found, least + 6.0 + 1e-9);
    const bool held = std::any_of(notes.begin(), notes.end(), [](const Note& note) { return note.duration > 6; });
    if (held) continue;
    EXPECT_NEAR(found, least, 1e-9);
  }
}

TEST(FingeringProperty, EveryNoteOfAPlayableScoreGetsAFinger) {
  Random random(10);
  for (int round = 0; round < 20; ++round) {
    Score score = testing::random_score(random, 40, random.index(300), 3);
    arrange_for_piano(score, {});
    const Fingers fingers = find_fingers(score.notes);
    ASSERT_EQ(fingers.size(), score.notes.size());
    for (const std::uint8_t finger : fingers) {
      EXPECT_GE(finger, 1);
      EXPECT_LE(finger, 5);
    }
  }
}

}  // namespace
}  // namespace pop2piano
