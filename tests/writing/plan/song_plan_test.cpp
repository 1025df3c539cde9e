// SPDX-License-Identifier: MIT
// Sections as bars, and what becomes of wishes.
#include "writing/plan/song_plan.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// An upbeat of one beat, then bars of four.
BeatGrid grid_of(int bars) {
  BeatGrid grid;
  for (int b = -1; b < 4 * bars; ++b) {
    grid.times.push_back(0.5 * (b + 1));
    grid.numbers.push_back((b + 4) % 4 + 1);
  }
  return grid;
}

// A: bars 0 to 8 (with the upbeat), B: 9 to 16, A: 17 to 24.
Plan decided() { return {{0, 8, "A", "sparse-chords"}, {9, 16, "B", "dense-chords"}, {17, 24, "A", "sparse-chords"}}; }

TEST(SongPlan, SectionsAreBars) {
  const std::vector<SongSection> sections = {{1, 0}, {33, 1}, {65, 0}};
  EXPECT_EQ(form_of(sections, grid_of(24)), (Plan{{0, 8, "A", ""}, {9, 16, "B", ""}, {17, 24, "A", ""}}));
  EXPECT_EQ(form_of({}, grid_of(24)), (Plan{{0, 24, "A", ""}}));
  EXPECT_EQ(form_of({}, BeatGrid{}), Plan{});
}

TEST(SongPlan, EachBeatHasTheStyleOfItsBar) {
  const auto styles = styles_of_beats({{0, 1, "A", "sparse-broken"}, {3, 3, "B", "dense-chords"}}, grid_of(4), "auto");
  ASSERT_EQ(styles.size(), 17U);
  EXPECT_EQ(styles[0], "sparse-broken");
  EXPECT_EQ(styles[4], "sparse-broken");
  EXPECT_EQ(styles[5], "auto");
  EXPECT_EQ(styles[9], "dense-chords");
  EXPECT_EQ(styles[13], "auto");
}

TEST(SongPlan, LettersThatAreNamedChangeEverywhere) {
  const Plan plan = settled_plan(decided(), {.sections = {{"A", "flowing-broken"}}});
  EXPECT_EQ(plan, (Plan{{0, 8, "A", "flowing-broken"}, {9, 16, "B", "dense-chords"}, {17, 24, "A", "flowing-broken"}}));
  EXPECT_EQ(settled_plan(decided(), {}), decided());
}

TEST(SongPlan, WhatIsGivenIsCompletedByTheSongsSections) {
  const Plan plan = settled_plan(decided(), {.passages = {{5, 10, "", "dense-broken"}}});
  EXPECT_EQ(plan,
            (Plan{{0, 4, "A", "auto"}, {5, 10, "A", "dense-broken"}, {11, 16, "B", "auto"}, {17, 24, "A", "auto"}}));
  EXPECT_EQ(settled_plan(decided(), {.passages = decided()}), decided());
}

TEST(SongPlan, WhatIsNotInTheSongIsRefused) {
  const auto refusal = [](const PlanWish& wish) {
    try {
      (void)settled_plan(decided(), wish);
    } catch (const Error& error) {
      return std::pair(error.code(), std::string(error.what()));
    }
    return std::pair(ErrorCode::cancelled, std::string("taken"));
  };
  const auto outside = refusal({.passages = {{20, 25, "", "auto"}}, .source = "my.json"});
  EXPECT_EQ(outside.first, ErrorCode::malformed);
  EXPECT_EQ(outside.second, "my.json: bars 20 to 25: outside the song, which has bars 0 to 24");
  const auto letter = refusal({.passages = {{1, 2, "C", "auto"}}, .source = "my.json"});
  EXPECT_EQ(letter.first, ErrorCode::malformed);
  EXPECT_EQ(letter.second, "my.json: bars 1 to 2: the song has no section \"C\", it has A, B");
  EXPECT_EQ(refusal({.sections = {{"C", "auto"}}}).first, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace pop2piano
