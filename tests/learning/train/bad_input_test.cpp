// SPDX-License-Identifier: MIT
// Records, weights and checkpoints that do not fit: one error each, and what was good stays.
#include <pop2piano/error.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "learning/train/tiny_model.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/trainer.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

class BadInput : public ::testing::Test {
 protected:
  BadInput() : config(testing::tiny_run(folder.path())) {
    config.steps = config.rate.total_steps = 2;
    config.validation_segments = config.decoded_segments = 0;
    config.checkpoint_every = 1;
  }

  // What the trainer says when it starts or runs; empty: nothing.
  std::string message(StartFrom start = StartFrom::scratch) {
    TrainerEvents events;
    events.note = [&](const std::string& line) { notes += line + "\n"; };
    try {
      Trainer trainer(config, start, events);
      trainer.run(CancelToken{});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::filesystem::path records() { return folder / "songs.p2pd"; }

  testing::ScratchFolder folder;
  TrainConfig config;
  std::string notes;
};

TEST_F(BadInput, ForeignRecordsAreNamed) {
  std::ofstream(records(), std::ios::binary) << std::string(5000, 'x');
  const auto text = message();
  EXPECT_NE(text.find("songs.p2pd"), std::string::npos) << text;
  config.records = {{(folder / "absent").string(), 1.0}};
  EXPECT_NE(message().find("absent"), std::string::npos);
  config.records.clear();
  EXPECT_NE(message().find("data.records"), std::string::npos);
}

TEST_F(BadInput, ATruncatedShardGivesItsWholeSongs) {
  std::filesystem::resize_file(records(), std::filesystem::file_size(records()) / 2);
  EXPECT_EQ(message(), "");
  EXPECT_NE(notes.find("records: "), std::string::npos) << notes;
  EXPECT_NE(notes.find("songs.p2pd"), std::string::npos) << notes;
}

TEST_F(BadInput, DamagedBytesWithinARecordAreNoCrash) {
  // All over the file: whatever is still sound is trained on, the rest is named.
  std::fstream file(records(), std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(records()));
  for (std::streamoff at = 2000; at < size; at += 150000) {
    file.seekp(at);
    file.write("damage", 6);
  }
  file.close();
  const auto text = message();
  EXPECT_TRUE(text.empty() || text.find("songs.p2pd") != std::string::npos) << text;
}

TEST_F(BadInput, FeaturesThatAreNoNumbersNameSongAndFile) {
  constexpr std::uint16_t kInfinity = 0x7C00, kNotANumber = 0x7E00;
  for (const std::uint16_t value : {kInfinity, kNotANumber}) {
    auto song = testing::made_up_song(3, {.beats = 32, .bands = testing::kTinyBands});
    song.features(100, 50) = value;
    RecordWriter writer(records());
    writer.add(song);
    writer.finish();
    const auto text = message();
    EXPECT_NE(text.find("made-up/3#0: features in " + records().string()), std::string::npos) << text;
    EXPECT_NE(text.find("pop2piano dataset verify"), std::string::npos) << text;
    EXPECT_EQ(text.find("peak_rate"), std::string::npos) << text;
  }
}

TEST_F(BadInput, FeaturesOfAnotherWidthAreNamed) {
  testing::write_made_up_records(records(), {.count = 3, .beats = 32, .bands = 48});
  const auto text = message();
  EXPECT_NE(text.find("features of 48 bands, the network reads 64"), std::string::npos) << text;
  EXPECT_NE(text.find("made-up/0"), std::string::npos) << text;
}

TEST_F(BadInput, InitialWeightsOfAnotherNetworkAreNamed) {
  ASSERT_EQ(message(), "");
  config.start_from = (folder / "run" / "last").string();
  auto wider = testing::tiny_model();
  wider.d_ff = 96;
  write_file(folder / "architecture" / "config.json", write_config(wider));
  config.output = (folder / "second").string();
  const auto text = message();
  EXPECT_NE(text.find("DenseReluDense.wi_0.weight is [64, 32], the network needs [96, 32]"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(folder / "second" / "train_config.json"));
}

TEST_F(BadInput, PathsThatAreNotThereComeWithTheirKey) {
  config.architecture = "absent";
  EXPECT_EQ(message().find("architecture: absent: not there"), 0U) << message();
  config.architecture.clear();
  config.start_from = "absent";
  EXPECT_EQ(message().find("start_from: absent: not there"), 0U) << message();
  config.architecture = (folder / "architecture").string();
  EXPECT_EQ(message().find("start_from: absent: "), 0U) << message();
}

TEST_F(BadInput, ACheckpointOfAnotherNetworkStaysAsItIs) {
  ASSERT_EQ(message(), "");
  const auto checkpoint = folder / "run" / "checkpoints" / "step-000000002.safetensors";
  const auto written = std::filesystem::last_write_time(checkpoint);
  const auto settings = std::filesystem::last_write_time(folder / "run" / "train_config.json");
  auto wider = testing::tiny_model();
  wider.d_ff = 96;
  write_file(folder / "architecture" / "config.json", write_config(wider));
  config.steps = config.rate.total_steps = 4;
  const auto text = message(StartFrom::newest_checkpoint);
  EXPECT_NE(text.find("another network"), std::string::npos) << text;
  EXPECT_NE(text.find("step-000000002"), std::string::npos) << text;
  EXPECT_EQ(std::filesystem::last_write_time(checkpoint), written);
  EXPECT_EQ(std::filesystem::last_write_time(folder / "run" / "train_config.json"), settings);
}

TEST_F(BadInput, WeightsThatAreNoNumbersAreRefused) {
  ASSERT_EQ(message(), "");
  std::ofstream(folder / "run" / "last" / "model.safetensors", std::ios::binary) << "no weights";
  config.start_from = (folder / "run" / "last").string();
  config.output = (folder / "second").string();
  EXPECT_NE(message().find("model.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano::training
