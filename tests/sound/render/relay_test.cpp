// SPDX-License-Identifier: MIT
// The bounds on what waits to be heard, which keep an hour of music in bounded memory.
#include "sound/render/relay.h"

#include <pop2piano/error.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kBlock = 100;
constexpr auto kLongEnough = std::chrono::milliseconds(100);  // for a thread that is not held back to go on

TEST(Relay, HearsStretchesInOrderWhateverTheOrderOfPlaying) {
  Relay relay(3, 3, 1000);
  const std::vector<float> first(10, 1.0F), second(20, 2.0F), third(30, 3.0F);
  relay.send(2, third);
  relay.end(2, 3);
  relay.send(1, second);
  relay.end(1, 2);
  relay.send(0, first);
  relay.end(0, 1);
  std::vector<float> heard;
  std::size_t stretch = 0;
  while (stretch < 3) {
    std::vector<float> sound;
    const bool over = relay.receive(stretch, sound);
    heard.insert(heard.end(), sound.begin(), sound.end());
    if (over) stretch = relay.go_on(stretch);
  }
  ASSERT_EQ(heard.size(), 60U);
  EXPECT_EQ(heard[9], 1.0F);
  EXPECT_EQ(heard[10], 2.0F);
  EXPECT_EQ(heard[30], 3.0F);
}

TEST(Relay, AStretchThatIsNotHeardYetWaitsWhenItHasSentEnough) {
  Relay relay(2, 2, 5 * kBlock);
  std::atomic<int> sent{0};
  std::jthread player([&] {
    const std::vector<float> block(kBlock);
    while (sent < 50 && relay.send(1, block)) ++sent;
  });
  std::this_thread::sleep_for(kLongEnough);
  EXPECT_EQ(sent, 5);
  relay.end(0, 1);
  ASSERT_EQ(relay.go_on(0), 1U);  // now it is heard
  for (std::size_t got = 0; got < 50 * kBlock;) {
    std::vector<float> sound;
    relay.receive(1, sound);
    got += sound.size();
  }
  player.join();
  EXPECT_EQ(sent, 50);
}

TEST(Relay, AStretchTooFarAheadIsNotBegun) {
  Relay relay(100, 3, kBlock);
  std::atomic<std::size_t> begun{0};
  std::jthread player([&] {
    while (const auto stretch = relay.next_stretch()) {
      ++begun;
      relay.end(*stretch, *stretch + 1);
    }
  });
  std::this_thread::sleep_for(kLongEnough);
  EXPECT_EQ(begun, 4U);  // 0 is heard, three lie ahead
  for (std::size_t stretch = 0; stretch < 100;) {
    std::vector<float> sound;
    if (relay.receive(stretch, sound)) stretch = relay.go_on(stretch);
  }
  player.join();
  EXPECT_EQ(begun, 100U);
}

TEST(Relay, AStretchThatAnotherHasPlayedIsLeftOut) {
  Relay relay(3, 3, kBlock);
  const std::vector<float> block(10);
  EXPECT_TRUE(relay.send(1, block));
  relay.send(0, block);
  relay.end(0, 2);
  EXPECT_EQ(relay.go_on(0), 2U);
  EXPECT_FALSE(relay.send(1, block));
  EXPECT_TRUE(relay.send(2, block));
}

TEST(Relay, FailuresReachTheListenerAndStopReachesThePlayers) {
  Relay relay(2, 1, kBlock);
  relay.fail(std::make_exception_ptr(std::runtime_error("first")));
  relay.fail(std::make_exception_ptr(std::runtime_error("second")));
  std::vector<float> sound;
  EXPECT_THROW(relay.receive(0, sound), std::runtime_error);
  EXPECT_THROW(relay.all_done(), std::runtime_error);
  relay.stop();
  EXPECT_FALSE(relay.next_stretch().has_value());
  EXPECT_FALSE(relay.send(0, std::vector<float>(10)));
}

}  // namespace
}  // namespace pop2piano
