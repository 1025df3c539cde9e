// SPDX-License-Identifier: MIT
#include "music/arrange/difficulty.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "music/arrange/arranging.h"
#include "music/arrange/hands.h"
#include "music/random_score.h"
#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

/// A melody in 8ths and 16ths over broken chords with wide basses.
Score song() {
  Score score;
  Random random(8);
  const std::vector<std::vector<int>> chords = {{36, 55, 60, 64}, {33, 52, 57, 60}, {29, 53, 57, 60}, {31, 55, 59, 62}};
  for (int beat = 0; beat < 64; ++beat) {
    score.grid.times.push_back(0.5 * beat);
    score.grid.numbers.push_back(beat % 4 + 1);
    const auto& chord = chords[static_cast<std::size_t>(beat / 4 % 4)];
    for (int i = 0; i < 4; ++i) {
      score.notes.push_back({.onset = beat * 12 + 3 * i,
                             .duration = 3,
                             .pitch = static_cast<std::int16_t>(chord[static_cast<std::size_t>(i)])});
    }
    score.notes.push_back({.onset = beat * 12,
                           .duration = 9,
                           .pitch = static_cast<std::int16_t>(72 + static_cast<int>(random.index(8))),
                           .voice = Voice::melody});
    score.notes.push_back({.onset = beat * 12 + 9,
                           .duration = 3,
                           .pitch = static_cast<std::int16_t>(72 + static_cast<int>(random.index(8))),
                           .voice = Voice::melody});
    score.notes.push_back({.onset = beat * 12, .duration = 9, .pitch = 67});
  }
  resolve_overlaps(score.notes);
  return score;
}

TEST(Difficulty, EveryLevelAsksLessThanTheNext) {
  Demands harder{};
  for (int level = kFullLevel; level >= kEasyLevel; --level) {
    Score score = song();
    arrange_for_piano(score, {.level = level});
    const Demands demands = demands_of(score);
    if (level < kFullLevel) {
      EXPECT_LE(demands.notes_per_beat, harder.notes_per_beat) << level;
      EXPECT_LE(demands.max_span, harder.max_span) << level;
      EXPECT_LE(demands.leaps_per_bar, harder.leaps_per_bar) << level;
      EXPECT_LE(demands.rhythm, harder.rhythm) << level;
      EXPECT_LE(demands.polyphony, harder.polyphony) << level;
    }
    harder = demands;
  }
  EXPECT_LE(harder.max_span, 12);
}

TEST(Difficulty, RhythmCountsStrikesByTheirDepth) {
  EXPECT_EQ(depth_in_metre(24), 0);
  EXPECT_EQ(depth_in_metre(-6), 1);
  EXPECT_EQ(depth_in_metre(9), 2);
  EXPECT_EQ(depth_in_metre(4), 3);
  Score score;
  for (const int onset : {0, 6, 9, 12}) {  // one bar of four beats: depths 0 + 1 + 2 + 0
    score.notes.push_back({.onset = onset, .duration = 3, .pitch = 72, .hand = Hand::right});
    score.notes.push_back({.onset = onset, .duration = 3, .pitch = 76, .hand = Hand::right});
  }
  score.notes.push_back({.onset = 6, .duration = 42, .pitch = 48, .hand = Hand::left});
  EXPECT_DOUBLE_EQ(demands_of(score).rhythm, 3.0);
  EXPECT_DOUBLE_EQ(demands_of(score).polyphony, (3.0 + 2.0) / 4.0);  // three keys in the first beat, two in the second
}

TEST(Difficulty, TheMelodyStaysAtEveryLevel) {
  for (int level = 2; level <= kFullLevel; ++level) {
    Score score = song();
    std::set<std::pair<int, int>> melody, kept;
    for (const Note& note : score.notes) {
      if (note.voice == Voice::melody) melody.insert({note.onset, note.pitch});
    }
    arrange_for_piano(score, {.level = level});
    for (const Note& note : score.notes) {
      if (note.voice == Voice::melody) kept.insert({note.onset, note.pitch});
    }
    EXPECT_EQ(kept, melody) << level;
  }
}

TEST(Difficulty, OfSixteenthsTheEighthsThatSoundLongestStay) {
  Score score = song();
  std::erase_if(score.notes, [](const Note& note) { return note.voice == Voice::melody; });
  for (int beat = 0; beat < 64; ++beat) {  // on 0, 3, 6 and 9: what comes late for the half-beat must not displace it
    for (int i = 0; i < 4; ++i) {
      score.notes.push_back({.onset = beat * 12 + 3 * i,
                             .duration = 3,
                             .pitch = static_cast<std::int16_t>(76 + i),
                             .voice = Voice::melody});
    }
  }
  clean_notes(score.notes);
  simplify(score, kEasyLevel);
  for (const Note& note : score.notes) {
    if (note.voice != Voice::melody || note.onset >= 64 * 12) continue;
    EXPECT_EQ(note.pitch, note.onset % 12 == 0 ? 76 : 78);
  }
}

TEST(Difficulty, ALoneMelodyGetsNoLeftHand) {
  Score score = song();
  std::erase_if(score.notes, [](const Note& note) { return note.voice != Voice::melody && note.onset >= 32 * 12; });
  for (Note& note : score.notes) {
    if (note.voice != Voice::melody) note.duration = std::min(note.duration, 32 * 12 - note.onset);
  }
  simplify(score, 2);
  for (const Note& note : score.notes)
    EXPECT_TRUE(note.voice == Voice::melody || note.offset() <= 32 * 12) << note.onset;
  EXPECT_TRUE(std::any_of(score.notes.begin(), score.notes.end(),
                          [](const Note& note) { return note.voice != Voice::melody; }));
}

TEST(Difficulty, LevelTwoStrikesFifthsOnlyWhereTheArrangementStrikesChords) {
  const auto fifths = [](Score score) {
    simplify(score, 2);
    std::map<int, int> struck;
    for (const Note& note : score.notes) struck[note.onset] += note.voice == Voice::melody ? 0 : 1;
    return std::count_if(struck.begin(), struck.end(), [](const auto& at) { return at.second > 1; });
  };
  Score score = song();
  EXPECT_GT(fifths(score), 0);
  std::set<int> struck;
  std::erase_if(score.notes,
                [&](const Note& note) { return note.voice != Voice::melody && !struck.insert(note.onset).second; });
  EXPECT_EQ(fifths(score), 0);
}

TEST(Difficulty, NamesOfLevels) {
  EXPECT_EQ(level_of("easy"), 1);
  EXPECT_EQ(level_of("medium"), 3);
  EXPECT_EQ(level_of("full"), 5);
  EXPECT_EQ(level_of("4"), 4);
  try {
    (void)level_of("mediun");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean medium"), std::string::npos);
  }
  Score score = song();
  EXPECT_THROW(simplify(score, 0), Error);
  EXPECT_THROW(simplify(score, 6), Error);
}

TEST(Difficulty, EasyKeys) {
  EXPECT_EQ(semitones_to_easy_key({0, false}), 0);
  EXPECT_EQ(semitones_to_easy_key({-5, false}), -1);
  EXPECT_EQ(std::abs(semitones_to_easy_key({6, false})), 1);
  EXPECT_EQ(semitones_to_easy_key({-3, true}), 2);
}

TEST(MarkMelody, TakesTheTopLineOnlyWhereThereIsNone) {
  std::vector<Note> notes = {{.onset = 0, .duration = 24, .pitch = 76},
                             {.onset = 0, .duration = 12, .pitch = 48},
                             {.onset = 12, .duration = 12, .pitch = 52},
                             {.onset = 24, .duration = 12, .pitch = 74}};
  mark_melody(notes);
  for (const Note& note : notes) EXPECT_EQ(note.voice == Voice::melody, note.pitch >= 74);
  const auto marked = notes;
  mark_melody(notes);
  EXPECT_EQ(notes, marked);
}

TEST(DifficultyProperty, RandomScoresArePlayableAtEveryLevel) {
  Random random(13);
  for (int round = 0; round < 30; ++round) {
    Score score = testing::random_score(random, 40, random.index(200), 3);
    const int level = 1 + static_cast<int>(random.index(5));
    arrange_for_piano(score, {.level = level});
    EXPECT_EQ(count_unplayable(score.notes, {.max_span = level <= 3 ? 12 : level == 4 ? 14 : 15}), 0U);
  }
}

}  // namespace
}  // namespace pop2piano
