// SPDX-License-Identifier: MIT
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/audio/decoder.h"
#include "sound/audio/media_maker.h"
#include "sound/render/loudness.h"
#include "sound/render/tiny_soundfont.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::rms;
using testing::sine;

constexpr int kRate = 44100;

struct Ears {
  std::vector<float> left, right;
};

Ears ears_of(const std::filesystem::path& wav) {
  MediaDecoder decoder(MediaFile::open(wav), {.channels = 2});
  Ears ears;
  std::vector<float> block(2048);
  while (const std::size_t got = decoder.read(block)) {
    for (std::size_t i = 0; i < got; i += 2) {
      ears.left.push_back(block[i]);
      ears.right.push_back(block[i + 1]);
    }
  }
  return ears;
}

double loudness_of(std::span<const float> samples) {
  LoudnessMeter meter(kRate);
  meter.push(samples);
  return meter.integrated();
}

Recording tone(double hertz, double seconds, double amplitude) {
  return Recording::from({22050, sine(hertz, seconds, 22050, 1, amplitude)});
}

std::size_t loudest(std::span<const float> samples) {
  return static_cast<std::size_t>(std::max_element(samples.begin(), samples.end()) - samples.begin());
}

class Mix : public ::testing::Test {
 protected:
  Ears mixed(const Recording& song, const Recording& piano, const MixOptions& options = {}) {
    mix_wav(song, piano, folder_ / "mix.wav", options);
    return ears_of(folder_ / "mix.wav");
  }
  testing::ScratchFolder folder_;
};

TEST_F(Mix, SongLeftPianoRightEquallyLoud) {
  const Ears ears = mixed(tone(440.0, 3.0, 0.9), tone(880.0, 2.0, 0.02));
  EXPECT_NEAR(loudness_of(ears.left), -20.0, 0.2);
  EXPECT_NEAR(loudness_of(std::span(ears.right).first(2 * kRate)), -20.0, 0.2);
  const auto left = std::span(ears.left).subspan(4410, 44100), right = std::span(ears.right).subspan(4410, 44100);
  EXPECT_GT(amplitude_at(440.0, left, kRate), 1000.0 * amplitude_at(880.0, left, kRate));
  EXPECT_GT(amplitude_at(880.0, right, kRate), 1000.0 * amplitude_at(440.0, right, kRate));
  EXPECT_NEAR(static_cast<double>(ears.left.size()), 3.0 * kRate, 2.0);
}

TEST_F(Mix, BalanceTurnsOneSideDown) {
  const auto song = tone(440.0, 2.0, 0.5), piano = tone(880.0, 2.0, 0.5);
  const Ears even = mixed(song, piano), song_only = mixed(song, piano, {.balance = -1.0}),
             piano_only = mixed(song, piano, {.balance = 1.0}), more_piano = mixed(song, piano, {.balance = 0.5});
  EXPECT_EQ(rms(song_only.right), 0.0);
  EXPECT_NEAR(rms(song_only.left), rms(even.left), 1e-5);
  EXPECT_EQ(rms(piano_only.left), 0.0);
  EXPECT_NEAR(rms(piano_only.right), rms(even.right), 1e-5);
  EXPECT_NEAR(rms(more_piano.left), 0.5 * rms(even.left), 1e-4);
  EXPECT_NEAR(rms(more_piano.right), rms(even.right), 1e-5);
}

TEST_F(Mix, BothSidesStartTogether) {
  auto clicks = [&](double seconds, const RecordingOptions& options, const char* name) {
    std::vector<float> samples(2U * kRate, 0.0F);
    samples[static_cast<std::size_t>(seconds * kRate)] = 0.5F;
    testing::make_media(folder_ / name, {.codec = "pcm_f32le", .sample_rate = kRate, .channels = 1}, samples);
    return Recording::open(folder_ / name, options);
  };
  const Ears whole = mixed(clicks(1.0, {}, "a.wav"), clicks(1.0, {}, "b.wav"));
  EXPECT_EQ(loudest(whole.left), loudest(whole.right));
  EXPECT_EQ(loudest(whole.left), 44100U);
  const Ears cut = mixed(clicks(1.0, {.start = 0.75, .end = 1.5}, "a.wav"), clicks(0.25, {}, "b.wav"));
  EXPECT_EQ(loudest(cut.left), 11025U);
  EXPECT_EQ(loudest(cut.right), 11025U);
}

TEST_F(Mix, SilenceStaysSilentAndNothingClips) {
  const Ears ears =
      mixed(Recording::from({22050, std::vector<float>(22050, 0.0F)}), tone(440.0, 1.0, 0.5), {.loudness_lufs = -10.0});
  EXPECT_EQ(rms(ears.left), 0.0);
  EXPECT_LE(*std::max_element(ears.right.begin(), ears.right.end()), 0.8914F);
}

TEST_F(Mix, CancelAndBadOptionsLeaveNothing) {
  const auto song = tone(440.0, 1.0, 0.5);
  CancelToken token;
  token.cancel();
  EXPECT_THROW(mix_wav(song, song, folder_ / "mix.wav", {}, {.cancel = &token}), Error);
  EXPECT_THROW(mix_wav(song, song, folder_ / "mix.wav", {.balance = 1.5}), Error);
  EXPECT_THROW(mix_wav(song, song, folder_ / "mix.wav", {.balance = std::nan("")}), Error);
  EXPECT_THROW(mix_wav(song, song, folder_ / "mix.wav", {.loudness_lufs = 0.0}), Error);
  EXPECT_THROW(mix_wav(song, song, folder_ / "mix.wav", {.sample_rate = 0}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

class RenderCover : public Mix {
 protected:
  RenderCover() {
    testing::write_tiny_soundfont(options_.soundfont = folder_ / "sine.sf2");
    score_.grid.times = {0.0, 0.5, 1.0, 1.5};
    score_.grid.numbers = {1, 2, 3, 4};
    score_.notes = {{.onset = 12, .duration = 12, .pitch = 81, .velocity = 90}};
  }
  Score score_;
  RenderOptions options_;
};

TEST_F(RenderCover, WritesWhatIsAskedFor) {
  const auto song = tone(440.0, 2.0, 0.5);
  render_cover(score_, song, {.piano = folder_ / "a.wav", .mix = folder_ / "a.mix.wav"}, options_);
  const Ears both = ears_of(folder_ / "a.mix.wav");
  std::filesystem::remove(folder_ / "a.wav");
  std::filesystem::remove(folder_ / "a.mix.wav");
  render_cover(score_, song, {.mix = folder_ / "a.mix.wav"}, options_);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2);  // the mix and the sound font
  const Ears alone = ears_of(folder_ / "a.mix.wav");
  EXPECT_EQ(alone.left, both.left);
  EXPECT_EQ(alone.right, both.right);
  EXPECT_EQ(rms(std::span(both.right).first(21000)), 0.0);
  EXPECT_GT(amplitude_at(880.0, std::span(both.right).subspan(26000, 13000), kRate), 0.05);
  EXPECT_GT(amplitude_at(440.0, std::span(both.left).subspan(4410, 22050), kRate), 0.05);
}

TEST_F(RenderCover, AnErrorInTheMixComesBeforeTheWork) {
  const auto song = tone(440.0, 1.0, 0.5);
  EXPECT_THROW(
      render_cover(score_, song, {.piano = folder_ / "a.wav", .mix = folder_ / "b.wav"}, options_, {.balance = 2.0}),
      Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.wav"));
}

}  // namespace
}  // namespace pop2piano
