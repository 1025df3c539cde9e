// SPDX-License-Identifier: MIT
#include "music/score/clean_notes.h"

#include <pop2piano/error.h>

#include <map>

#include <gtest/gtest.h>

#include "music/random_score.h"
#include "music/score/key.h"

namespace pop2piano {
namespace {

TEST(CleanNotes, DoublesBecomeOneMelodyNoteOfTheLongestDuration) {
  std::vector<Note> notes = {{.onset = 0, .duration = 24, .pitch = 60, .velocity = 50},
                             {.onset = 0, .duration = 6, .pitch = 60, .velocity = 90, .voice = Voice::melody}};
  const NoteCleaning done = clean_notes(notes);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(done.removed, 1U);
  EXPECT_EQ(notes[0].duration, 24);
  EXPECT_EQ(notes[0].velocity, 90);
  EXPECT_EQ(notes[0].voice, Voice::melody);
}

TEST(CleanNotes, AnEarlierNoteIsCutWhereItsKeyIsStruckAgain) {
  std::vector<Note> notes = {{.onset = 0, .duration = 96, .pitch = 60},
                             {.onset = 48, .duration = 12, .pitch = 60},
                             {.onset = 0, .duration = 96, .pitch = 64}};
  const NoteCleaning done = clean_notes(notes);
  EXPECT_EQ(done.shortened, 1U);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0].duration, 96);
  EXPECT_EQ(notes[1].duration, 48);
}

TEST(CleanNotes, NotesComeIntoThePianosRangeByOctaves) {
  std::vector<Note> notes = {{.pitch = 5},   {.pitch = 20},  {.pitch = 21},
                             {.pitch = 108}, {.pitch = 109}, {.pitch = 127}};
  const NoteCleaning done = clean_notes(notes);
  EXPECT_EQ(done.moved, 4U);
  std::vector<int> pitches;
  for (const Note& note : notes) pitches.push_back(note.pitch);
  EXPECT_EQ(pitches, (std::vector<int>{108, 103, 97, 32, 29, 21}));
}

TEST(CleanNotesProperty, NoKeyIsStruckWhileItIsDown) {
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    std::vector<Note> notes;
    for (int i = 0; i < 300; ++i) {
      notes.push_back({.onset = static_cast<int>(random.index(200)) - 20,
                       .duration = static_cast<int>(random.index(60)),
                       .pitch = static_cast<std::int16_t>(random.index(128))});
    }
    clean_notes(notes);
    std::map<int, int> free_from;
    for (const Note& note : notes) {
      EXPECT_GE(note.duration, 1);
      const auto before = free_from.find(note.pitch);
      EXPECT_TRUE(before == free_from.end() || note.onset >= before->second);
      free_from[note.pitch] = note.offset();
    }
    const auto once = notes;
    const NoteCleaning again = clean_notes(notes);
    EXPECT_EQ(notes, once);
    EXPECT_EQ(again.removed + again.shortened + again.moved, 0U);
  }
}

TEST(Transpose, MovesNotesAndKeyAndStaysOnThePiano) {
  Score score;
  score.key = Key{1, false};
  score.notes = {{.pitch = 108}, {.pitch = 60}, {.pitch = 21}};
  transpose(score, 3);
  EXPECT_EQ(*score.key, (Key{-2, false}));
  EXPECT_EQ(score.notes[0].pitch, 99);
  EXPECT_EQ(score.notes[1].pitch, 63);
  EXPECT_EQ(score.notes[2].pitch, 24);
  transpose(score, -13);
  EXPECT_EQ(*score.key, (Key{3, false}));
}

TEST(Transpose, TheShorterWayToATonic) {
  EXPECT_EQ(semitones_to_tonic({0, false}, 0), 0);
  EXPECT_EQ(semitones_to_tonic({0, false}, 5), 5);
  EXPECT_EQ(semitones_to_tonic({0, false}, 6), -6);
  EXPECT_EQ(semitones_to_tonic({0, false}, 11), -1);
  EXPECT_EQ(semitones_to_tonic({0, true}, 0), 3);
  EXPECT_EQ(tonic_pitch_class({-3, true}), 0);
}

TEST(FindKey, ScalesWithTheirChords) {
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      std::vector<Note> notes;
      const auto add = [&](int degree, int duration) {
        notes.push_back({.duration = duration, .pitch = static_cast<std::int16_t>(48 + (tonic + degree) % 12)});
      };
      for (const int degree : minor ? std::vector{0, 2, 3, 5, 7, 8, 10} : std::vector{0, 2, 4, 5, 7, 9, 11})
        add(degree, 12);
      for (const int degree : minor ? std::vector{0, 3, 7} : std::vector{0, 4, 7}) add(degree, 24);
      EXPECT_EQ(find_key(notes), key_with_tonic(tonic, minor)) << tonic << minor;
      EXPECT_EQ(tonic_pitch_class(find_key(notes)), tonic);
    }
  }
}

TEST(FindKey, SilenceIsCMajor) { EXPECT_EQ(find_key(std::vector<Note>{}), Key{}); }

TEST(KeyWithTonic, HasAtMostSixAccidentals) {
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      const Key key = key_with_tonic(tonic, minor);
      EXPECT_LE(std::abs(key.fifths), 6);
      EXPECT_EQ(tonic_pitch_class(key), tonic);
    }
  }
}

}  // namespace
}  // namespace pop2piano
