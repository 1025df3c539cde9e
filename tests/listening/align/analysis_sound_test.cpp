// SPDX-License-Identifier: MIT
#include "listening/align/analysis_sound.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kRate = 22050;

TEST(AnalysisSound, LastsAsLongAsTheNotes) {
  const auto samples = analysis_sound(std::vector<PlayedNote>{{0.5, 1.0, 69, 127}});
  EXPECT_NEAR(static_cast<double>(samples.size()) / kRate, 1.05, 0.01);
  EXPECT_TRUE(std::all_of(samples.begin(), samples.begin() + kRate / 2 - 1, [](float s) { return s == 0.0F; }));
  EXPECT_TRUE(std::any_of(samples.begin() + kRate / 2, samples.end(), [](float s) { return std::abs(s) > 0.01F; }));
  EXPECT_TRUE(analysis_sound({}).empty());
}

}  // namespace
}  // namespace pop2piano
