// SPDX-License-Identifier: MIT
// Performances: playable, as long as wished, the same for the same seed; where notes end.
#include "learning/performances/performance.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

std::vector<PlayedNote> scale(int notes) {
  std::vector<PlayedNote> score;
  for (int i = 0; i < notes; ++i) score.push_back({0.25 * i, 0.25 * i + 0.25, 40.0 + i % 40, 60 + i % 20});
  return score;
}

void expect_playable(const PianoPerformance& performance) {
  std::map<int, double> up;  // when each key is free again
  double last = 0.0;
  for (const PerformedNote& note : performance.notes) {
    EXPECT_GE(note.onset, last);
    last = note.onset;
    EXPECT_GT(note.release, note.onset);
    EXPECT_GT(note.end, note.onset);
    EXPECT_TRUE(note.pitch >= 21 && note.pitch <= 108) << note.pitch;
    EXPECT_TRUE(note.velocity >= 1 && note.velocity <= 127) << note.velocity;
    EXPECT_GT(note.onset, up.contains(note.pitch) ? up[note.pitch] : -1.0) << "the key is down";
    up[note.pitch] = note.release;
  }
  for (std::size_t i = 0; i < performance.pedal.size(); ++i) {
    EXPECT_LT(performance.pedal[i].down, performance.pedal[i].up);
    EXPECT_GT(performance.pedal[i].down, i > 0 ? performance.pedal[i - 1].up : -1.0);
  }
}

TEST(Performance, IsPlayable) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const PianoPerformance performance = perform(scale(400), 30.0, Random(seed));
    EXPECT_GT(performance.notes.size(), 60U) << "at three quarters of the tempo a stretch has 90 notes";
    EXPECT_LT(performance.notes.back().onset, 31.0);
    expect_playable(performance);
    expect_playable(perform_textures(30.0, Random(seed)));
  }
}

TEST(Performance, FollowsFromItsSeed) {
  const auto onsets = [](std::uint64_t seed) {
    std::vector<double> times;
    for (const PerformedNote& note : perform(scale(100), 20.0, Random(seed)).notes) times.push_back(note.onset);
    return times;
  };
  EXPECT_EQ(onsets(4), onsets(4));
  EXPECT_NE(onsets(4), onsets(5));
}

TEST(Performance, OfNothingIsNothing) { EXPECT_TRUE(perform({}, 20.0, Random(1)).notes.empty()); }

TEST(Performance, NotesEndByKeyPedalStrikeOrThemselves) {
  PianoPerformance p;
  p.pedal = {{0.5, 2.0}};
  p.notes = {{.onset = 0.0, .release = 0.4, .pitch = 60},  // the key
             {.onset = 0.1, .release = 1.0, .pitch = 62},  // the pedal
             {.onset = 0.2, .release = 1.0, .pitch = 64},  // the next strike
             {.onset = 1.5, .release = 2.5, .pitch = 64},  {.onset = 0.6, .release = 1.9, .pitch = 108},  // dies away
             {.onset = 0.61, .release = 0.9, .pitch = 108}};  // too soon after it
  finish_performance(p);
  ASSERT_EQ(p.notes.size(), 5U);
  EXPECT_EQ(p.notes[0].end, 0.4);
  EXPECT_EQ(p.notes[1].end, 2.0);
  EXPECT_EQ(p.notes[2].end, 1.5);
  EXPECT_NEAR(p.notes[3].end, 1.22, 0.05) << "a string of the highest note sounds 0.6 s";
  EXPECT_EQ(p.notes[4].end, 2.5);
}

}  // namespace
}  // namespace pop2piano
