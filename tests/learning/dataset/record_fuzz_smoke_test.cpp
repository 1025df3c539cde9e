// SPDX-License-Identifier: MIT
// Shards with random damage are read without a crash, and never more songs come out than went in.
#include <pop2piano/error.h>

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "base/core/crc32c.h"
#include "learning/dataset/record_examples.h"
#include "learning/dataset/record_set.h"
#include "learning/dataset/record_writer.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

std::string shard_text(const testing::ScratchFolder& folder) {
  RecordWriter writer(folder / "whole.p2pd");
  for (std::uint64_t i = 0; i < 3; ++i) writer.add(testing::random_song(i, 3, 2));
  writer.finish();
  std::ifstream in(folder / "whole.p2pd", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void damage(std::string& bytes, Random& random) {
  const std::size_t kind = random.index(4);
  const std::size_t at = random.index(bytes.size());
  const std::size_t count = 1 + random.index(std::min<std::size_t>(64, bytes.size() - at));
  if (kind == 0) bytes.resize(at + 1);
  if (kind == 1) bytes.erase(at, count);
  if (kind == 2) bytes.insert(at, count, static_cast<char>(random.next()));
  if (kind == 3) {
    for (std::size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<char>(random.next());
  }
}

TEST(RecordFuzz, DamagedShardsAreReadOrRefused) {
  const testing::ScratchFolder folder;
  const std::string whole = shard_text(folder);
  const auto file = folder / "damaged.p2pd";
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (std::size_t i = 0; i <= random.index(3); ++i) damage(bytes, random);
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    try {
      const RecordSet set = RecordSet::open(std::span(&file, 1));
      EXPECT_LE(set.size(), 3U);
      (void)verify_records(set);
    } catch (const Error&) {
    }
  }
}

// Records whose checksums are right but whose sizes lie: a hostile writer, not a broken disk.
TEST(RecordFuzz, LyingDirectoriesAreRefused) {
  const auto whole = encode_song(testing::random_song(1, 3, 2));
  Random random(12);
  for (int round = 0; round < 20000; ++round) {
    auto bytes = whole;
    const auto directory = std::span(bytes).subspan(kRecordHeadBytes, 1024);
    std::uint32_t directory_size = 0;
    std::memcpy(&directory_size, bytes.data() + 4, 4);
    ASSERT_LT(directory_size, directory.size());
    for (std::size_t i = 0; i <= random.index(4); ++i) {
      bytes[kRecordHeadBytes + random.index(directory_size)] = static_cast<std::byte>(random.next());
    }
    if (random.chance(0.2)) bytes[16 + random.index(8)] = static_cast<std::byte>(random.next());
    const std::uint32_t inner = crc32c(std::span(bytes).subspan(kRecordHeadBytes, directory_size));
    std::memcpy(bytes.data() + 24, &inner, 4);
    const std::uint32_t outer = crc32c(std::span(bytes).first(28));
    std::memcpy(bytes.data() + 28, &outer, 4);
    try {
      const SongView view = decode_song(bytes, "hostile");
      for (const TensorView& tensor : view.record.tensors) (void)tensor.intact();
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace pop2piano
