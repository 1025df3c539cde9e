// SPDX-License-Identifier: MIT
// The clock is the sum of the samples; stamps correct it only where several in a row agree.
#include "sound/audio/output_clock.h"

#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kRate = 1000;  // frames of 20 samples are 20 ms
constexpr std::size_t kFrame = 20;

struct Heard {
  double seconds = 0.0, silence = 0.0;  // in all, and of it put in
  std::vector<double> silent_at;        // where silence began
};

Heard play(std::size_t frames, const std::function<TimedFrame(std::size_t, TimedFrame)>& change) {
  OutputClock clock;
  Heard heard;
  const auto take = [&] {
    while (const auto frame = clock.pop()) {
      if (frame->silence) heard.silent_at.push_back(heard.seconds);
      heard.seconds += frame->seconds();
    }
  };
  for (std::size_t i = 0; i < frames; ++i) {
    TimedFrame frame{.samples = std::vector<float>(kFrame, 0.5F), .rate = kRate};
    frame.stamp = static_cast<double>(i * kFrame) / kRate;
    clock.push(change(i, std::move(frame)));
    take();
  }
  clock.finish();
  take();
  heard.silence = clock.silence_seconds();
  return heard;
}

TEST(OutputClock, StampsThatAgreeChangeNothing) {
  const Heard heard = play(500, [](std::size_t, TimedFrame frame) { return frame; });
  EXPECT_NEAR(heard.seconds, 10.0, 1e-9);
  EXPECT_EQ(heard.silence, 0.0);
}

TEST(OutputClock, OnlyTheFirstFrameOfAPacketIsStamped) {
  const Heard heard = play(500, [](std::size_t i, TimedFrame frame) {
    if (i % 7 != 0) frame.stamp.reset();
    return frame;
  });
  EXPECT_NEAR(heard.seconds, 10.0, 1e-9);
}

TEST(OutputClock, LateStampsThatAreInTimeAgainAddNothing) {
  for (const double late : {0.06, 0.2, 5.0, -0.2}) {
    const Heard heard = play(500, [&](std::size_t i, TimedFrame frame) {
      if (i % 50 >= 25 && i % 50 < 28) *frame.stamp += late;
      return frame;
    });
    EXPECT_NEAR(heard.seconds, 10.0, 1e-9) << late;
    EXPECT_EQ(heard.silence, 0.0) << late;
  }
}

TEST(OutputClock, WhatIsLateForLongIsTakenBack) {
  const Heard heard = play(500, [](std::size_t i, TimedFrame frame) {
    if (i >= 100 && i < 300) *frame.stamp += 0.2;
    return frame;
  });
  EXPECT_NEAR(heard.seconds, 10.0, 2e-3);
  EXPECT_NEAR(heard.silence, 0.0, 2e-3);
}

TEST(OutputClock, AGapIsSilenceWhereItLies) {
  const Heard heard = play(500, [](std::size_t i, TimedFrame frame) {
    *frame.stamp += (i >= 200 ? 0.3 : 0.0) + (i >= 220 ? 0.5 : 0.0);  // 0.4 s between the two
    return frame;
  });
  EXPECT_NEAR(heard.seconds, 10.8, 2e-3);
  ASSERT_EQ(heard.silent_at.size(), 2U);
  EXPECT_NEAR(heard.silent_at[0], 4.0, 2e-3);
  EXPECT_NEAR(heard.silent_at[1], 4.7, 2e-3);
}

// Of AVI files whose header says nothing of the size of a frame.
TEST(OutputClock, StampsThatNeverRunWithTheSamplesAreNotBelieved) {
  for (const double rate : {0.5, 0.97, 1.03, 2.2, 500.0}) {
    const Heard heard = play(500, [&](std::size_t i, TimedFrame frame) {
      *frame.stamp *= rate * (i % 3 == 0 ? 1.1 : 1.0);
      return frame;
    });
    EXPECT_NEAR(heard.seconds, 10.0, 1e-9) << rate;
  }
}

TEST(OutputClock, AClockThatRunsALittleFasterIsFollowed) {
  for (const double rate : {0.97, 0.998, 1.002, 1.03}) {
    const Heard heard = play(30000, [&](std::size_t, TimedFrame frame) {
      *frame.stamp *= rate;
      return frame;
    });
    EXPECT_NEAR(heard.seconds, 600.0, 1e-6) << rate;
  }
}

TEST(OutputClock, AClockThatWasSetAnewIsNoGap) {
  const Heard heard = play(500, [](std::size_t i, TimedFrame frame) {
    *frame.stamp += i >= 200 ? 1000.0 : 0.0;
    *frame.stamp -= i >= 350 ? 3000.0 : 0.0;
    return frame;
  });
  EXPECT_NEAR(heard.seconds, 10.0, 1e-9);
}

TEST(OutputClock, AFewFramesDoNotClaimHoursOfSilence) {
  const Heard heard = play(300, [](std::size_t i, TimedFrame frame) {
    frame.damaged_before = i > 0;
    frame.lost_before = 29.0;
    frame.stamp.reset();
    return frame;
  });
  EXPECT_NEAR(heard.seconds - heard.silence, 6.0, 1e-9);
  EXPECT_LE(heard.silence, 60.0 + 10.0 * 6.0 + 1e-9);  // not 299 * 29
  EXPECT_GE(heard.silence, 60.0);
}

TEST(OutputClock, DamageIsSilenceByStampsOrByItsOwnAccount) {
  const auto damaged = [](bool stamped) {
    return play(100, [=](std::size_t i, TimedFrame frame) {
      *frame.stamp += i >= 50 ? 0.04 : 0.0;
      if (i == 50) frame.damaged_before = true, frame.lost_before = 0.06;
      if (!stamped) frame.stamp.reset();
      return frame;
    });
  };
  EXPECT_NEAR(damaged(true).seconds, 2.04, 1e-9);
  EXPECT_NEAR(damaged(false).seconds, 2.06, 1e-9);
}

}  // namespace
}  // namespace pop2piano
