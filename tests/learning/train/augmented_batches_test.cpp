// SPDX-License-Identifier: MIT
// What options make of a batch: styles, weights of tokens, masks, level, and input and target moved together.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "learning/train/tiny_model.h"
#include "learning/train_t5/batches.h"
#include "scratch_folder.h"
#include "writing/tokens/voices_song.h"

namespace pop2piano::training {
namespace {

constexpr AugmentationOptions kNothing{.lowest_contrast = 1.0,
                                       .highest_contrast = 1.0,
                                       .level = 0.0,
                                       .equaliser = 0.0,
                                       .most_masks = 0,
                                       .jitter_chance = 0.0,
                                       .melody_loss_chance = 0.0};
constexpr std::size_t kBands = 64, kChannels = 8;

// Frames of bands at 0.5 and channels of the melody at 1, augmented.
Matrix<float> augmented(const AugmentationOptions& options, std::uint64_t seed) {
  Matrix<float> frames(24, kBands + kChannels, 1.0F);
  for (std::size_t r = 0; r < frames.rows(); ++r) std::ranges::fill(frames.row(r).first(kBands), 0.5F);
  augment(frames, options, {0, seed}, {10.0, 11025.0, kBands}, -3.0F);
  return frames;
}

TEST(Augmentation, MasksAreRunsOfBandsOfTheAllowedWidths) {
  auto options = kNothing;
  options.most_masks = 1;
  options.narrowest_mask = 3;
  options.widest_mask = 9;
  std::set<std::ptrdiff_t> widths;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto frames = augmented(options, seed);
    const auto first = frames.row(0), bands = first.first(kBands);
    const auto width = std::ranges::count(bands, 0.0F);
    EXPECT_EQ(std::ssize(std::ranges::search_n(bands, width, 0.0F)), width) << seed;  // one run
    widths.insert(width);
    for (std::size_t r = 0; r < frames.rows(); ++r) EXPECT_TRUE(std::ranges::equal(frames.row(r), first)) << seed;
    for (const float channel : first.subspan(kBands)) EXPECT_EQ(channel, 1.0F);
  }
  EXPECT_EQ(widths, (std::set<std::ptrdiff_t>{0, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Augmentation, LevelAddsOneConstantAndContrastIsAFactor) {
  auto louder = kNothing, sharper = kNothing;
  louder.level = 0.25;
  sharper.lowest_contrast = 0.5;
  sharper.highest_contrast = 2.0;
  float lowest = 0.0F, highest = 0.0F;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto frames = augmented(louder, seed);
    const float added = frames(0, 0) - 0.5F;
    lowest = std::min(lowest, added);
    highest = std::max(highest, added);
    const float factor = augmented(sharper, seed)(0, 0) / 0.5F;
    EXPECT_GE(factor, 0.5F);
    EXPECT_LE(factor, 2.0F);
    for (std::size_t r = 0; r < frames.rows(); ++r) {
      for (std::size_t b = 0; b < kBands + kChannels; ++b) EXPECT_EQ(frames(r, b), b < kBands ? 0.5F + added : 1.0F);
    }
  }
  EXPECT_NEAR(lowest, -0.25F, 0.02F);
  EXPECT_NEAR(highest, 0.25F, 0.02F);
  EXPECT_NE(augmented(sharper, 1)(0, 0), augmented(sharper, 2)(0, 0));
}

class AugmentedBatches : public ::testing::Test {
 protected:
  AugmentedBatches() : config(testing::tiny_run(folder.path())) { config.augmentation = kNothing; }
  BatchMaker maker() {
    return {std::make_shared<const TrainingSongs>(config, model, Split::train), config, model, {}, at::kFloat};
  }
  testing::ScratchFolder folder;
  TrainConfig config;
  ModelConfig model = testing::tiny_model();
};

TEST_F(AugmentedBatches, StylesAreDroppedAsOftenAsTheConfigSays) {
  constexpr int kFlowingBroken = 3, kDenseChords = 6;  // of even and odd songs
  for (const double chance : {0.0, 0.3, 1.0}) {
    config.style_dropout = chance;
    auto m = maker();
    int dropped = 0, all = 0;
    for (int step = 0; step < 50; ++step) {
      const auto batch = m.training_batch(step, 0);
      for (std::int64_t r = 0; r < config.batch; ++r, ++all) {
        const auto style = batch.styles[r].item<std::int64_t>();
        const auto& name = batch.songs[static_cast<std::size_t>(r)];  // "made-up/12#0"
        const bool odd = (name[name.find('#') - 1] - '0') % 2 == 1;
        if (style == 0) ++dropped;
        EXPECT_TRUE(style == 0 || style == (odd ? kDenseChords : kFlowingBroken)) << name << " " << style;
      }
    }
    EXPECT_NEAR(static_cast<double>(dropped) / all, chance, chance == 0.3 ? 0.1 : 0.0);  // 4 deviations of 400 draws
  }
}

TEST_F(AugmentedBatches, TokensWeighByTheirKind) {
  config.loss = {.position = 3, .melody_pitch = 5, .accompaniment_pitch = 7, .duration = 11, .end = 13};
  const std::map<VoicesTokenKind, float> expected{
      {VoicesTokenKind::position, 3.0F},  {VoicesTokenKind::melody, 5.0F}, {VoicesTokenKind::accompaniment, 7.0F},
      {VoicesTokenKind::duration, 11.0F}, {VoicesTokenKind::end, 13.0F},   {VoicesTokenKind::other, 0.0F}};
  const auto batch = maker().training_batch(0, 0);
  const auto vocabulary = vocabulary_of(model.tokens);
  std::set<VoicesTokenKind> seen;
  for (std::int64_t i = 0; i < batch.targets.numel(); ++i) {
    const auto kind = voices_token_kind(vocabulary, static_cast<int>(batch.targets[i].item<std::int64_t>()));
    seen.insert(kind);
    EXPECT_EQ(batch.weights[i].item<float>(), expected.at(kind)) << i;
  }
  EXPECT_EQ(seen.size(), expected.size());
}

// A song whose melody is one pitch, heard at its fundamental, on every other beat.
SongRecord song_of_one_pitch(int pitch, int band, int bands) {
  auto song = testing::made_up_song(0, {.beats = 32, .bands = bands});
  song.description.notes.clear();
  std::ranges::fill(song.features.flat(), float_to_half(-6.0F));
  std::ranges::fill(song.tensors.front().bytes, std::byte{0});
  for (int step = 0; step < 32 * kStepsPerBeat; ++step) {
    if (step / kStepsPerBeat % 2 != 0) continue;
    if (step % kStepsPerBeat == 0) song.description.notes.push_back({step, kStepsPerBeat, pitch, 80, 0});
    const auto row = static_cast<std::size_t>(step);
    song.features(row, static_cast<std::size_t>(band)) = float_to_half(3.0F);
    const auto channel = testing::kMadeUpChannels / 2 + static_cast<std::size_t>(pitch - 33);
    song.tensors.front().bytes[row * testing::kMadeUpChannels + channel] = std::byte{255};
  }
  return song;
}

TEST_F(AugmentedBatches, TargetBandsAndMelodyAreTransposedTogether) {
  constexpr int kPitch = 84, kManyBands = 512;
  model.features.n_mels = kManyBands;
  const auto mel = [](double hertz) { return 2595.0 * std::log10(1.0 + hertz / 700.0); };
  const auto band_of = [&](int pitch) {
    const double first = mel(model.features.f_min), last = mel(model.features.f_max);
    const double hertz = 440.0 * std::exp2((pitch - 69) / 12.0);
    return (mel(hertz) - first) * (kManyBands + 1) / (last - first) - 1.0;
  };
  RecordWriter writer(folder / "songs.p2pd");
  writer.add(song_of_one_pitch(kPitch, static_cast<int>(std::lround(band_of(kPitch))), kManyBands));
  writer.finish();
  config.augmentation.pitch_shift_chance = 1.0;
  config.augmentation.most_pitch_shift = 3;
  auto m = maker();
  std::set<int> shifts;
  for (int step = 0; step < 8; ++step) {
    const auto batch = m.training_batch(step, 0);
    const auto targets = batch.targets.view({config.batch, -1});
    for (std::int64_t r = 0; r < config.batch; ++r) {
      std::vector<int> tokens;
      for (std::int64_t t = 0; t < targets.size(1); ++t)
        tokens.push_back(static_cast<int>(targets[r][t].item<std::int64_t>()));
      const auto notes = m.language().decode(tokens, 0);
      ASSERT_FALSE(notes.empty());
      shifts.insert(notes.front().pitch - kPitch);
      for (const Note& note : notes) {
        EXPECT_EQ(note.pitch, notes.front().pitch);
        const auto frame = batch.features[r][2 * kStepsPerBeat + note.onset];
        const auto loudest = frame.narrow(0, 0, kManyBands).argmax().item<std::int64_t>();
        EXPECT_NEAR(static_cast<double>(loudest), band_of(note.pitch), 1.0) << note.pitch;
        const auto melody = frame.narrow(0, kManyBands + 64, 64);
        EXPECT_EQ(melody.sum().item<float>(), 1.0F);
        EXPECT_EQ(melody[note.pitch - 33].item<float>(), 1.0F) << note.pitch;
      }
    }
  }
  EXPECT_EQ(shifts, (std::set<int>{-3, -2, -1, 0, 1, 2, 3}));
}

}  // namespace
}  // namespace pop2piano::training
