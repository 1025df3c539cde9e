// SPDX-License-Identifier: MIT
// Where music may be cut.
#include "sound/render/stretches.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kRate = 44100;

TimedEvent on(double seconds, std::uint8_t key = 60) { return {seconds, 0x90, key, 80}; }
TimedEvent off(double seconds, std::uint8_t key = 60) { return {seconds, 0x80, key, 0}; }
TimedEvent control(double seconds, std::uint8_t number, std::uint8_t value) { return {seconds, 0xB0, number, value}; }

/// A note each half second, held for `length` seconds, from 0 to `until`.
std::vector<TimedEvent> beats(double until, double length = 0.4) {
  std::vector<TimedEvent> events;
  for (int i = 0; 0.5 * i < until; ++i) {
    const auto key = static_cast<std::uint8_t>(50 + i % 20);
    events.push_back(on(0.5 * i, key));
    events.push_back(off(0.5 * i + length, key));
  }
  return events;
}

std::vector<std::int64_t> starts_of(const std::vector<TimedEvent>& events, int rate = kRate) {
  return music_of(events, 0.0, rate).starts;
}

TEST(Stretches, LieBetweenTwelveAndThirtySixSecondsOnWholeBlocks) {
  const Music music = music_of(beats(300.0), 0.0, kRate);
  ASSERT_GE(music.starts.size(), 8U);
  for (std::size_t i = 1; i < music.starts.size(); ++i) {
    EXPECT_EQ(music.starts[i] % kSynthBlock, 0) << i;
    EXPECT_GE(music.starts[i] - music.starts[i - 1], 12 * kRate) << i;
    EXPECT_LE(music.starts[i] - music.starts[i - 1], 36 * kRate) << i;
  }
  EXPECT_LE(music.starts.back() + 12 * kRate, music.end);
}

TEST(Stretches, BeginWhereNoKeyIsDown) {
  auto events = beats(60.0, 0.9);  // legato: the next key is struck before the last is let go
  for (auto& event : events) {
    if ((event.status & 0xF0) == 0x80 && event.seconds > 19.0 && event.seconds < 21.0) event.seconds = 19.6;
  }
  std::erase_if(events, [](const TimedEvent& e) { return e.seconds > 19.7 && e.seconds < 21.0; });
  const auto starts = starts_of(events);
  ASSERT_GE(starts.size(), 2U);
  EXPECT_NEAR(static_cast<double>(starts[1]) / kRate, 21.0, 0.002);
}

TEST(Stretches, NoneBeginsUnderAHeldKeyOrPedal) {
  auto held = beats(120.0);
  held.push_back(on(5.0, 30));
  held.push_back(off(118.0, 30));
  EXPECT_EQ(starts_of(held), std::vector<std::int64_t>{0});
  auto pedalled = beats(120.0);
  pedalled.push_back(control(0.1, 64, 127));
  pedalled.push_back(control(118.0, 64, 0));
  EXPECT_EQ(starts_of(pedalled), std::vector<std::int64_t>{0});
  auto pedalled_for_a_while = beats(120.0);
  pedalled_for_a_while.push_back(control(0.1, 64, 127));
  pedalled_for_a_while.push_back(control(60.0, 64, 0));
  const auto starts = starts_of(pedalled_for_a_while);
  ASSERT_GE(starts.size(), 2U);
  EXPECT_GE(starts[1], static_cast<std::int64_t>(56.0 * kRate));  // at most 4 s before the pedal is let go
  auto never_released = beats(120.0);
  never_released.push_back(on(5.0, 30));
  EXPECT_EQ(starts_of(never_released), std::vector<std::int64_t>{0});
  auto all_off = never_released;
  all_off.push_back(control(30.0, 123, 0));
  EXPECT_GE(starts_of(all_off).size(), 2U);
}

TEST(Stretches, NotesThatDependOnTheOnesBeforeAreNotCut) {
  for (const std::uint8_t number : {std::uint8_t{65}, std::uint8_t{68}, std::uint8_t{84}, std::uint8_t{126}}) {
    auto events = beats(120.0);
    events.push_back(control(1.0, number, 127));
    EXPECT_EQ(starts_of(events), std::vector<std::int64_t>{0}) << int{number};
  }
}

TEST(Stretches, NorWhereTheReverberationTakesTooLongToComeRound) {
  EXPECT_EQ(reverb_period(44100), 16 * 44100);
  EXPECT_EQ(reverb_period(48000), 48000);
  EXPECT_GE(starts_of(beats(120.0), 48000).size(), 2U);
  EXPECT_EQ(starts_of(beats(120.0), 44101), std::vector<std::int64_t>{0});
}

TEST(Stretches, ShortMusicAndSilenceAreOneStretch) {
  EXPECT_EQ(starts_of({}), std::vector<std::int64_t>{0});
  EXPECT_EQ(starts_of(beats(20.0)), std::vector<std::int64_t>{0});
  EXPECT_EQ(music_of({}, 600.0, kRate).starts, std::vector<std::int64_t>{0});
  EXPECT_EQ(music_of({}, 600.0, kRate).end, 600 * kRate);
}

}  // namespace
}  // namespace pop2piano
