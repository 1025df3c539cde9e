// SPDX-License-Identifier: MIT
#include "listening/analysis/published_frames.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pop2piano {
namespace {

const std::string kGolden = POP2PIANO_TEST_DATA "/golden/";

TEST(PublishedFrames, StepTimesAreTheReferences) {
  for (const auto& item : nlohmann::json::parse(std::ifstream(kGolden + "beats.json"))) {
    const std::vector<double> beats = item.at("beats"), expected = item.at("steps_extend");
    const auto steps = published_step_times(beats);
    ASSERT_EQ(steps.size(), expected.size());
    for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_NEAR(steps[i], expected[i], 1e-9);
  }
}

TEST(PublishedFrames, SegmentBordersAreTheReferences) {
  const auto expected = nlohmann::json::parse(std::ifstream(kGolden + "tiny_expected.json"));
  const std::vector<double> steps = expected.at("steps");
  const std::vector<std::int64_t> lengths = expected.at("segment_samples");
  const auto borders = published_segment_borders(steps, 22050, 8);
  ASSERT_EQ(borders.size(), lengths.size() + 1);
  for (std::size_t s = 0; s < lengths.size(); ++s) EXPECT_EQ(borders[s + 1] - borders[s], lengths[s]) << s;
}

}  // namespace
}  // namespace pop2piano
