// SPDX-License-Identifier: MIT
#include "learning/dataset/song_record.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "learning/dataset/record_examples.h"

namespace pop2piano {
namespace {

using testing::random_song;

TEST(SongRecord, RandomSongsComeBackAsWritten) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SongRecord song = random_song(seed, 2 + seed % 7, 1 + seed % 5);
    const auto bytes = encode_song(song);
    EXPECT_EQ(bytes.size() % kRecordAlignment, 0U);
    const SongView view = decode_song(bytes, "memory");
    ASSERT_TRUE(testing::equal(song, view)) << seed;
    const TensorView* noise = view.record.find("x.noise");
    ASSERT_NE(noise, nullptr);
    EXPECT_TRUE(noise->intact());
    EXPECT_TRUE(std::equal(noise->bytes.begin(), noise->bytes.end(), song.tensors[0].bytes.begin()));
  }
}

TEST(SongRecord, NothingButANameIsNeeded) {
  SongRecord song;
  song.description.song = "empty";
  const auto bytes = encode_song(song);
  const SongView view = decode_song(bytes, "memory");
  EXPECT_EQ(view.description.song, "empty");
  EXPECT_EQ(view.features.rows(), 0U);
  EXPECT_TRUE(view.description.notes.empty());
}

TEST(SongRecord, RefusesSongsThatMakeNoSense) {
  const auto refuses = [](auto&& change) {
    SongRecord song = random_song(3);
    change(song);
    EXPECT_THROW((void)encode_song(song), Error);
  };
  refuses([](SongRecord& s) { s.description.beat_times[3] = s.description.beat_times[2]; });
  refuses([](SongRecord& s) { s.description.beat_numbers.pop_back(); });
  refuses([](SongRecord& s) { s.description.loudness.pop_back(); });
  refuses([](SongRecord& s) { s.description.notes[0].duration = 0; });
  refuses([](SongRecord& s) { s.description.notes[0].pitch = 128; });
  refuses([](SongRecord& s) { s.description.notes[0].voice = 2; });
  refuses([](SongRecord& s) { s.tensors[0].shape = {99}; });
  refuses([](SongRecord& s) { s.tensors.push_back(s.tensors[0]); });
  refuses([](SongRecord& s) { s.tensors[0].name = "features"; });
}

TEST(SongRecord, ATensorOfAnotherTypeIsNamed) {
  const auto bytes = encode_song(random_song(4));
  const SongView view = decode_song(bytes, "memory");
  try {
    (void)view.record.find("features")->as<float>(ElementType::f32);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::malformed);
    EXPECT_NE(std::string(error.what()).find("f32 expected, f16 found"), std::string::npos);
  }
}

TEST(SongRecord, EveryDamagedByteOfHeadDirectoryAndSmallTensorsIsNoticed) {
  const SongRecord song = random_song(5, 4, 3);
  const auto bytes = encode_song(song);
  const std::size_t features =
      static_cast<std::size_t>(decode_song(bytes, "memory").record.find("features")->bytes.data() - bytes.data());
  std::size_t unnoticed = 0;
  for (std::size_t i = 0; i < features; ++i) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    try {
      unnoticed += testing::equal(song, decode_song(damaged, "memory")) ? 0U : 1U;  // padding may change
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::malformed);
    }
  }
  EXPECT_EQ(unnoticed, 0U);
}

}  // namespace
}  // namespace pop2piano
