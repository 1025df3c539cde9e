// SPDX-License-Identifier: MIT
// One channel out of several: the plain mean, bit for bit, unless it would lose what is in opposite phase.
#include "sound/audio/mono.h"

#include <pop2piano/audio.h>

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/audio/media_maker.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::make_media;

constexpr double kBand = 300.0, kVoice = 1000.0, kReverb = 2000.0;  // Hz, tones that stand for them
constexpr int kRate = kAnalysisSampleRate;

double tone(double hertz, std::size_t i, double phase = 0.0) {
  return std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / kRate + phase);
}

/// 4 s of left and right.
Recording opened(const std::function<std::pair<double, double>(std::size_t)>& sound, int channels = 2) {
  const testing::ScratchFolder folder;
  std::vector<float> samples;
  for (std::size_t i = 0; i < 4U * kRate; ++i) {
    const auto [left, right] = sound(i);
    for (int c = 0; c < channels; ++c) samples.push_back(static_cast<float>(c % 2 == 0 ? left : right));
  }
  make_media(folder / "a.wav", {.codec = "pcm_f32le", .sample_rate = kRate, .channels = channels}, samples);
  return Recording::open(folder / "a.wav", {.sample_rate = kRate});
}

double level(const Recording& recording, double hertz) {
  return amplitude_at(hertz, recording.read_all().samples, kRate);
}

std::pair<double, double> song(std::size_t i) {
  const double middle = 0.3 * tone(kBand, i) + 0.2 * tone(kVoice, i);
  return {middle + 0.07 * tone(kReverb, i), middle - 0.07 * tone(kReverb, i)};
}

TEST(Mono, OrdinaryStereoIsThePlainMeanBitForBit) {
  const auto recording = opened(song);
  const auto samples = recording.read_all().samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto [left, right] = song(i);
    const float mean = 0.5F * static_cast<float>(left) + 0.5F * static_cast<float>(right);
    ASSERT_EQ(samples[i], mean) << i;
  }
  EXPECT_TRUE(recording.description().remarks.empty());
}

TEST(Mono, OneInvertedChannelLosesNothing) {
  const auto recording = opened([](std::size_t i) { return std::pair(song(i).first, -song(i).second); });
  EXPECT_NEAR(level(recording, kBand), 0.3, 1e-3);
  EXPECT_NEAR(level(recording, kVoice), 0.2, 1e-3);
  ASSERT_EQ(recording.description().remarks.size(), 1U);
  EXPECT_NE(recording.description().remarks.front().find("opposite phase"), std::string::npos);
}

TEST(Mono, TheDifferenceOfEqualChannelsIsHeardAgainWhenItIsDecodedAnew) {
  const auto recording = opened([](std::size_t i) { return std::pair(0.5 * tone(kVoice, i), -0.5 * tone(kVoice, i)); });
  EXPECT_NEAR(recording.peak(), 0.5F, 1e-3F);
  const auto again = recording.stream_at(2 * kRate);
  std::vector<float> samples(2U * kRate);
  ASSERT_EQ(again->read(samples), samples.size());
  EXPECT_NEAR(amplitude_at(kVoice, samples, 2 * kRate), 0.5, 1e-3);
}

TEST(Mono, AVoiceOutOfPhaseIsHeard) {
  const auto recording = opened([](std::size_t i) {
    const double band = 0.3 * tone(kBand, i), voice = 0.2 * tone(kVoice, i);
    return std::pair(band + voice, band - voice);
  });
  EXPECT_NEAR(level(recording, kBand), 0.3, 1e-3);
  EXPECT_NEAR(level(recording, kVoice), 0.2, 1e-3);
  EXPECT_EQ(recording.description().remarks.size(), 1U);
}

// 3 dB weaker on the side where it is inverted, and 3 dB weaker altogether in a band that is loud.
TEST(Mono, AWeakVoiceOutOfPhaseIsHeard) {
  for (const auto& [voice_left, voice_right] : {std::pair(0.2, -0.14), std::pair(0.075, -0.075)}) {
    const auto recording = opened([&, left = voice_left, right = voice_right](std::size_t i) {
      return std::pair(0.3 * tone(kBand, i) + left * tone(kVoice, i), 0.3 * tone(kBand, i) + right * tone(kVoice, i));
    });
    EXPECT_NEAR(level(recording, kVoice), voice_left, 1e-3);
    EXPECT_EQ(recording.description().remarks.size(), 1U);
  }
}

// What is out of phase, but much weaker on one side, as a chorus or a wide echo makes it, stays in the mean.
TEST(Mono, AWideEchoIsThePlainMean) {
  const auto recording = opened([](std::size_t i) {
    const double middle = 0.3 * tone(kBand, i), echo = tone(kVoice, i);
    return std::pair(middle + 0.15 * echo, middle - 0.05 * echo);
  });
  EXPECT_NEAR(level(recording, kVoice), 0.05, 1e-3);
  EXPECT_TRUE(recording.description().remarks.empty());
}

TEST(Mono, ChannelsWithoutAnythingInCommonAreTheirMean) {
  const auto recording = opened([](std::size_t i) { return std::pair(0.4 * tone(kBand, i), 0.4 * tone(kVoice, i)); });
  EXPECT_NEAR(level(recording, kBand), 0.2, 1e-3);
  EXPECT_NEAR(level(recording, kVoice), 0.2, 1e-3);
  EXPECT_TRUE(recording.description().remarks.empty());
}

TEST(Mono, FourChannelsThatCancelAreTheLoudest) {
  const auto recording =
      opened([](std::size_t i) { return std::pair(0.3 * tone(kVoice, i), -0.3 * tone(kVoice, i)); }, 4);
  EXPECT_NEAR(level(recording, kVoice), 0.3, 1e-3);
}

// Frames of 4 s, as lossless codecs have them: several measured blocks lie in one.
TEST(Mono, LongFramesAreMeasuredBlockByBlock) {
  std::vector<float> left(4U * kRate), right(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<float>(tone(kVoice, i)), right[i] = -left[i];
  const std::uint8_t* planes[] = {reinterpret_cast<const std::uint8_t*>(left.data()),
                                  reinterpret_cast<const std::uint8_t*>(right.data())};
  const PcmBlock both{SampleType::float32, true, 2, left.size(), planes};
  const PcmBlock one{SampleType::float32, true, 1, left.size(), planes};
  ChannelStatistics statistics(kRate);
  for (const PcmBlock& block : {both, one, both}) statistics.add(block);
  EXPECT_EQ(statistics.choose().kind, Mono::Kind::difference);
}

TEST(Mono, SilenceStaysTheMean) {
  const auto recording = opened([](std::size_t) { return std::pair(0.0, 0.0); });
  EXPECT_EQ(recording.peak(), 0.0F);
  EXPECT_TRUE(recording.description().remarks.empty());
}

}  // namespace
}  // namespace pop2piano
