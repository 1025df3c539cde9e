// SPDX-License-Identifier: MIT
#include "music/arrange/dynamics.h"

#include <pop2piano/error.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "music/random_score.h"

namespace pop2piano {
namespace {

Score steady_score(int beats) {
  Score score;
  for (int i = 0; i < beats; ++i) {
    score.grid.times.push_back(0.5 * i);
    score.grid.numbers.push_back(i % 4 + 1);
    score.notes.push_back({.onset = 12 * i, .duration = 12, .pitch = 76, .voice = Voice::melody});
    for (const int pitch : {40, 52, 60}) {
      score.notes.push_back({.onset = 12 * i, .duration = 12, .pitch = static_cast<std::int16_t>(pitch)});
    }
  }
  return score;
}

int velocity_at(const Score& score, int onset, int pitch) {
  for (const Note& note : score.notes) {
    if (note.onset == onset && note.pitch == pitch) return note.velocity;
  }
  return -1;
}

TEST(Dynamics, WithoutLoudnessVoiceAndMetreDecide) {
  Score score = steady_score(8);
  set_velocities(score, {});
  EXPECT_EQ(velocity_at(score, 0, 76), 70 + 12 + 4);
  EXPECT_EQ(velocity_at(score, 12, 76), 70 + 12 + 2);
  EXPECT_EQ(velocity_at(score, 0, 40), 74);
  EXPECT_EQ(velocity_at(score, 0, 60), 66);
}

TEST(Dynamics, FollowsTheSongUpAndDown) {
  Score score = steady_score(64);
  std::vector<float> loudness(64, -30.0F);
  for (std::size_t i = 32; i < 64; ++i) loudness[i] = -10.0F;
  set_velocities(score, loudness);
  EXPECT_EQ(velocity_at(score, 0, 40), 48 + 4);
  EXPECT_EQ(velocity_at(score, 12 * 60, 40), 92 + 4);
  EXPECT_GT(velocity_at(score, 12 * 32, 40), velocity_at(score, 12 * 28, 40));
}

TEST(Dynamics, ALevelSongIsPlayedEvenly) {
  Score score = steady_score(64);
  std::vector<float> loudness(64, -12.0F);
  for (std::size_t i = 0; i < 64; ++i) loudness[i] += static_cast<float>(i % 2) * 0.1F;
  set_velocities(score, loudness);
  EXPECT_NEAR(velocity_at(score, 12 * 31, 40), velocity_at(score, 12 * 9, 40), 2);
}

TEST(Dynamics, ASilentLeadInMakesNothingLoud) {
  Score score = steady_score(64);
  std::vector<float> loudness(64, -12.0F);
  std::fill(loudness.begin(), loudness.begin() + 6, -90.0F);
  set_velocities(score, loudness);
  EXPECT_NEAR(velocity_at(score, 12 * 32, 40), 70 + 4, 3);
}

TEST(Dynamics, SilenceAndNonsenseGiveValidVelocities) {
  Score score = steady_score(16);
  const float inf = std::numeric_limits<float>::infinity();
  set_velocities(score, std::vector<float>{-inf, -20, NAN, inf, -18, -inf});
  for (const Note& note : score.notes) {
    EXPECT_GE(note.velocity, 35);
    EXPECT_LE(note.velocity, 110);
  }
  set_velocities(score, std::vector<float>(16, -inf));
  for (const Note& note : score.notes) EXPECT_GE(note.velocity, 35);
}

TEST(Dynamics, ConstantVelocity) {
  Score score = steady_score(4);
  set_constant_velocity(score, 77);
  for (const Note& note : score.notes) EXPECT_EQ(note.velocity, 77);
  EXPECT_THROW(set_constant_velocity(score, 0), Error);
  EXPECT_THROW(set_constant_velocity(score, 128), Error);
}

}  // namespace
}  // namespace pop2piano
