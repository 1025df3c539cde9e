// SPDX-License-Identifier: MIT
// A texture for each letter, by how loud it is and how long the beats are.
#include "writing/plan/section_textures.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kBars = 32;

BeatGrid grid_of(double beat_seconds) {
  BeatGrid grid;
  for (int b = 0; b < 4 * kBars; ++b) {
    grid.times.push_back(beat_seconds * b);
    grid.numbers.push_back(b % 4 + 1);
  }
  return grid;
}

const Plan kForm = {{1, 8, "A", ""}, {9, 16, "B", ""}, {17, 24, "A", ""}, {25, 32, "C", ""}};

// dB of A, B and C.
std::vector<float> loudness(float a, float b, float c) {
  std::vector<float> db;
  for (const float level : {a, b, a, c}) db.insert(db.end(), kBars, level);
  return db;
}

TEST(SectionTextures, EnergyIsTheDeviationFromTheSong) {
  const auto energies = section_energies(kForm, grid_of(0.6), loudness(-20, -16, -24));
  ASSERT_EQ(energies.size(), 3U);
  EXPECT_EQ(energies[0].section, "A");
  EXPECT_NEAR(energies[0].deviation, 0.0, 1e-6);
  EXPECT_NEAR(energies[1].deviation, 4 / std::sqrt(8.0), 1e-6);  // two of four passages deviate by 4 dB
  EXPECT_NEAR(energies[2].deviation, -4 / std::sqrt(8.0), 1e-6);
}

TEST(SectionTextures, WhatNobodyHearsIsNoEnergy) {
  for (const auto& energy : section_energies(kForm, grid_of(0.6), loudness(-20, -19.7F, -20.2F)))
    EXPECT_LT(std::abs(energy.deviation), 0.5);
  for (const auto& energy : section_energies(kForm, grid_of(0.6), loudness(-120, -120, -120)))
    EXPECT_EQ(energy.deviation, 0.0);  // silence
  // Silent beats do not make a section quiet.
  auto db = loudness(-20, -20, -20);
  std::fill_n(db.begin(), kBars - 4, -120.0F);
  EXPECT_NEAR(section_energies(kForm, grid_of(0.6), db)[0].deviation, 0.0, 1e-6);
}

TEST(SectionTextures, ALetterThatReturnsHasItsTexture) {
  const Plan plan = decided_plan(kForm, grid_of(0.8), loudness(-24, -16, -20));
  ASSERT_EQ(plan.size(), 4U);
  EXPECT_EQ(plan[0].style, plan[2].style);
  EXPECT_EQ(plan[0].style, "flowing-broken");
  EXPECT_EQ(plan[1].style, "dense-chords");
  EXPECT_EQ(plan[3].style, "flowing-chords");
}

TEST(SectionTextures, SlowBeatsHoldMoreNotesAndLoudSectionsNotFewer) {
  EXPECT_EQ(texture_of_section(0.4, 0), "sparse-chords");
  EXPECT_EQ(texture_of_section(0.8, 0), "flowing-chords");
  EXPECT_EQ(texture_of_section(0.9, 0), "dense-chords");
  EXPECT_EQ(texture_of_section(1.1, 0), "dense-broken");
  EXPECT_EQ(texture_of_section(0.9, -2), "flowing-broken");
  EXPECT_EQ(texture_of_section(0.8, -1.2), "sparse-broken");
  const auto rank = [](const std::string& style) {
    return std::ranges::find(kPlanTextures, style) - kPlanTextures.begin();
  };
  for (const double beat : {0.3, 0.6, 0.8, 0.9, 1.2}) {
    for (double deviation = -3; deviation < 3; deviation += 0.25) {
      ASSERT_LT(rank(texture_of_section(beat, deviation)), 7);
      EXPECT_LE(rank(texture_of_section(beat, deviation)), rank(texture_of_section(beat, deviation + 0.25)));
    }
  }
}

}  // namespace
}  // namespace pop2piano
