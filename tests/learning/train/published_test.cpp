// SPDX-License-Identifier: MIT
// The published kind of network: tokens, what it hears, initialisation from published files, a run and its export.
#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "learning/train/published_model.h"
#include "learning/train_t5/export_model.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/trainer.h"
#include "scratch_folder.h"
#include "writing/cover/published_input.h"

namespace pop2piano::training {
namespace {

using testing::published_model;
using testing::published_run;
using testing::ScratchFolder;
using testing::sounding_song;

const std::filesystem::path kGolden = std::filesystem::path(POP2PIANO_TEST_DATA) / "golden";

Note eighths(int onset, int offset, int pitch) {
  return {.onset = 6 * onset, .duration = 6 * (offset - onset), .pitch = static_cast<std::int16_t>(pitch)};
}

// Those cases of the authors' tokenizer that one segment can hold, with equal times from low to high as we order them.
TEST(PublishedLanguage, WritesTheAuthorsTokens) {
  const auto language = language_of(published_model());
  int compared = 0;
  for (const auto& item : nlohmann::json::parse(std::ifstream(kGolden / "notes_to_tokens.json"))) {
    const int offset = item.at("offset");
    std::vector<Note> notes;
    std::set<int> pitches;
    std::vector<std::array<int, 3>> order;
    bool fits = true;
    for (const auto& n : item.at("notes")) {
      order.push_back({n[0], n[1], n[2]});
      notes.push_back(eighths(n[0], n[1], n[2]));
      fits = fits && n[0].get<int>() < offset + 8 && n[1].get<int>() <= offset + 12 &&
             pitches.insert(n[2].get<int>()).second;
    }
    if (!fits || !std::is_sorted(order.begin(), order.end())) continue;
    // Segments begin on beats, the cases on any 8th.
    for (Note& note : notes) note.onset -= 6 * offset;
    EXPECT_EQ(language->encode(notes, 0), item.at("tokens").get<std::vector<int>>());
    ++compared;
  }
  EXPECT_GT(compared, 3);
}

TEST(PublishedLanguage, TokensDecodeToTheRoundedNotes) {
  const auto language = language_of(published_model());
  EXPECT_EQ(language->segment_steps(), 48);
  std::vector<Note> notes{eighths(7, 9, 50), eighths(8, 9, 60), eighths(8, 24, 64), eighths(15, 16, 67),
                          eighths(16, 18, 70)};
  notes[1].onset += 3;  // halfway: the earlier 8th
  notes[3].onset += 4;  // nearer to the next segment
  const auto decoded = language->decode(language->encode(notes, 48), 48);
  ASSERT_EQ(decoded.size(), 2U);  // of onset 8; the others lie before or behind
  EXPECT_EQ(decoded[0].onset, 48);
  EXPECT_EQ(decoded[0].pitch, 60);
  EXPECT_EQ(decoded[1].pitch, 64);
  EXPECT_EQ(decoded[1].duration, 72);  // cut 12 steps after the segment's start
}

TEST(PublishedLanguage, APitchStruckAgainEndsBefore) {
  const auto language = language_of(published_model());
  const std::vector<Note> notes{eighths(0, 6, 60), eighths(2, 4, 60), eighths(2, 3, 60)};
  const auto decoded = language->decode(language->encode(notes, 0), 0);
  ASSERT_EQ(decoded.size(), 2U);
  EXPECT_EQ(decoded[0].duration, 12);
  EXPECT_EQ(decoded[1].onset, 12);
  EXPECT_EQ(decoded[1].duration, 12);
}

TEST(PublishedLanguage, LossIsPlainAndSegmentsHaveFourBeats) {
  auto model = published_model();
  const auto language = language_of(model);
  EXPECT_EQ(language->loss_weight(kPadToken, {}), 0.0F);
  for (const int token : {1, 60, 133, 140}) EXPECT_EQ(language->loss_weight(token, {}), 1.0F);
  EXPECT_EQ(language->constraint(), nullptr);
  model.features.segment_beats = 8;
  EXPECT_THROW((void)language_of(model), Error);
}

TEST(SegmentMel, IsWhatTheEngineHears) {
  const auto song = sounding_song(3, 12);
  const auto& flac = song.tensors.front().bytes;
  const auto model = published_model();
  const Recording recording = Recording::from({.samples = decode_flac(flac)});
  BeatGrid grid;
  grid.times = song.description.beat_times;
  grid.numbers = song.description.beat_numbers;
  const Analysis analysis =
      analyse(recording, {.beats = {.given = grid}, .features = model.features, .melody = MelodyEvidence::none});
  const PublishedInput input(model, analysis);
  const auto request = input.request();
  const auto first_beats = input.first_beats();
  const SegmentMel mel(model.features);
  std::int64_t longest = 0;
  for (const double beat : first_beats)
    longest = std::max(longest, mel.samples(analysis.grid.times, static_cast<int>(beat)));
  ASSERT_EQ(static_cast<std::size_t>(mel.frames(mel.padded(longest))), request.features.frames);
  std::vector<float> expected(request.features.frames * static_cast<std::size_t>(model.features.n_mels));
  ASSERT_GE(first_beats.size(), 3u);
  for (std::size_t segment = 0; segment < first_beats.size(); ++segment) {
    request.features.read(segment, expected);
    const auto got = mel.read(flac, analysis.grid.times, static_cast<int>(first_beats[segment]), mel.padded(longest));
    ASSERT_EQ(got.flat().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(got.flat()[i], expected[i], 1e-4) << segment;
  }
}

class PublishedBatches : public ::testing::Test {
 protected:
  PublishedBatches() : config(published_run(folder.path())) {}
  void write(const SongRecord& song) {
    RecordWriter writer(folder / "songs.p2pd");
    writer.add(song);
    writer.finish();
  }
  std::shared_ptr<const TrainingSongs> songs() {
    return std::make_shared<const TrainingSongs>(config, published_model(), Split::train);
  }
  std::string message() {
    try {
      songs();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  ScratchFolder folder;
  TrainConfig config;
};

TEST_F(PublishedBatches, HoldSegmentsOfLikeLength) {
  BatchMaker maker(songs(), config, published_model(), {}, at::kBFloat16);
  std::set<std::int64_t> frames;
  for (int step = 0; step < 4; ++step) {
    const auto batch = maker.training_batch(step, 0);
    EXPECT_EQ(batch.features.scalar_type(), at::kFloat);
    EXPECT_EQ(batch.features.size(2), 48);
    frames.insert(batch.features.size(1));
    EXPECT_TRUE(at::equal(batch.weights, batch.targets.ne(0).to(at::kFloat)));
  }
  EXPECT_GT(frames.size(), 1U);
}

TEST_F(PublishedBatches, NeedSoundOfTheNetworksRate) {
  auto song = sounding_song(1, 8);
  auto silent = song;
  silent.tensors.clear();
  write(silent);
  EXPECT_NE(message().find("no training song with sound"), std::string::npos) << message();
  song.tensors.front().bytes = encode_flac(std::vector<float>(100000, 0.1F), 44100);
  song.tensors.front().shape = {song.tensors.front().bytes.size()};
  write(song);
  EXPECT_NE(message().find("44100 Hz"), std::string::npos) << message();
  song.tensors.front().bytes.assign(1000, std::byte{9});
  song.tensors.front().shape = {1000};
  write(song);
  EXPECT_NE(message().find("no training song"), std::string::npos) << message();
}

TEST(PublishedTraining, StartsFromEveryKindOfPublishedFile) {
  ScratchFolder folder;
  auto config = published_run(folder.path());
  config.architecture.clear();
  for (const char* kind : {"hf_safetensors", "hf_bin", "lightning"}) {
    config.start_from = (kGolden / "tiny" / kind).string();
    config.output = (folder / kind).string();
    const Trainer trainer(config, StartFrom::scratch);
    const auto weights = trainer.parameters().named(trainer.parameters().master());
    EXPECT_TRUE(at::equal(weights.at("lm_head.weight"), read_weights(config.start_from).at("lm_head.weight"))) << kind;
    EXPECT_EQ(compare_with_engine(config.start_from, read_any_model(config.start_from), 3).equal, 3) << kind;
  }
}

TEST(PublishedTraining, SixtyStepsExportWhatTheEngineRuns) {
  ScratchFolder folder;
  const auto config = published_run(folder.path());
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  const auto& lines = trainer.log().lines();
  EXPECT_LT(lines.back().loss, 0.75 * lines.front().loss);
  const auto best = folder / "run" / "best";
  const auto json = nlohmann::json::parse(std::ifstream(best / "config.json"));
  EXPECT_FALSE(json.contains("format"));
  EXPECT_EQ(json.at("composer_vocab_size"), 21);
  const auto generation = nlohmann::json::parse(std::ifstream(best / "generation_config.json"));
  EXPECT_EQ(generation.at("composer_to_feature_token").at("composer21"), 2072);
  EXPECT_TRUE(std::filesystem::exists(best / "preprocessor_config.json"));
  EXPECT_EQ(write_config(read_config(best)), write_config(published_model()));
  const auto checkpoint = folder / "run" / "checkpoints" / "step-000000060.safetensors";
  const auto report = compare_with_engine(folder / "run" / "last", read_any_model(checkpoint), 4);
  EXPECT_EQ(report.equal, 4);
  EXPECT_GT(report.tokens, 0);
}

}  // namespace
}  // namespace pop2piano::training
