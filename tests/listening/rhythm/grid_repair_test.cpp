// SPDX-License-Identifier: MIT
#include "listening/rhythm/grid_repair.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

std::vector<double> jittered(double first, double interval, std::size_t count, double deviation) {
  Random random(5);
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(first + interval * static_cast<double>(i) + deviation * random.normal());
  }
  return times;
}

TEST(GridRepair, FindsAPeakBetweenFrames) {
  std::vector<float> curve(50, 0.0f);
  for (int t = 0; t < 50; ++t) curve[static_cast<std::size_t>(t)] = static_cast<float>(10 - std::pow(t - 20.3, 2));
  const std::vector<std::size_t> frames = {19, 22, 0, 49, 40};
  const auto refined = refine_to_peaks(frames, curve);
  EXPECT_NEAR(refined[0], 20.3, 1e-3);
  EXPECT_NEAR(refined[1], 20.3, 1e-3);
  EXPECT_EQ(refined[2], 0.0);
  EXPECT_EQ(refined[3], 49.0);
  EXPECT_EQ(refined[4], 40.0);  // a slope is not a peak
}

TEST(GridRepair, MovesTheOneBeatThatIsOut) {
  auto times = jittered(1, 0.5, 20, 0);
  times[7] += 0.12;
  EXPECT_EQ(repair_outliers(times), 1U);
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(times[i], 1 + 0.5 * static_cast<double>(i), 1e-9) << i;
}

TEST(GridRepair, LeavesAChangeOfTempo) {
  auto times = jittered(1, 0.5, 10, 0);
  for (int i = 1; i <= 10; ++i) times.push_back(5.5 + 0.7 * i);
  const auto before = times;
  EXPECT_EQ(repair_outliers(times), 0U);
  EXPECT_EQ(times, before);
}

TEST(GridRepair, SnapsAMachineToItsLine) {
  auto times = jittered(0.3, 0.5123, 200, 0.004);
  ASSERT_TRUE(snap_to_line(times));
  for (std::size_t i = 0; i < times.size(); ++i)
    EXPECT_NEAR(times[i], 0.3 + 0.5123 * static_cast<double>(i), 1.5e-3) << i;
}

TEST(GridRepair, LeavesAHumanAlone) {
  auto human = jittered(0.3, 0.5123, 200, 0.012);
  auto drifting = jittered(0.3, 0.5, 200, 0.002);
  for (std::size_t i = 0; i < drifting.size(); ++i) drifting[i] += 0.2 * std::sin(static_cast<double>(i) / 20);
  auto few = jittered(0, 0.5, 8, 0);
  for (auto* times : {&human, &drifting, &few}) {
    const auto before = *times;
    EXPECT_FALSE(snap_to_line(*times));
    EXPECT_EQ(*times, before);
  }
}

TEST(GridRepair, FindsTheLineThatSomeBeatsLeft) {
  auto times = jittered(0.3, 0.5123, 200, 0.003);
  EXPECT_FALSE(line_left(times));  // none did
  for (std::size_t i = 140; i < times.size(); ++i) times[i] += 0.25;
  const auto line = line_left(times);
  ASSERT_TRUE(line);
  EXPECT_NEAR(std::remainder(line->first - 0.3, 0.5123), 0.0, 2e-3);
  EXPECT_NEAR(line->interval, 0.5123, 2e-5);
  EXPECT_NEAR(line->share, 0.7, 0.01);
  for (std::size_t i = 80; i < 140; ++i) times[i] += 0.15;  // less than half of them are on one line
  EXPECT_FALSE(line_left(times));
  EXPECT_FALSE(line_left(jittered(0.3, 0.5123, 200, 0.03)));
  EXPECT_FALSE(line_left(jittered(0.3, 0.5123, 12, 0)));
}

}  // namespace
}  // namespace pop2piano
