// SPDX-License-Identifier: MIT
#include "sound/soundfiles/sound_file.h"

#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/audio/wav_writer.h"
#include "wav_fixture.h"

namespace pop2piano {
namespace {

constexpr int kRate = 48000;

std::filesystem::path write_tone(const testing::ScratchFolder& folder) {
  std::vector<float> samples(2 * kRate);  // [frames, 2]
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = 0.5F * static_cast<float>(std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i / 2) / kRate));
  }
  WavWriter writer(folder / "tone.wav", {.sample_rate = kRate});
  writer.write(samples);
  writer.commit();
  return folder / "tone.wav";
}

TEST(SoundFiles, FlacIsBitExact) {
  const testing::ScratchFolder folder;
  const auto wav = write_tone(folder);
  encode_sound(wav, folder / "tone.flac");
  encode_sound(folder / "tone.flac", folder / "back.wav");
  const std::string before = testing::bytes_of(wav), after = testing::bytes_of(folder / "back.wav");
  const std::size_t sound = kRate * 4;
  ASSERT_GT(after.size(), sound);
  EXPECT_EQ(before.substr(before.size() - sound), after.substr(after.size() - sound));
}

TEST(SoundFiles, EveryKindThatIsPossibleHoldsTheTone) {
  const testing::ScratchFolder folder;
  const auto wav = write_tone(folder);
  EXPECT_TRUE(can_encode(".flac"));
  for (const std::string ending : {".flac", ".ogg", ".opus", ".mp3"}) {
    if (!can_encode(ending)) continue;
    encode_sound(wav, folder / ("tone" + ending));
    const Recording recording = Recording::open(folder / ("tone" + ending));
    EXPECT_NEAR(recording.duration(), 1.0, 0.1) << ending;
    EXPECT_NEAR(recording.peak(), 0.5, 0.1) << ending;
  }
}

TEST(SoundFiles, WhatIsNotPossibleIsSaidAndLeavesNothing) {
  const testing::ScratchFolder folder;
  const auto wav = write_tone(folder);
  EXPECT_FALSE(can_encode(".xyz"));
  EXPECT_THROW(encode_sound(wav, folder / "tone.xyz"), Error);
  EXPECT_THROW(encode_sound(folder / "none.wav", folder / "tone.flac"), Error);
  EXPECT_THROW(encode_sound(wav, folder / "none/tone.flac"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace pop2piano
