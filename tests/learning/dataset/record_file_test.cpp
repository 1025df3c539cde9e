// SPDX-License-Identifier: MIT
// Shards on disk: whole, cut off, damaged, merged, split.
#include <pop2piano/error.h>

#include <fstream>

#include <gtest/gtest.h>

#include "learning/dataset/record_examples.h"
#include "learning/dataset/record_set.h"
#include "learning/dataset/record_writer.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::random_song;
using testing::ScratchFolder;

std::vector<SongRecord> write_shard(const std::filesystem::path& file, std::size_t count, std::uint64_t seed = 0) {
  std::vector<SongRecord> songs;
  RecordWriter writer(file);
  for (std::size_t i = 0; i < count; ++i) {
    songs.push_back(random_song(seed + i));
    writer.add(songs.back());
  }
  writer.finish();
  return songs;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

RecordSet open(const std::filesystem::path& path) { return RecordSet::open(std::span(&path, 1)); }

TEST(RecordFile, ComesBackInOrder) {
  const ScratchFolder folder;
  const auto songs = write_shard(folder / "a.p2pd", 5);
  const RecordReader reader(folder / "a.p2pd");
  ASSERT_EQ(reader.size(), 5U);
  EXPECT_TRUE(reader.problems().empty());
  for (std::size_t i = 0; i < songs.size(); ++i) EXPECT_TRUE(testing::equal(songs[i], reader.song(i)));
}

TEST(RecordFile, IsTheSameBytesEachTime) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 3);
  write_shard(folder / "b.p2pd", 3);
  EXPECT_EQ(read_text(folder / "a.p2pd"), read_text(folder / "b.p2pd"));
}

TEST(RecordFile, NothingIsThereBeforeFinish) {
  const ScratchFolder folder;
  {
    RecordWriter writer(folder / "a.p2pd");
    writer.add(random_song(1));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RecordFile, ATruncatedShardKeepsItsWholeRecordsWhereverItIsCut) {
  const ScratchFolder folder;
  const auto songs = write_shard(folder / "a.p2pd", 4);
  const std::string whole = read_text(folder / "a.p2pd");
  const std::size_t record = encode_song(songs[0]).size();
  for (std::size_t size = 8; size < whole.size(); size += 997) {
    write_text(folder / "cut.p2pd", whole.substr(0, size));
    const RecordReader reader(folder / "cut.p2pd");
    const std::size_t expected =
        size < kShardHeadBytes ? 0 : std::min<std::size_t>(4, (size - kShardHeadBytes) / record);
    ASSERT_EQ(reader.size(), expected) << size;
    EXPECT_FALSE(reader.problems().empty());
    for (std::size_t i = 0; i < reader.size(); ++i) EXPECT_TRUE(testing::equal(songs[i], reader.song(i)));
  }
}

TEST(RecordFile, ARecordOverwrittenInTheMiddleIsSkippedAndNamed) {
  const ScratchFolder folder;
  const auto songs = write_shard(folder / "a.p2pd", 4);
  std::string bytes = read_text(folder / "a.p2pd");
  const std::size_t record = encode_song(songs[0]).size();
  for (std::size_t i = 0; i < 300; ++i) bytes[kShardHeadBytes + record + i] = 'x';
  write_text(folder / "a.p2pd", bytes);
  const RecordReader reader(folder / "a.p2pd");
  ASSERT_EQ(reader.size(), 3U);
  ASSERT_EQ(reader.problems().size(), 1U);
  EXPECT_NE(reader.problems()[0].find("a.p2pd: record at byte"), std::string::npos);
  EXPECT_TRUE(testing::equal(songs[2], reader.song(1)));
}

TEST(RecordFile, ADamagedIndexOrHeadIsReplacedByASearch) {
  const ScratchFolder folder;
  const auto songs = write_shard(folder / "a.p2pd", 3);
  const std::string whole = read_text(folder / "a.p2pd");
  for (const std::size_t place : {std::size_t{9}, std::size_t{20}, whole.size() - 5}) {
    std::string bytes = whole;
    bytes[place] = static_cast<char>(bytes[place] ^ 0x55);
    write_text(folder / "b.p2pd", bytes);
    const RecordReader reader(folder / "b.p2pd");
    EXPECT_EQ(reader.size(), 3U) << place;
    EXPECT_EQ(reader.problems().size(), 1U) << place;
  }
}

TEST(RecordFile, ForeignFilesAndOtherVersionsAreErrors) {
  const ScratchFolder folder;
  write_text(folder / "text.p2pd", "this is not a shard of training records");
  write_text(folder / "empty.p2pd", "");
  write_text(folder / "new.p2pd", std::string("P2PD\x63\0\x40\0", 8));
  const auto code_of = [&](const char* name) {
    try {
      const RecordReader reader(folder / name);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::cancelled;
  };
  EXPECT_EQ(code_of("text.p2pd"), ErrorCode::malformed);
  EXPECT_EQ(code_of("empty.p2pd"), ErrorCode::malformed);
  EXPECT_EQ(code_of("new.p2pd"), ErrorCode::unsupported);
  EXPECT_EQ(code_of("absent.p2pd"), ErrorCode::not_found);
}

TEST(RecordSet, ReadsAFolderAndReportsWhatItCannotRead) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 2, 0);
  write_shard(folder / "b.p2pd", 3, 100);
  write_text(folder / "c.p2pd", "no");
  write_text(folder / "readme.txt", "not looked at");
  const RecordSet set = open(folder.path());
  EXPECT_EQ(set.size(), 5U);
  EXPECT_EQ(set.problems().size(), 1U);
  EXPECT_EQ(set.song(2).description.song, "test/100");
  EXPECT_EQ(verify_records(set).size(), 1U);
  const RecordCounts counts = count_records(set);
  EXPECT_EQ(counts.records, 5U);
  EXPECT_EQ(counts.songs, 5U);
  EXPECT_EQ(counts.beats, 5U * 16U);
  EXPECT_EQ(counts.by_style.at("dense-chords"), 5U);
}

TEST(RecordSet, VerifyFindsDamagedFeatures) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 2);
  std::string bytes = read_text(folder / "a.p2pd");
  {
    const RecordReader reader(folder / "a.p2pd");
    const auto* features = reinterpret_cast<const std::byte*>(reader.song(1).features.data());
    const auto offset = features - reader.encoded(0).data() + static_cast<std::ptrdiff_t>(kShardHeadBytes);
    bytes[static_cast<std::size_t>(offset)] = static_cast<char>(bytes[static_cast<std::size_t>(offset)] ^ 1);
  }
  write_text(folder / "b.p2pd", bytes);
  const auto problems = verify_records(open(folder / "b.p2pd"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("tensor \"features\" is damaged"), std::string::npos);
}

TEST(RecordSet, NothingSoundIsAnError) {
  const ScratchFolder folder;
  EXPECT_THROW(open(folder.path()), Error);
  EXPECT_THROW(open(folder / "absent"), Error);
}

TEST(RecordSet, MergeDropsDoublesAndSplitsIntoShards) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 4, 0);
  write_shard(folder / "b.p2pd", 4, 2);  // songs 2 and 3 again
  const auto size = encode_song(random_song(0)).size();
  const auto shards = merge_records(open(folder.path()), folder / "out", {.name = "all", .shard_bytes = 3 * size});
  EXPECT_GE(shards.size(), 2U);
  const RecordSet merged = open(folder / "out");
  EXPECT_EQ(merged.size(), 6U);
  EXPECT_TRUE(verify_records(merged).empty());
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(testing::equal(random_song(i), merged.song(i)));
}

TEST(RecordSet, MergingTwiceAppendsBehindTheShardsThatAreThere) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 1, 0);
  write_shard(folder / "b.p2pd", 1, 1);
  (void)merge_records(open(folder / "a.p2pd"), folder / "out");
  (void)merge_records(open(folder / "b.p2pd"), folder / "out");
  EXPECT_EQ(open(folder / "out").size(), 2U);
}

TEST(RecordSet, SplitSendsEveryRecordToItsPart) {
  const ScratchFolder folder;
  write_shard(folder / "a.p2pd", 12);
  (void)split_records(open(folder / "a.p2pd"), folder / "out",
                      [](const SongDescription& song) { return song.song == "test/3" ? "" : song.split; });
  std::size_t total = 0;
  for (const char* part : {"train", "validation"}) {
    const RecordSet set = open(folder / "out" / (std::string(part) + "-00000.p2pd"));
    for (std::size_t i = 0; i < set.size(); ++i) EXPECT_EQ(set.song(i).description.split, part);
    total += set.size();
  }
  EXPECT_EQ(total, 11U);
}

}  // namespace
}  // namespace pop2piano
