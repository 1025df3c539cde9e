// SPDX-License-Identifier: MIT
// Bars with equal chords should share their figure, others should not.
#include "writing/writer/draft_choice.h"

#include <vector>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;

// A left-hand note at each of these 16ths of each bar; the places of bars 4 to 7 of eight are moved by `moved`.
std::vector<Note> figure(int bars, const std::vector<int>& sixteenths, int moved) {
  std::vector<Note> text;
  for (int bar = 0; bar < bars; ++bar) {
    for (const int place : sixteenths) {
      const int step = 48 * bar + 3 * (place + (bar % 8 >= 4 ? moved : 0));
      text.push_back({.onset = step, .duration = 3, .pitch = 48});
    }
  }
  return text;
}

// made_up_song(): chords of bars 0 and 6, 1 and 5 are the same, all come again after eight bars.
TEST(DraftChoice, AFigureThatGoesThroughSaysNothing) {
  const WriterSong song = made_up_song(96);
  EXPECT_DOUBLE_EQ(returning_likeness(song, figure(24, {0, 4, 8}, 0)), 0.0);
}

TEST(DraftChoice, AnotherFigureForOtherChordsSaysWhereTheSongIs) {
  const WriterSong song = made_up_song(96);
  const double value = returning_likeness(song, figure(24, {0, 4, 8}, 1));
  EXPECT_GT(value, 0.1);
  EXPECT_LT(value, 1.0);
}

TEST(DraftChoice, NothingToCompareIsNought) {
  const WriterSong song = made_up_song(8);
  EXPECT_EQ(returning_likeness(song, figure(2, {0}, 0)), 0.0);
  EXPECT_EQ(returning_likeness(song, {}), 0.0);
}

TEST(DraftChoice, NotesAboveMiddleCAndOutsideTheBarsDoNotCount) {
  WriterSong song = made_up_song(96);
  auto text = figure(24, {0, 4, 8}, 1);
  const double value = returning_likeness(song, text);
  text.push_back({.onset = 51, .duration = 3, .pitch = 72});
  text.push_back({.onset = -3, .duration = 3, .pitch = 40});
  text.push_back({.onset = 96 * kStepsPerBeat, .duration = 3, .pitch = 40});
  EXPECT_EQ(returning_likeness(song, text), value);
}

TEST(DraftChoice, TheClearestIsKeptTheFirstOfEqualOnes) {
  const WriterSong song = made_up_song(96);
  const std::vector<std::vector<Note>> drafts = {figure(24, {0, 4, 8}, 0), figure(24, {0, 4, 8}, 1),
                                                 figure(24, {0, 4, 8}, 1)};
  EXPECT_EQ(clearest_draft(song, drafts), 1U);
  EXPECT_EQ(clearest_draft(song, std::vector<std::vector<Note>>(3)), 0U);
}

}  // namespace
}  // namespace pop2piano
