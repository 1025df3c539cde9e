// SPDX-License-Identifier: MIT
#include "sound/render/click_track.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace pop2piano {
namespace {

constexpr int kRate = 44100;

float loudest(const std::vector<float>& samples, double from, double to) {
  float peak = 0.0F;
  for (auto i = static_cast<std::size_t>(from * kRate); i < static_cast<std::size_t>(to * kRate); ++i)
    peak = std::max(peak, std::abs(samples.at(i)));
  return peak;
}

TEST(ClickTrack, TicksOnTheBeatsLouderOnTheFirstOfABar) {
  const testing::ScratchFolder folder;
  BeatGrid grid;
  for (int k = 0; k < 6; ++k) grid.times.push_back(0.5 + 0.5 * k);
  grid.numbers = {3, 1, 2, 3, 1, 2};
  grid.beats_per_bar = 3;
  const Recording silence = Recording::from({22050, std::vector<float>(4 * 22050, 0.0F)});
  write_click(silence, grid, folder / "click.wav", {});
  const auto sound = Recording::open(folder / "click.wav", {.sample_rate = kRate}).read_all().samples;
  ASSERT_NEAR(static_cast<double>(sound.size()) / kRate, 4.0, 0.01);
  for (std::size_t k = 0; k < grid.times.size(); ++k) {
    const double beat = grid.times[k];
    EXPECT_LT(loudest(sound, beat - 0.05, beat - 0.002), 0.01F) << k;
    const float tick = loudest(sound, beat, beat + 0.05), next = loudest(sound, grid.times[1], grid.times[1] + 0.05);
    if (k % 3 == 1)
      EXPECT_NEAR(tick, next, 0.02F) << k;
    else
      EXPECT_LT(tick, 0.9F * next) << k;
    EXPECT_GT(tick, 0.05F) << k;
  }
}

}  // namespace
}  // namespace pop2piano
