// SPDX-License-Identifier: MIT
// `pop2piano dataset` and `synthesize` as a user runs them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "learning/dataset/record_examples.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/test_sound_font.h"
#include "learning/records/tiny_corpus.h"
#include "learning/studio/sound_coding.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

// Four bars of quarters over C, F, G and C.
std::string lead_sheet() {
  std::string bars;
  const std::string roots = "CFGC", steps = "CEGEFACAGBDBCEGC";
  for (int bar = 0; bar < 4; ++bar) {
    bars += "<measure number=\"" + std::to_string(bar + 1) + "\">";
    if (bar == 0)
      bars += "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>";
    bars += std::string("<harmony><root><root-step>") + roots[static_cast<std::size_t>(bar)] +
            "</root-step></root><kind>major</kind></harmony>";
    for (int beat = 0; beat < 4; ++beat) {
      bars += std::string("<note><pitch><step>") + steps[static_cast<std::size_t>(4 * bar + beat)] +
              "</step><octave>4</octave></pitch><duration>1</duration></note>";
    }
    bars += "</measure>";
  }
  return "<?xml version=\"1.0\"?><score-partwise version=\"3.1\"><part-list><score-part id=\"P1\"><part-name>Voice"
         "</part-name></score-part></part-list><part id=\"P1\">" +
         bars + "</part></score-partwise>";
}

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

  // Ordered by name; also those in folders below.
  std::vector<std::filesystem::path> files_in(const std::string& name) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / name)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  const ScratchFolder folder_;
};

TEST_F(DatasetCli, RecordsAreCountedCheckedCopiedAndExported) {
  write_records();
  const Outcome info = dataset({"info", "songs.p2pd", "--json"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_EQ(json::parse(info.out).at("records"), 3);
  EXPECT_EQ(dataset({"verify", "songs.p2pd"}).exit_code, 0);
  EXPECT_EQ(dataset({"merge", "songs.p2pd", "--output", "merged"}).exit_code, 0);
  EXPECT_EQ(json::parse(dataset({"info", "merged", "--json"}).out).at("records"), 3);
  EXPECT_EQ(dataset({"export-midi", "songs.p2pd", "--output", "midi"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::is_empty(folder_ / "midi"));
}

TEST_F(DatasetCli, ExportedFilesAreNotOverwrittenUnasked) {
  write_records();
  ASSERT_EQ(dataset({"export-midi", "songs.p2pd", "--output", "midi", "--song", "test/1"}).exit_code, 0);
  ASSERT_EQ(files_in("midi").size(), 1U);
  const auto mine = files_in("midi").front();
  write_file(mine, std::string_view("mine"));
  const Outcome refused = dataset({"export-midi", "songs.p2pd", "--output", "midi"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find(mine.filename().string() + ": exists; use --force"), std::string::npos) << refused.err;
  EXPECT_EQ(files_in("midi").size(), 1U);  // the other songs are not begun either
  EXPECT_EQ(bytes_of(mine), "mine");
  EXPECT_EQ(dataset({"export-midi", "songs.p2pd", "--output", "midi", "--force"}).exit_code, 0);
  EXPECT_EQ(files_in("midi").size(), 3U);
  EXPECT_EQ(bytes_of(mine).substr(0, 4), "MThd");
}

TEST_F(DatasetCli, PartsTogetherHoldEveryRecordOnce) {
  write_records();
  ASSERT_EQ(dataset({"split", "songs.p2pd", "--output", "parts", "--by", "number", "--parts", "2"}).exit_code, 0);
  std::vector<int> counts;
  for (const auto& part : files_in("parts")) {
    counts.push_back(json::parse(dataset({"info", part.string(), "--json"}).out).at("records"));
  }
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector<int>{1, 2}));
  EXPECT_EQ(dataset({"split", "songs.p2pd", "--output", "parts", "--by", "size"}).exit_code, 2);
}

TEST_F(DatasetCli, ADamagedRecordIsNamedAndFailsTheCheck) {
  write_records();
  std::string bytes = bytes_of(folder_ / "songs.p2pd");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  write_file(folder_ / "songs.p2pd", std::string_view(bytes));
  const Outcome outcome = dataset({"verify", "songs.p2pd"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("test/0"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("checksum"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("damaged"), std::string::npos) << outcome.err;
}

TEST_F(DatasetCli, FeaturesAreMadeAnewWhereThereIsSound) {
  write_records();
  const Outcome heard = dataset({"features", "songs.p2pd", "--output", "new"});
  ASSERT_EQ(heard.exit_code, 0) << heard.err;
  EXPECT_EQ(line_count(heard.err), 2U) << heard.err;  // the two without sound
  EXPECT_EQ(json::parse(dataset({"info", "new", "--json"}).out).at("records"), 1);
  EXPECT_NE(dataset({"features", "songs.p2pd", "--output", "new"}).out.find("1 shards were there"), std::string::npos);
}

TEST_F(DatasetCli, StatisticsSetTwoSidesBesideEachOther) {
  write_records();
  std::filesystem::create_directory(folder_ / "recordings");
  write_float_wav(folder_ / "recordings/song.wav", simple_song(12, 90), 22050, 1);
  const Outcome both = dataset({"stats", "recordings", "songs.p2pd", "--plot", "distance.svg"});
  ASSERT_EQ(both.exit_code, 0) << both.err;
  EXPECT_NE(both.out.find("crest dB"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "distance.svg").find("<polyline"), std::string::npos);
  const Outcome refused = dataset({"stats", "recordings", "songs.p2pd", "--plot", "distance.svg"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("distance.svg: exists; use --force"), std::string::npos) << refused.err;
}

TEST_F(DatasetCli, SongsAndLeadSheetsBecomeRecordsWithUsualAndUnseenSingers) {
  const auto found = test_sound_font();
  if (!found) GTEST_SKIP() << kNoSoundFont;
  write_tiny_song(folder_ / "corpus", 7, 16);
  std::filesystem::create_directory(folder_ / "sheets");
  write_file(folder_ / "sheets" / "sheet.musicxml", lead_sheet());
  const std::vector<std::string> font = {"--soundfont", found->string(), "--no-features"};
  const auto render = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "synthesize");
    arguments.insert(arguments.end(), font.begin(), font.end());
    const Outcome outcome = run_program(arguments, {.working_folder = folder_.path()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("1 records made"), std::string::npos) << outcome.out;
  };
  std::filesystem::create_directory(folder_ / "usual");
  std::string left;
  {
    const OutputFile unfinished(folder_ / "usual" / "killed.p2pd");
    left = files_in("usual").front().filename().string();
  }
  const std::string process = "." + std::to_string(::getpid()) + ".";
  ASSERT_NE(left.find(process), std::string::npos) << left;
  // No process has such a number: Linux ends at 2^22.
  left.replace(left.find(process), process.size(), ".2147483646.");
  write_file(folder_ / "usual" / left, std::string_view("half"));
  render({"corpus", "--output", "usual", "--split", "test"});
  EXPECT_EQ(files_in("usual").size(), 1U);
  render({"corpus", "--output", "unseen", "--singers", "unseen"});
  render({"sheets", "--output", "fromsheet"});
  EXPECT_EQ(dataset({"verify", "usual", "unseen", "fromsheet"}).exit_code, 0);
  EXPECT_NE(bytes_of(files_in("unseen").front()).find("singers unseen"), std::string::npos);
  EXPECT_EQ(bytes_of(files_in("usual").front()).find("singers unseen"), std::string::npos);
  EXPECT_GT(json::parse(dataset({"info", "fromsheet", "--json"}).out).at("melody_notes"), 10);
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
  const Outcome corpus = run_program({"synthesize", folder_ / "none", "--output", folder_ / "out"});
  EXPECT_EQ(corpus.exit_code, 1);
  EXPECT_NE(corpus.err.find("none"), std::string::npos);
  std::filesystem::create_directory(folder_ / "tunes");
  write_file(folder_ / "tunes" / "bare.abc", std::string_view("X:1\nK:C\nCDEF GABc|\n"));
  const Outcome bare = run_program({"synthesize", folder_ / "tunes", "--output", folder_ / "out"});
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_NE(bare.err.find("chord symbols"), std::string::npos) << bare.err;
  EXPECT_EQ(line_count(bare.err), 1U) << bare.err;
}

}  // namespace
}  // namespace pop2piano::testing
