// SPDX-License-Identifier: MIT
// What the beat network hears of records with sound.
#include "learning/records/beat_features.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "learning/dataset/record_set.h"
#include "learning/dataset/record_writer.h"
#include "learning/genres/genre.h"
#include "learning/studio/sound_coding.h"
#include "listening/rhythm/beat_input.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

constexpr std::size_t kSamples = std::size_t{22050} * 6;

void write_songs(const std::filesystem::path& folder, bool with_sound, const std::string& genre = "",
                 double loudest = 0.3) {
  std::filesystem::create_directories(folder);
  std::vector<float> samples(kSamples);
  for (std::size_t i = 0; i < kSamples; ++i)
    samples[i] = static_cast<float>(loudest * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 22050));
  SongRecord song;
  song.description.song = "tone/1";
  song.description.licence = "MIT";
  if (!genre.empty()) song.description.extra[kGenreKey] = genre;
  for (int beat = 0; beat < 8; ++beat) {
    song.description.beat_times.push_back(0.75 * beat);  // 80 a minute
    song.description.beat_numbers.push_back(beat % 4 + 1);
  }
  if (with_sound) {
    auto bytes = encode_flac(samples, 22050);
    song.tensors = {
        {.name = std::string(kAudioTensor), .type = ElementType::u8, .shape = {bytes.size()}, .bytes = bytes}};
  }
  RecordWriter writer(folder / "songs.p2pd");
  writer.add(song);
  writer.finish();
}

TEST(BeatFeatures, LieBesideTheRecords) {
  const testing::ScratchFolder folder;
  write_songs(folder / "songs", true);
  ThreadPool pool(1);
  const auto made = beat_features_beside(folder / "songs/", {.resampled = false}, pool, {});
  EXPECT_EQ(made.made, 1U);
  EXPECT_EQ(made.folder, folder / "songs.beat-features");
  const auto set = RecordSet::open(std::span(&made.folder, 1));
  ASSERT_EQ(set.size(), 1U);
  const SongView heard = set.song(0);
  EXPECT_EQ(heard.description.beat_times[4], 3.0);
  EXPECT_EQ(heard.description.extra.at("x.speed"), "1.0000");
  const TensorView* bands = heard.record.find(kBeatBandsTensor);
  ASSERT_NE(bands, nullptr);
  EXPECT_NEAR(static_cast<double>(bands->shape[0]), 6 * kBeatInputRate, 2);
  EXPECT_EQ(bands->shape[1], kBeatBands);
  EXPECT_EQ(beat_features_beside(folder / "songs", {}, pool, {}).made, 0U) << "what is there stays";
}

// As the program hears recordings. What is left of the difference is the rounding of quiet sound to 16 bits.
TEST(BeatFeatures, AreOfOneLevel) {
  const testing::ScratchFolder folder;
  write_songs(folder / "loud", true, "", 0.9);
  write_songs(folder / "quiet", true, "", 0.09);
  ThreadPool pool(1);
  std::vector<std::vector<int>> heard;
  for (const char* name : {"loud", "quiet"}) {
    const auto made = beat_features_beside(folder / name, {.resampled = false}, pool, {});
    const auto set = RecordSet::open(std::span(&made.folder, 1));
    const SongView song = set.song(0);
    const auto bytes = song.record.find(kBeatBandsTensor)->bytes;
    std::vector<int>& loudest = heard.emplace_back();  // of each frame
    for (std::size_t t = 0; t < bytes.size() / kBeatBands; ++t) {
      const auto frame = bytes.subspan(t * kBeatBands, kBeatBands);
      loudest.push_back(static_cast<int>(*std::max_element(frame.begin(), frame.end())));
    }
  }
  ASSERT_EQ(heard[0].size(), heard[1].size());
  for (std::size_t t = 0; t < heard[0].size(); ++t) EXPECT_NEAR(heard[0][t], heard[1][t], 1) << "frame " << t;
}

TEST(BeatFeatures, SongsArePlayedAtOtherTempi) {
  const testing::ScratchFolder folder;
  write_songs(folder / "songs", true);
  ThreadPool pool(1);
  const auto made = beat_features_beside(folder / "songs", {.spread = 0}, pool, {});  // to 108 a minute
  const auto set = RecordSet::open(std::span(&made.folder, 1));
  EXPECT_NEAR(set.song(0).description.beat_times[4], 4 * 60.0 / 108.0, 1e-6);
}

TEST(BeatFeatures, NeedSound) {
  const testing::ScratchFolder folder;
  write_songs(folder / "songs", false);
  ThreadPool pool(1);
  EXPECT_THROW((void)beat_features_beside(folder / "songs", {}, pool, {}), Error);
  EXPECT_THROW((void)beat_features_beside(folder / "absent", {}, pool, {}), Error);
}

// The tone's 80 a minute is far from what is usually tapped; a genre's song keeps near its own tempo.
TEST(BeatFeatures, SongsOfAGenreKeepTheirTempo) {
  const testing::ScratchFolder folder;
  write_songs(folder / "songs", true, "reggae");
  ThreadPool pool(1);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto out = folder / std::to_string(seed);
    EXPECT_EQ(write_beat_features(folder / "songs", out, {.usual_tempo = 140, .spread = 0, .seed = seed}, pool, {}),
              1U);
    const auto set = RecordSet::open(std::span(&out, 1));
    const double speed = std::stod(set.song(0).description.extra.at("x.speed"));
    EXPECT_GE(speed, 0.93);
    EXPECT_LE(speed, 1.07);
  }
}

}  // namespace
}  // namespace pop2piano
