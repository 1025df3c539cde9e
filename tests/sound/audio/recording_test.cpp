// SPDX-License-Identifier: MIT
#include <pop2piano/audio.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/audio/media_maker.h"
#include "sound/audio/recording_blocks.h"
#include "sound/audio/resampler.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::make_media;
using testing::rms;
using testing::sine;

std::vector<float> drain(SampleStream& stream, std::size_t block) {
  std::vector<float> all, part(block);
  while (const std::size_t got = stream.read(part))
    all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  return all;
}

/// 3 s of a rising tone, so that every moment is different.
std::vector<float> sweep(int rate, int channels) {
  std::vector<float> out;
  for (int i = 0; i < 3 * rate; ++i) {
    const double t = static_cast<double>(i) / rate;
    const double phase = 2.0 * std::numbers::pi * (200.0 + 500.0 * t) * t;
    out.insert(out.end(), static_cast<std::size_t>(channels), static_cast<float>(0.5 * std::sin(phase)));
  }
  return out;
}

TEST(RecordingBlocks, GiveEverySampleOnceReportAndStop) {
  const std::vector<float> samples = sweep(50'000, 1);
  const Recording recording = Recording::from({50'000, samples});
  std::vector<float> read;
  std::vector<double> fractions;
  const Monitor monitor{.progress = [&](std::string_view stage, double fraction) {
    EXPECT_EQ(stage, "listen");
    fractions.push_back(fraction);
  }};
  read_blocks(recording, {.stage = "listen", .share = 0.5}, monitor,
              [&](std::span<const float> block) { read.insert(read.end(), block.begin(), block.end()); });
  EXPECT_EQ(read, samples);
  ASSERT_EQ(fractions.size(), 3U);  // 150,000 samples
  EXPECT_EQ(fractions[0], 0.5 * 65'536 / 150'000);
  EXPECT_EQ(fractions[2], 0.5);
  CancelToken cancel;
  int blocks = 0;
  const auto cancelling = [&](std::span<const float>) { ++blocks, cancel.cancel(); };
  EXPECT_THROW(read_blocks(recording, {}, {.progress = {}, .cancel = &cancel}, cancelling), Error);
  EXPECT_EQ(blocks, 1);
}

TEST(Recording, SilenceStaysSilent) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, std::vector<float>(2 * 48000, 0.0F));
  const auto recording = Recording::open(folder / "a.wav");
  EXPECT_EQ(recording.sample_count(), kAnalysisSampleRate);
  EXPECT_EQ(recording.peak(), 0.0F);
  for (const float sample : recording.read_all().samples) ASSERT_EQ(sample, 0.0F);
}

TEST(Recording, ChannelsBecomeTheirMean) {
  const testing::ScratchFolder folder;
  std::vector<float> stereo;
  for (int i = 0; i < 22050; ++i) stereo.insert(stereo.end(), {0.75F, -0.25F});
  make_media(folder / "a.wav", {.codec = "pcm_f32le", .sample_rate = 22050}, stereo);
  const auto recording = Recording::open(folder / "a.wav");
  for (const float sample : recording.read_all().samples) ASSERT_EQ(sample, 0.25F);
  EXPECT_EQ(recording.peak(), 0.25F);
}

TEST(Recording, StreamsAreAlikeInMemoryAndDecodedAnew) {
  const testing::ScratchFolder folder;
  const bool lossy = testing::has_encoder("libvorbis");
  make_media(folder / "a",
             {.format = lossy ? "ogg" : "flac", .codec = lossy ? "libvorbis" : "flac", .sample_rate = 44100},
             sweep(44100, 2));
  const auto kept = Recording::open(folder / "a", {.start = 0.5, .end = 2.5});
  const auto anew = Recording::open(folder / "a", {.start = 0.5, .end = 2.5, .keep_in_memory_below = 0.0});
  const auto expected = kept.read_all().samples;
  EXPECT_EQ(expected.size(), 2U * kAnalysisSampleRate);
  EXPECT_EQ(drain(*kept.stream(), 1000), expected);
  EXPECT_EQ(drain(*anew.stream(), 777), expected);
  EXPECT_EQ(drain(*anew.stream(), 1), expected);
  EXPECT_EQ(anew.sample_count(), kept.sample_count());
  EXPECT_EQ(anew.peak(), kept.peak());
}

TEST(Recording, StartAndEndCutOutAPartOfTheWhole) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {.sample_rate = 44100}, sweep(44100, 2));
  const auto whole = Recording::open(folder / "a.wav").read_all().samples;
  const auto part = Recording::open(folder / "a.wav", {.start = 1.0, .end = 2.0}).read_all().samples;
  ASSERT_EQ(part.size(), 22050U);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 22050));
  const auto rest = Recording::open(folder / "a.wav", {.start = 2.5, .end = 99.0}).read_all().samples;
  EXPECT_EQ(rest.size(), whole.size() - 55125U);
}

TEST(Recording, StreamAtAnotherRateIsInSync) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {.codec = "pcm_f32le", .sample_rate = 48000}, sweep(48000, 2));
  const auto recording = Recording::open(folder / "a.wav", {.start = 1.0});
  const auto fast = drain(*recording.stream_at(2 * kAnalysisSampleRate), 4096);
  const auto slow = recording.read_all().samples;
  ASSERT_NEAR(static_cast<double>(fast.size()), 2.0 * static_cast<double>(slow.size()), 2.0);
  for (std::size_t i = 100; i + 100 < slow.size(); ++i) ASSERT_NEAR(fast[2 * i], slow[i], 1e-3F) << i;
}

TEST(Recording, FromSamplesCanBeResampled) {
  const auto recording = Recording::from({22050, sine(440.0, 1.0, 22050, 1)});
  const auto fast = drain(*recording.stream_at(44100), 4096);
  EXPECT_NEAR(static_cast<double>(fast.size()), 44100.0, 2.0);
  EXPECT_NEAR(amplitude_at(440.0, std::span(fast).subspan(4410, 35280), 44100), 0.5, 1e-4);
  EXPECT_EQ(drain(*recording.stream(), 100), recording.read_all().samples);
}

TEST(Recording, BadSamplesBecomeHarmless) {
  const testing::ScratchFolder folder;
  auto samples = sine(440.0, 1.0, 22050, 1);
  samples[1000] = std::numeric_limits<float>::quiet_NaN();
  samples[2000] = std::numeric_limits<float>::infinity();
  samples[3000] = -1e30F;
  for (const char* codec : {"pcm_f32le", "pcm_f64le"}) {
    make_media(folder / "a.wav", {.codec = codec, .sample_rate = 22050, .channels = 1}, samples);
    const auto recording = Recording::open(folder / "a.wav");
    const auto all = recording.read_all().samples;
    EXPECT_EQ(all[1000], 0.0F);
    EXPECT_EQ(all[2000], 0.0F);
    EXPECT_EQ(all[3000], -32.0F);
    EXPECT_EQ(all[4000], samples[4000]);
    ASSERT_EQ(recording.description().warnings.size(), 2U);
    EXPECT_NE(recording.description().warnings[0].find("2 samples were NaN"), std::string::npos);
    EXPECT_NE(recording.description().warnings[1].find("1 samples beyond"), std::string::npos);
  }
}

TEST(Recording, ProgressRisesToOne) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, sweep(48000, 2));
  double last = -1.0;
  static_cast<void>(Recording::open(folder / "a.wav", {}, {.progress = [&](std::string_view stage, double fraction) {
                                      EXPECT_EQ(stage, "decode");
                                      EXPECT_GE(fraction, last);
                                      last = fraction;
                                    }}));
  EXPECT_EQ(last, 1.0);
}

TEST(Recording, CanBeCancelled) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, sweep(48000, 2));
  CancelToken token;
  const Monitor monitor{.progress = [&](std::string_view, double) { token.cancel(); }, .cancel = &token};
  try {
    static_cast<void>(Recording::open(folder / "a.wav", {}, monitor));
    FAIL() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

// Band-limiting: what lies above the new Nyquist frequency must not fold back. libsoxr at 28 bits and the long filter
// of libswresample both keep it below -80 dB.
TEST(Resampler, RemovesWhatCannotBeHeld) {
  std::vector<float> out;
  Resampler resampler(48000, 22050, 1);
  resampler.push(sine(15000.0, 1.0, 48000, 1), out);
  resampler.finish(out);
  EXPECT_NEAR(static_cast<double>(out.size()), 22050.0, 1.0);
  EXPECT_LT(rms(std::span(out).subspan(2000, 18000)), 5e-5);
}

TEST(Resampler, AnImpulseStaysWhereItIs) {
  for (const int from : {8000, 44100, 48000, 192000}) {
    std::vector<float> in(static_cast<std::size_t>(from), 0.0F), out;
    in[in.size() / 2] = 1.0F;
    Resampler resampler(from, 22050, 1);
    resampler.push(in, out);
    resampler.finish(out);
    const auto peak = std::max_element(out.begin(), out.end()) - out.begin();
    EXPECT_NEAR(static_cast<double>(peak), 11025.0, 1.0) << from;
  }
}

TEST(Resampler, EqualRatesChangeNothing) {
  const auto in = sine(440.0, 0.1, 22050, 2);
  std::vector<float> out;
  Resampler resampler(22050, 22050, 2);
  resampler.push(in, out);
  resampler.finish(out);
  EXPECT_EQ(out, in);
}

}  // namespace
}  // namespace pop2piano
