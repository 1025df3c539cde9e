// SPDX-License-Identifier: MIT
// Sound in memory: lossless whole and in parts, lossy with the same alignment.
#include "learning/studio/sound_coding.h"

#include <pop2piano/error.h>

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kRate = 22050;

std::vector<float> rising_tone(std::size_t samples) {
  std::vector<float> sound(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / kRate;
    sound[i] = static_cast<float>(0.5 * std::sin(2.0 * std::numbers::pi * (440.0 + 30.0 * t) * t));
  }
  return sound;
}

TEST(SoundCoding, LossyCodersKeepTwoChannelsApart) {
  const auto x = rising_tone(44100);
  for (const LossyCodec codec : {LossyCodec::mp3, LossyCodec::vorbis}) {
    const auto sides = codec_round_trip({x, std::vector<float>(x.size(), 0.0F)}, kRate, codec, 0.9);
    ASSERT_EQ(sides.size(), 2U);
    double left = 0, right = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      left += static_cast<double>(sides[0][i]) * sides[0][i];
      right += static_cast<double>(sides[1][i]) * sides[1][i];
    }
    ASSERT_EQ(sides[1].size(), x.size());
    EXPECT_GT(left, 4000.0);  // of 44100 / 8
    EXPECT_LT(right, 0.01 * left);
  }
}

TEST(SoundCoding, FlacIsExactToSixteenBitsAndLossyCodersStayAligned) {
  const auto x = rising_tone(44100);
  const auto y = decode_flac(encode_flac(x, kRate));
  ASSERT_EQ(y.size(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1.0 / 32000);
  for (const LossyCodec codec : {LossyCodec::mp3, LossyCodec::vorbis}) {
    const auto z = codec_round_trip({x}, kRate, codec, 0.6).front();
    ASSERT_EQ(z.size(), x.size());
    double product = 0;
    for (std::size_t i = 5000; i < 40000; ++i) product += static_cast<double>(x[i]) * z[i];
    EXPECT_GT(product / (35000 * 0.125), 0.9);
  }
  const std::vector<std::byte> nonsense(100, std::byte{7});
  EXPECT_THROW((void)decode_flac(nonsense), Error);
}

TEST(FlacReader, PartsAreThoseOfTheWhole) {
  const auto file = encode_flac(rising_tone(300000), kRate);
  const auto whole = decode_flac(file);
  FlacReader reader(file);
  EXPECT_EQ(reader.sample_rate(), kRate);
  EXPECT_EQ(reader.size(), 300000);
  for (const std::int64_t first : {200001, 0, 77777, 299000, 5}) {
    std::vector<float> part(1000);
    reader.read(first, part);
    for (std::size_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i], whole[static_cast<std::size_t>(first) + i]);
  }
}

TEST(FlacReader, IsSilentOutsideTheFile) {
  const auto file = encode_flac(std::vector<float>(5000, 0.25F), kRate);
  FlacReader reader(file);
  std::vector<float> part(4000, 9.0F);
  reader.read(-2000, part);
  EXPECT_EQ(part[1999], 0.0F);
  EXPECT_NEAR(part[2000], 0.25F, 1e-4);
  reader.read(4000, part);
  EXPECT_NEAR(part[999], 0.25F, 1e-4);
  EXPECT_EQ(part[1000], 0.0F);
  reader.read(100000, part);
  EXPECT_EQ(part[0], 0.0F);
}

TEST(FlacReader, RefusesWhatIsNoFlacAndWhatIsCut) {
  const std::vector<std::byte> nonsense(100, std::byte{7});
  EXPECT_THROW(FlacReader{nonsense}, Error);
  auto file = encode_flac(rising_tone(300000), kRate);
  file.resize(file.size() / 2);
  FlacReader reader(file);
  std::vector<float> part(1000);
  EXPECT_THROW(reader.read(290000, part), Error);
}

}  // namespace
}  // namespace pop2piano
