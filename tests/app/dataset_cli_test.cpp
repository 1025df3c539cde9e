// SPDX-License-Identifier: MIT
// `pop2piano dataset` and `synthesize` as a user runs them.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/output_file.h"
#include "core/random.h"
#include "dataset/record_examples.h"
#include "dataset/record_writer.h"
#include "dataset/sound_coding.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

class DatasetCli : public ::testing::Test {
 protected:
  Outcome dataset(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "dataset");
    return run_program(arguments, {.working_folder = folder_.path()});
  }
  // Three songs; the first holds 12 s of sound.
  void write_records() {
    RecordWriter writer(folder_ / "songs.p2pd");
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      SongRecord song = random_song(seed);
      if (seed == 0) {
        auto bytes = encode_flac(simple_song(12, 110), 22050);
        const std::uint64_t size = bytes.size();
        song.tensors.push_back({std::string(kAudioTensor), ElementType::u8, {size}, std::move(bytes)});
      }
      writer.add(song);
    }
    writer.finish();
  }

  const ScratchFolder folder_;
};

TEST_F(DatasetCli, RecordsAreCountedCheckedCopiedAndExported) {
  write_records();
  const Outcome info = dataset({"info", "songs.p2pd", "--json"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_EQ(json::parse(info.out).at("records"), 3);
  EXPECT_EQ(dataset({"verify", "songs.p2pd"}).exit_code, 0);
  EXPECT_EQ(dataset({"merge", "songs.p2pd", "--out", "merged"}).exit_code, 0);
  EXPECT_EQ(json::parse(dataset({"info", "merged", "--json"}).out).at("records"), 3);
  EXPECT_EQ(dataset({"export-midi", "songs.p2pd", "--out", "midi"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::is_empty(folder_ / "midi"));
}

TEST_F(DatasetCli, FeaturesAreMadeAnewWhereThereIsSound) {
  write_records();
  const Outcome heard = dataset({"features", "songs.p2pd", "--out", "new"});
  ASSERT_EQ(heard.exit_code, 0) << heard.err;
  EXPECT_EQ(line_count(heard.err), 2U) << heard.err;  // the two without sound
  EXPECT_EQ(json::parse(dataset({"info", "new", "--json"}).out).at("records"), 1);
  EXPECT_NE(dataset({"features", "songs.p2pd", "--out", "new"}).out.find("1 shards were there"), std::string::npos);
}

TEST_F(DatasetCli, StatisticsSetTwoSidesBesideEachOther) {
  write_records();
  std::filesystem::create_directory(folder_ / "recordings");
  write_float_wav(folder_ / "recordings/song.wav", simple_song(12, 90), 22050, 1);
  const Outcome both = dataset({"stats", "recordings", "songs.p2pd", "--plot", "distance.svg"});
  ASSERT_EQ(both.exit_code, 0) << both.err;
  EXPECT_NE(both.out.find("crest dB"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "distance.svg").find("<polyline"), std::string::npos);
  EXPECT_NE(dataset({"stats", "recordings", "songs.p2pd", "--plot", "distance.svg"}).exit_code, 0);
}

TEST_F(DatasetCli, BadInputIsNamed) {
  write_file(folder_ / "foreign.p2pd", "no records");
  for (const auto& [arguments, words] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{{{"info", "foreign.p2pd"}, "foreign.p2pd"},
                                                                     {{"stats", "nowhere"}, "nowhere"},
                                                                     {{"stats", "foreign.p2pd"}, "foreign.p2pd"}}) {
    const Outcome outcome = dataset(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << words;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
  }
  const Outcome corpus = run_program({"synthesize", folder_ / "none", "--out", folder_ / "out"});
  EXPECT_EQ(corpus.exit_code, 1);
  EXPECT_NE(corpus.err.find("none"), std::string::npos);
  std::filesystem::create_directory(folder_ / "tunes");
  write_file(folder_ / "tunes" / "bare.abc", std::string_view("X:1\nK:C\nCDEF GABc|\n"));
  const Outcome bare = run_program({"synthesize", folder_ / "tunes", "--out", folder_ / "out"});
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_NE(bare.err.find("chord symbols"), std::string::npos) << bare.err;
  EXPECT_EQ(line_count(bare.err), 1U) << bare.err;
}

}  // namespace
}  // namespace pop2piano::testing
