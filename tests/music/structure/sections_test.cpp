// SPDX-License-Identifier: MIT
#include "music/structure/sections.h"

#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

// A song as its sections' letters, each eight bars of chords of its own: like 0.9 where letter and place are the same.
Matrix<float> song(const std::string& letters, Random& random, double noise) {
  const std::size_t bars = 8 * letters.size();
  Matrix<float> like(bars, bars);
  for (std::size_t i = 0; i < bars; ++i) {
    for (std::size_t j = i; j < bars; ++j) {
      const bool same = letters[i / 8] == letters[j / 8];
      double value = same ? (i % 8 == j % 8 ? 0.9 : i % 4 == j % 4 ? 0.6 : 0.25) : 0.1;
      if (i != j) value += noise * random.normal();
      like(i, j) = like(j, i) = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
  }
  return like;
}

// One letter a section; neighbours of one letter may come out as one section of sixteen bars.
std::string named(const std::vector<BarSection>& sections) {
  std::string text;
  for (const BarSection& section : sections)
    text += std::string(static_cast<std::size_t>(section.bars / 8), static_cast<char>('A' + section.letter));
  return text;
}

TEST(FindSections, LettersReturn) {
  Random random(5);
  for (const std::string letters : {"ABABCB", "ABCABCDC", "AABAACA", "ABCD"}) {
    for (const double noise : {0.0, 0.05, 0.1}) {
      const Matrix<float> like = song(letters, random, noise);
      const auto sections = find_sections(like.view());
      EXPECT_EQ(named(sections), letters) << noise;
      for (const BarSection& section : sections) EXPECT_EQ(section.first % 8, 0) << letters << " " << noise;
    }
  }
}

TEST(FindSections, CoverAllBarsInOrderWithLettersInOrder) {
  Random random(9);
  for (const std::size_t bars : {1U, 2U, 3U, 7U, 40U, 90U}) {
    Matrix<float> like(bars, bars);
    for (std::size_t i = 0; i < bars; ++i) {
      for (std::size_t j = i; j < bars; ++j) like(i, j) = like(j, i) = static_cast<float>(random.uniform());
    }
    int next = 0, letters = 0;
    for (const BarSection& section : find_sections(std::as_const(like).view())) {
      EXPECT_EQ(section.first, next);
      EXPECT_GT(section.bars, 0);
      EXPECT_LE(section.letter, letters);
      letters = std::max(letters, section.letter + 1);
      next += section.bars;
    }
    EXPECT_EQ(next, static_cast<int>(bars));
  }
  EXPECT_TRUE(find_sections(Span2D<const float>()).empty());
}

TEST(FindSections, EqualBarsAreOneLetter) {
  Matrix<float> like(32, 32);
  for (float& value : like.flat()) value = 1.0F;
  for (const BarSection& section : find_sections(std::as_const(like).view())) EXPECT_EQ(section.letter, 0);
}

}  // namespace
}  // namespace pop2piano
