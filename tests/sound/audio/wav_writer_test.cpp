// SPDX-License-Identifier: MIT
#include "sound/audio/wav_writer.h"

#include <pop2piano/audio.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/core/mapped_file.h"
#include "scratch_folder.h"
#include "sound/audio/media_maker.h"

namespace pop2piano {
namespace {

std::vector<float> written_and_read(const WavOptions& options, std::span<const float> samples) {
  const testing::ScratchFolder folder;
  WavWriter writer(folder / "a.wav", options);
  writer.write(samples.first(samples.size() / 2));
  writer.write(samples.subspan(samples.size() / 2));
  writer.commit();
  return Recording::open(folder / "a.wav", {.sample_rate = options.sample_rate}).read_all().samples;
}

TEST(WavWriter, RoundTripWithinHalfAStepOfEachFormat) {
  const auto in = testing::sine(440.0, 0.1, 44100, 1);
  const std::pair<WavFormat, float> formats[] = {
      {WavFormat::pcm16, 0x1p-16F}, {WavFormat::pcm24, 0x1p-24F}, {WavFormat::float32, 0.0F}};
  for (const auto& [format, half_step] : formats) {
    const auto out = written_and_read({.channels = 1, .format = format, .dither = Dither::none}, in);
    ASSERT_EQ(out.size(), in.size());
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(out[i], in[i], half_step + 1e-9F) << i;
  }
}

// Triangular dither of +-1 step has a variance of 1/6 step^2 and rounding adds 1/12; the error's mean is 0 for any
// signal.
TEST(WavWriter, DitherMakesTheErrorANoiseOfKnownPower) {
  const std::vector<float> in(100000, 0.3F / 32768.0F);  // plain rounding would lose it
  const auto out = written_and_read({.channels = 1}, in);
  double mean = 0.0, power = 0.0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double error = (static_cast<double>(out[i]) - static_cast<double>(in[i])) * 32768.0;
    mean += error / 1e5;
    power += error * error / 1e5;
  }
  EXPECT_NEAR(mean, 0.0, 0.01);
  EXPECT_NEAR(power, 0.25, 0.01);
}

TEST(WavWriter, SilenceStaysSilentAndLoudnessIsClipped) {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  const auto out =
      written_and_read({.channels = 1, .dither = Dither::none}, std::vector<float>{0.0F, 0.0F, 2.0F, -2.0F, bad, 1.0F});
  const float top = 32767.0F / 32768.0F;
  EXPECT_EQ(out, (std::vector<float>{0.0F, 0.0F, top, -1.0F, 0.0F, top}));
  for (const float sample : written_and_read({.channels = 1}, std::vector<float>(1000, 0.0F))) ASSERT_EQ(sample, 0.0F);
}

TEST(WavWriter, OddSizesArePadded) {
  const testing::ScratchFolder folder;
  WavWriter writer(folder / "a.wav", {.channels = 1, .format = WavFormat::pcm24});
  writer.write(std::vector<float>(3, 0.5F));
  EXPECT_EQ(writer.frames(), 3U);
  writer.commit();
  EXPECT_EQ(MappedFile(folder / "a.wav").bytes().size(), 44U + 9U + 1U);
}

TEST(WavWriter, LeavesNothingWithoutCommit) {
  const testing::ScratchFolder folder;
  { WavWriter(folder / "a.wav", {}).write(std::vector<float>(100, 0.5F)); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(WavWriter, RefusesWhatTheHeaderCannotSay) {
  EXPECT_NO_THROW(static_cast<void>(wav_header({}, (std::uint64_t{1} << 30) - 32)));
  EXPECT_THROW(static_cast<void>(wav_header({}, std::uint64_t{1} << 30)), Error);
  EXPECT_THROW(static_cast<void>(wav_header({}, std::numeric_limits<std::uint64_t>::max())), Error);
  EXPECT_THROW(WavWriter("/tmp/a.wav", {.sample_rate = 0}), Error);
  EXPECT_THROW(WavWriter("/tmp/a.wav", {.channels = 0}), Error);
  EXPECT_THROW(WavWriter("/nowhere/a.wav", {}), Error);
}

}  // namespace
}  // namespace pop2piano
