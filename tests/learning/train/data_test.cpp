// SPDX-License-Identifier: MIT
// Config files, augmentation, batches and the loader.
#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "learning/train/batch_loader.h"
#include "learning/train/tiny_model.h"
#include "learning/train/training_log.h"
#include "learning/train_t5/batches.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::kMadeUpChannels;
using testing::kTinyBands;
using testing::made_up_song;
using testing::ScratchFolder;
using testing::tiny_model;
using testing::tiny_run;

std::string message_of(const std::string& config, Training training = Training::t5) {
  try {
    (void)parse_train_config(config, "run.json", training);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TrainConfig, WritesWhatItReads) {
  TrainConfig config;
  config.steps = 77;
  config.records = {{"a", 1.0}, {"b", 0.25}};
  config.augmentation.jitter = 0.125;
  const auto back = parse_train_config(to_json(config), "run.json");
  EXPECT_EQ(to_json(back), to_json(config));
  EXPECT_EQ(back.rate.total_steps, 77);
}

TEST(TrainConfig, UnknownKeyNamesTheNearest) {
  EXPECT_EQ(message_of(R"({"optimiser": {"peak_rat": 1}})"),
            "run.json: unknown key \"optimiser.peak_rat\", did you mean \"optimiser.peak_rate\"?");
}

TEST(TrainConfig, EveryTrainingWritesWhatItReads) {
  for (const Training training : {Training::t5, Training::melody, Training::beats}) {
    TrainConfig config = default_config(training);
    config.records = {{"a", 2.0}};
    config.start_from = "weights";
    const auto silent = [](const std::string& line) { ADD_FAILURE() << line; };
    const auto back = parse_train_config(to_json(config, training), "run.json", training, silent);
    EXPECT_EQ(to_json(back, training), to_json(config, training));
    EXPECT_EQ(back.start_from, "weights");
    EXPECT_NE(config_help(training).find("  optimiser.peak_rate "), std::string::npos);
  }
  EXPECT_EQ(config_help(Training::t5).find("loss.downbeat"), std::string::npos);
  EXPECT_NE(config_help(Training::beats).find("(a whole number of at least 1, default 6000)"), std::string::npos);
}

TEST(TrainConfig, FormerSpellingsStillWorkAndSaySo) {
  const std::string beats = R"({"start_from": "w", "records": ["a"], "validation": ["b"], "segment_frames": 512,
    "peak_rate": 0.25, "warmup_steps": 3, "weight_decay": 0.5, "average_decay": 0.75, "downbeat_weight": 0.125,
    "checkpoint_every": 7, "validation_batches": 5})";
  std::vector<std::string> notes;
  const auto note = [&](const std::string& line) { notes.push_back(line); };
  const TrainConfig c = parse_train_config(beats, "run.json", Training::beats, note);
  EXPECT_EQ(notes.size(), 10U);
  EXPECT_NE(std::ranges::find(notes,
                              "run.json: \"peak_rate\" is now called \"optimiser.peak_rate\"; the old name "
                              "still works"),
            notes.end());
  EXPECT_EQ(c.records.front().path + c.validation_records.front().path, "ab");
  EXPECT_EQ(c.segment_frames, 512);
  EXPECT_EQ(c.rate.peak + c.optimiser.weight_decay + c.optimiser.average_decay + c.loss.downbeat, 1.625);
  EXPECT_EQ(c.rate.warmup_steps + c.checkpoint_every + c.validation_batches, 15);
  notes.clear();
  EXPECT_EQ(parse_train_config(R"({"initial": "w"})", "run.json", Training::t5, note).start_from, "w");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes.front().find("start_from"), std::string::npos);
  EXPECT_NE(message_of(R"({"initial": "w", "start_from": "v"})"), "") << "which of them?";
}

TEST(TrainConfig, KeysOfOtherTrainingsAreNamed) {
  std::string notes;
  const auto note = [&](const std::string& line) { notes += line + "\n"; };
  (void)parse_train_config(R"({"precision": "f32", "steps": 3, "loss": {"end": 2}})", "run.json", Training::melody,
                           note);
  EXPECT_EQ(notes, "run.json: melody does not read loss.end, precision\n");
  EXPECT_NE(message_of(R"({"precision": "f16"})", Training::melody), "") << "but must be good";
}

TEST(TrainConfig, ErrorsSayWhatIsExpected) {
  EXPECT_EQ(message_of(R"({"batch": 0})"), "run.json: batch must be a whole number from 1 to 65536, found 0");
  EXPECT_EQ(message_of(R"({"dropout": 1})"), "run.json: dropout must be a number from 0 to below 1, found 1");
  EXPECT_EQ(message_of(R"({"device": "tpu"})"), "run.json: device must be auto or cpu or cuda, found \"tpu\"");
  EXPECT_EQ(message_of(R"({"optimiser": {"peak_rate": 0}})"),
            "run.json: optimiser.peak_rate must be a number above 0, found 0");
  EXPECT_NE(message_of(R"({"steps": 5})", Training::beats).find("data.records is missing"), std::string::npos);
}

TEST(TrainConfig, AnEmptySectionMustBeKnown) {
  EXPECT_EQ(message_of(R"({"optimizer": {}})"), "run.json: unknown key \"optimizer\", did you mean \"optimiser\"?");
  EXPECT_NE(message_of(R"({"data": {"records": {}}})"), "");
  EXPECT_NE(message_of(R"({"steps": {}})"), "");
  EXPECT_EQ(message_of(R"({"optimiser": {}, "data": {}})"), "");
}

TEST(TrainConfig, OverfitChangesNothingOfWhatIsHeard) {
  TrainConfig config;
  config.augmentation.noise_chance = config.augmentation.pitch_shift_chance = 1.0;
  const auto options = overfit_config(config, 4, 100).augmentation;
  Random random(1);
  Matrix<float> frames(24, 40, 0.5F);
  for (int i = 0; i < 100; ++i) {
    augment(frames, options, draw_augmentation(options, random), {10.0, 11025.0, 32}, -3.0F);
    for (const float value : frames.flat()) ASSERT_EQ(value, 0.5F) << i;
  }
}

TEST(TrainConfig, RefusesWrongValues) {
  for (const char* text :
       {R"({"steps": "many"})", R"({"steps": -1})", R"({"steps": 0})", R"({"steps": 1.5})", R"({"precision": "f16"})",
        R"({"data": {"records": "folder"}})", R"({"data": {"records": [{"wight": 1}]}})", R"({"dropout": 1})",
        R"({"optimiser": {"beta1": 1e999}})", "[]", "{"}) {
    EXPECT_NE(message_of(text), "") << text;
  }
}

TEST(Augmentation, NothingToDoLeavesFramesAlone) {
  Matrix<float> frames(10, 16, 0.5F);
  frames(3, 4) = -1.0F;
  const Matrix<float> before = frames;
  const AugmentationOptions off{.lowest_contrast = 1.0,
                                .highest_contrast = 1.0,
                                .level = 0.0,
                                .equaliser = 0.0,
                                .most_masks = 0,
                                .jitter_chance = 0.0};
  augment(frames, off, {0, 5}, {}, -3.0F);
  EXPECT_TRUE(std::equal(frames.flat().begin(), frames.flat().end(), before.flat().begin()));
}

TEST(Augmentation, PitchShiftMovesAPeakByItsFrequencyRatio) {
  Matrix<float> frames(4, 512, -3.0F);
  for (std::size_t r = 0; r < 4; ++r) frames(r, 200) = 3.0F;
  AugmentationOptions options{.lowest_contrast = 1.0,
                              .highest_contrast = 1.0,
                              .level = 0.0,
                              .equaliser = 0.0,
                              .most_masks = 0,
                              .jitter_chance = 0.0};
  augment(frames, options, {12, 5}, {10.0, 11025.0}, -3.0F);
  const auto row = frames.row(0);
  const auto peak = std::max_element(row.begin(), row.end()) - row.begin();
  // Band 200 of 512 lies at 1408 Hz; twice that is band 295.
  EXPECT_NEAR(static_cast<double>(peak), 295.0, 2.0);
}

TEST(Augmentation, PitchShiftMovesTheMelodyAndItMayBeLost) {
  constexpr std::size_t kBands = 64, kPitches = 64;
  AugmentationOptions options{.lowest_contrast = 0.5, .highest_contrast = 0.5, .equaliser = 0.2, .jitter_chance = 0.0};
  options.melody_loss_chance = 0.0;
  const auto augmented = [&] {
    Matrix<float> frames(4, kBands + 2 * kPitches, 0.0F);
    for (std::size_t r = 0; r < 4; ++r) frames(r, kBands + 30) = frames(r, kBands + kPitches + 40) = 1.0F;
    augment(frames, options, {3, 5}, {10.0, 11025.0, kBands}, -3.0F);
    return frames;
  };
  const Matrix<float> moved = augmented();
  for (std::size_t c = kBands; c < moved.columns(); ++c) {
    const bool melody = c == kBands + 33 || c == kBands + kPitches + 43;
    EXPECT_EQ(moved(2, c), melody ? 1.0F : 0.0F) << c;
  }
  options.melody_loss_chance = 1.0;
  const Matrix<float> lost = augmented();
  for (std::size_t c = kBands; c < lost.columns(); ++c) EXPECT_EQ(lost(2, c), 0.0F);
}

TEST(Augmentation, NoiseFillsWhatIsQuietAndHidesNothingLoud) {
  constexpr std::size_t kBands = 512;
  const AugmentationOptions options{.lowest_contrast = 1.0,
                                    .highest_contrast = 1.0,
                                    .level = 0.0,
                                    .equaliser = 0.0,
                                    .most_masks = 0,
                                    .noise_chance = 1.0,
                                    .noise_level = -1.0,
                                    .jitter_chance = 0.0,
                                    .melody_loss_chance = 0.0};
  double filled = 0.0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Matrix<float> frames(48, kBands + 4, -3.0F);
    for (std::size_t r = 0; r < frames.rows(); ++r) frames(r, 100) = 3.0F;  // 15 in the logarithm
    for (std::size_t r = 0; r < frames.rows(); ++r) frames(r, kBands + 1) = 1.0F;
    augment(frames, options, {0, seed}, {10.0, 11025.0, kBands, 5.0}, -3.0F);
    for (std::size_t r = 0; r < frames.rows(); ++r) {
      EXPECT_GT(frames(r, 100), frames(r, 300) + 1.0F);
      EXPECT_EQ(frames(r, kBands + 1), 1.0F);
      for (std::size_t b = 0; b < kBands; ++b) EXPECT_GE(frames(r, b), -3.0F);
      filled += frames(r, 400) > -2.9F ? 1 : 0;
    }
  }
  EXPECT_GT(filled, 0.9 * 20 * 48);
}

class Batches : public ::testing::Test {
 protected:
  Batches() : config(tiny_run(folder.path())), model(tiny_model()) {}
  BatchMaker maker(Split split = Split::train, Share share = {}) {
    return {std::make_shared<const TrainingSongs>(config, model, split), config, model, share, at::kFloat};
  }
  ScratchFolder folder;
  TrainConfig config;
  ModelConfig model;
};

TEST_F(Batches, SplitsBySongNumber) {
  EXPECT_EQ(maker().songs().size(), 27U);  // 30 songs; 7 and 27 are for tests, 13 for validation
  EXPECT_EQ(maker(Split::validation).songs().size(), 1U);
  EXPECT_EQ(maker(Split::validation).songs().song(0).name, "made-up/13#0");
}

// As prepared pairs are: the style is who arranged, its number that of the texture.
TEST_F(Batches, TwoArrangersAreTwoStyles) {
  const auto path = folder / "arranged.p2pd";
  RecordWriter writer(path);
  for (int i = 0; const char* arranger : {"Anna", "Ben", "Anna", "Carl"}) {
    SongRecord song = made_up_song(20 + i++, {.beats = 32, .bands = kTinyBands});
    song.description.split = "train";
    song.description.style = arranger;
    song.description.style_index = 5;
    writer.add(song);
  }
  writer.finish();
  config.records = {{path.string(), 1.0}};
  const auto styles = [&] {
    const TrainingSongs songs(config, model, Split::train);
    std::vector<int> result;
    for (std::size_t k = 0; k < songs.size(); ++k) result.push_back(songs.song(k).style);
    return result;
  };
  model.styles = {"auto", "Anna", "Ben"};
  EXPECT_EQ(styles(), (std::vector<int>{1, 2, 1, 0}));  // nobody has told the network of Carl
  model.styles = tiny_model().styles;
  EXPECT_EQ(styles(), std::vector<int>(4, 5));  // a network of textures takes the texture
}

TEST_F(Batches, DependOnSeedAndNumberOnly) {
  auto a = maker(), b = maker();
  const auto late = a.training_batch(9, 0);
  const auto first = b.training_batch(0, 0), again = b.training_batch(9, 0);
  EXPECT_TRUE(at::equal(late.features, again.features));
  EXPECT_TRUE(at::equal(late.targets, again.targets));
  EXPECT_NE(late.songs, first.songs);
}

TEST_F(Batches, TargetsAreInputsMovedByOne) {
  auto m = maker();
  const auto batch = m.training_batch(0, 0);
  const auto rows = batch.inputs.size(0), length = batch.inputs.size(1);
  const auto targets = batch.targets.view({rows, length});
  EXPECT_TRUE(at::equal(batch.inputs.narrow(1, 1, length - 1) * targets.narrow(1, 0, length - 1).ne(0),
                        targets.narrow(1, 0, length - 1) * batch.inputs.narrow(1, 1, length - 1).ne(0)));
  EXPECT_EQ(batch.inputs.narrow(1, 0, 1).sum().item<std::int64_t>(), 0);
  EXPECT_TRUE(at::equal(batch.weights.gt(0), batch.targets.ne(0)));
}

TEST_F(Batches, ProcessesShareOneLargeBatch) {
  auto wide = config;
  wide.batch = 16;
  BatchMaker whole(std::make_shared<const TrainingSongs>(wide, model, Split::train), wide, model, {}, at::kFloat);
  auto first = maker(Split::train, {0, 2}), second = maker(Split::train, {1, 2});
  auto names = first.training_batch(5, 0).songs;
  const auto more = second.training_batch(5, 0).songs;
  names.insert(names.end(), more.begin(), more.end());
  EXPECT_EQ(whole.training_batch(5, 0).songs, names);
}

TEST_F(Batches, FramesOutsideTheSongAreTheFloor) {
  auto m = maker();
  Matrix<float> frames(24, kTinyBands + kMadeUpChannels);
  m.songs().read_frames(0, -12, frames);
  EXPECT_EQ(frames(0, 0), -3.0F);
  EXPECT_EQ(frames(11, 5), -3.0F);
  EXPECT_EQ(frames(11, kTinyBands + 5), 0.0F);
  EXPECT_GT(*std::max_element(frames.row(12).begin(), frames.row(12).end()), 0.0F);
  Matrix<float> narrow(24, kTinyBands);
  EXPECT_THROW(m.songs().read_frames(0, 0, narrow), Error);
}

TEST_F(Batches, TheMelodyStandsBesideTheBands) {
  const auto source = maker();
  const auto plans = source.song_plans(0);
  ASSERT_FALSE(plans.empty());
  const auto frames = source.features_of({plans.data(), 1}, BatchMaker::Augmentation::none).front();
  const auto notes = source.language().decode(plans[0].tokens, 0);
  const std::size_t context = 24, melody = kTinyBands + kMadeUpChannels / 2;
  ASSERT_EQ(frames.columns(), kTinyBands + kMadeUpChannels);
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    EXPECT_EQ(
        frames(context + static_cast<std::size_t>(note.onset), melody + static_cast<std::size_t>(note.pitch - 33)),
        1.0F);
  }
  for (std::size_t c = kTinyBands; c < frames.columns(); ++c) EXPECT_EQ(frames(0, c), 0.0F);  // before the song
}

TEST_F(Batches, RecordsWithoutTheMelodyAreRefused) {
  auto song = made_up_song(1, {.count = 1, .beats = 32, .bands = kTinyBands});
  song.tensors.clear();
  RecordWriter writer(folder / "songs.p2pd");
  writer.add(song);
  writer.finish();
  EXPECT_THROW(maker(), Error);
}

TEST_F(Batches, TokensDecodeToTheSongsNotes) {
  auto m = maker();
  for (const auto& plan : m.fixed_plans(0, 10)) {
    const auto notes = m.language().decode(plan.tokens, plan.first_beat * 12);
    ASSERT_FALSE(notes.empty());
    for (const auto& note : notes) {
      const auto& all = m.songs().song(plan.song).notes;
      EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Note& n) {
        return n.onset == note.onset && n.pitch == note.pitch && n.voice == note.voice;
      }));
    }
  }
}

TEST(BatchLoader, HandsOutInOrderAndRethrows) {
  const auto make = [](std::int64_t index) {
    if (index == 7) throw Error(ErrorCode::malformed, "seven");
    Batch batch;
    batch.songs = {std::to_string(index)};
    return batch;
  };
  for (const int threads : {0, 3}) {
    BatchLoader<Batch> loader(make, 2, threads);
    for (int i = 2; i < 7; ++i) EXPECT_EQ(loader.next().songs[0], std::to_string(i));
    EXPECT_THROW(loader.next(), Error);
  }
}

TEST(TrainingLog, GoesOnAfterAStop) {
  ScratchFolder folder;
  {
    TrainingLog log(folder.path(), 0);
    for (int step = 10; step <= 50; step += 10) log.add(LogLine{step, 2.0, 1e-3, 1.0, 40.0, 1.0 * step});
    log.add(ValidationLine{50, 1.5, 0.5, 0.3, 0.2});
  }
  TrainingLog log(folder.path(), 30);
  EXPECT_EQ(log.lines().size(), 3U);
  EXPECT_TRUE(log.validations().empty());
  log.draw();
  EXPECT_NE(draw_svg(log.lines(), log.validations()).find("</svg>"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder / "curve.html"));
}

}  // namespace
}  // namespace pop2piano::training
