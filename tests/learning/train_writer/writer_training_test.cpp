// SPDX-License-Identifier: MIT
// Training of the writer on symbols: what it is told, batches, a run that learns, goes on bit for bit, and is exported.
#include <pop2piano/error.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/thread_pool.h"
#include "learning/dataset/record_writer.h"
#include "learning/train/tiny_model.h"
#include "learning/train_t5/export_model.h"
#include "learning/train_t5/trainer.h"
#include "learning/train_writer/tiny_writer.h"
#include "learning/train_writer/writer_batches.h"
#include "scratch_folder.h"
#include "writing/writer/write_song.h"

namespace pop2piano::training {
namespace {

/// A song without sound: a chord a bar, a melody of quarters, an accompaniment of the chord's bass and a third.
SongRecord plain_song(int number, int beats = 48) {
  Random random(static_cast<std::uint64_t>(number) + 1);
  SongRecord song;
  song.description.song = "plain/" + std::to_string(number);
  song.description.style = number % 2 == 0 ? "flowing-broken" : "dense-chords";
  std::vector<std::int32_t> chords;
  for (int beat = 0; beat < beats; ++beat) {
    song.description.beat_times.push_back(0.5 * beat);
    song.description.beat_numbers.push_back(beat % 4 + 1);
    const int root = beat % 4 == 0 || chords.empty() ? static_cast<int>(random.index(12)) : chords[chords.size() - 3];
    chords.insert(chords.end(), {root, 1 << root | 1 << (root + 4) % 12 | 1 << (root + 7) % 12, root});
    song.description.notes.push_back({beat * 12, 12, 65 + static_cast<int>(random.index(12)), 80, 0});
    song.description.notes.push_back({beat * 12, 12, 36 + root, 80, 1});
    song.description.notes.push_back({beat * 12 + 6, 6, 52 + root, 80, 1});
  }
  const auto bytes = std::as_bytes(std::span(chords));
  song.tensors.push_back({.name = std::string(kChordTensor),
                          .type = ElementType::i32,
                          .shape = {static_cast<std::uint64_t>(beats), 3},
                          .bytes = {bytes.begin(), bytes.end()}});
  return song;
}

TrainConfig tiny_writer_run(const std::filesystem::path& folder, int songs = 30) {
  TrainConfig config = testing::tiny_run(folder);
  write_file(folder / "architecture" / "config.json", write_config(testing::tiny_writer()));
  RecordWriter writer(folder / "plain.p2pd");
  for (int i = 0; i < songs; ++i) writer.add(plain_song(i));
  writer.finish();
  config.records = {{(folder / "plain.p2pd").string(), 1.0}};
  return config;
}

WriterSong plain_writer_song(const std::filesystem::path& folder, int number) {
  RecordWriter writer(folder / "one.p2pd");
  writer.add(plain_song(number));
  writer.finish();
  const std::filesystem::path file = folder / "one.p2pd";
  const RecordSet set = RecordSet::open({&file, 1});
  return writer_song_of(set.song(0));
}

TEST(WriterHearing, IsAFunctionOfTheSeedAndAsOftenWrongAsAsked) {
  testing::ScratchFolder folder;
  const WriterSong song = plain_writer_song(folder.path(), 3);
  HearingErrors none;
  none.faultless = 1.0;
  Random random(1);
  const WriterSong same = heard(song, none, random);
  EXPECT_EQ(same.chords, song.chords);
  EXPECT_EQ(same.melody, song.melody);
  Random a(7), b(7);
  EXPECT_EQ(heard(song, {}, a).chords, heard(song, {}, b).chords);
  double wrong = 0, beats = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random r(seed);
    const WriterSong told = with_wrong_chords(song, 0.2, r);
    EXPECT_EQ(told.melody, song.melody);
    for (std::size_t i = 0; i < song.chords.size(); ++i) {
      wrong += told.chords[i].root == song.chords[i].root ? 0 : 1;
      ++beats;
    }
  }
  EXPECT_NEAR(wrong / beats, 0.2, 0.03);  // of 2,400 chords: five standard deviations
}

TEST(WriterHearing, WhatIsHeardIsStillASong) {
  testing::ScratchFolder folder;
  const WriterSong song = plain_writer_song(folder.path(), 4);
  HearingErrors always;
  always.faultless = 0.0;
  always.largest_rate = 1.0;
  always.shifted_bars = 0.5;
  int other_chords = 0, other_melody = 0, no_bass = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const WriterSong told = heard(song, always, random);
    told.validate();
    EXPECT_TRUE(std::is_sorted(told.melody.begin(), told.melody.end(),
                               [](const Note& x, const Note& y) { return x.onset < y.onset; }));
    other_chords += told.chords == song.chords ? 0 : 1;
    other_melody += told.melody == song.melody ? 0 : 1;
    no_bass += std::all_of(told.chords.begin(), told.chords.end(), [](const auto& c) { return c.bass < 0; }) ? 1 : 0;
  }
  EXPECT_GT(other_chords, 250);
  EXPECT_GT(other_melody, 250);
  EXPECT_GT(no_bass, 3);
}

TEST(WriterHearing, TranspositionsComeBack) {
  testing::ScratchFolder folder;
  const WriterSong song = plain_writer_song(folder.path(), 5);
  for (int semitones = -5; semitones <= 6; ++semitones) {
    const WriterSong moved = transposed(song, semitones);
    if (semitones != 0) {
      EXPECT_NE(moved.chords, song.chords);
    }
    const WriterSong back = transposed(moved, -semitones);
    EXPECT_EQ(back.chords, song.chords);
    EXPECT_EQ(back.melody, song.melody);
  }
}

using testing::tiny_writer;

class WriterTraining : public ::testing::Test {
 protected:
  testing::ScratchFolder folder_;
};

TEST_F(WriterTraining, BatchesDependOnTheirNumberAlone) {
  const TrainConfig config = tiny_writer_run(folder_.path());
  WriterBatches one(config, tiny_writer(), Split::train, {}, at::kFloat);
  WriterBatches two(config, tiny_writer(), Split::train, {}, at::kFloat);
  (void)two.training_batch(6, 0);
  const Batch a = one.training_batch(2, 0), b = two.training_batch(2, 0);
  EXPECT_TRUE(at::equal(a.features, b.features) && at::equal(a.targets, b.targets) && at::equal(a.styles, b.styles));
  EXPECT_EQ(a.features.sizes(), (at::IntArrayRef{8, 72, SymbolChannels::count}));
  EXPECT_FALSE(at::equal(a.targets, one.training_batch(3, 0).targets));
}

TEST_F(WriterTraining, TargetsAreThePianistsNotes) {
  const TrainConfig config = tiny_writer_run(folder_.path(), 1);
  const WriterBatches batches(config, tiny_writer(), Split::train, {}, at::kFloat);
  const SongRecord song = plain_song(0);
  for (const SegmentPlan& plan : batches.fixed_plans(0, 6)) {
    std::vector<std::pair<int, int>> expected, found;
    for (const RecordNote& note : song.description.notes) {
      const int at = note.onset - plan.first_beat * 12;
      if (note.voice == 1 && at >= 0 && at < 96) expected.emplace_back(note.onset, note.pitch);
    }
    for (const Note& note : batches.language().decode(plan.tokens, plan.first_beat * 12)) {
      EXPECT_EQ(note.voice, Voice::accompaniment);
      found.emplace_back(note.onset, note.pitch);
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected);
  }
}

TEST_F(WriterTraining, ARunLearnsGoesOnAndIsExported) {
  TrainConfig config = tiny_writer_run(folder_.path());
  config.steps = config.rate.total_steps = 200;
  config.validate_every = 50;
  Trainer whole(config, StartFrom::scratch, {}, segments_by_features);
  whole.run(CancelToken{});
  const auto& validations = whole.log().validations();
  ASSERT_EQ(validations.size(), 4U);
  EXPECT_LT(validations.back().loss, 0.8 * validations.front().loss);

  TrainConfig parted = config;
  parted.output = (folder_ / "parted").string();
  parted.steps = 60;
  Trainer(parted, StartFrom::scratch, {}, segments_by_features).run(CancelToken{});
  parted.steps = 200;
  Trainer rest(parted, StartFrom::newest_checkpoint, {}, segments_by_features);
  rest.run(CancelToken{});
  EXPECT_TRUE(at::equal(rest.parameters().master(), whole.parameters().master()));

  const std::filesystem::path best = std::filesystem::path(config.output) / "best";
  const ExportReport report = compare_with_engine(best, read_any_model(best), 4);
  EXPECT_EQ(report.equal, report.segments);
  EXPECT_GT(report.tokens, 0);
  ThreadPool pool(2);
  const auto model = Model::load(best);
  const std::vector<WriterSong> songs = {plain_writer_song(folder_.path(), 13)};
  EXPECT_FALSE(write_songs(*model, songs, {}, pool).front().empty());
}

TEST_F(WriterTraining, BadRecordsAreNamed) {
  TrainConfig config = tiny_writer_run(folder_.path(), 2);
  SongRecord without = plain_song(2);
  without.tensors.clear();
  SongRecord short_of_chords = plain_song(3);
  short_of_chords.tensors.front().shape[0] -= 1;
  short_of_chords.tensors.front().bytes.resize(short_of_chords.tensors.front().bytes.size() - 12);
  SongRecord silent = plain_song(4);
  std::erase_if(silent.description.notes, [](const RecordNote& n) { return n.voice == 1; });
  RecordWriter writer(folder_ / "bad.p2pd");
  for (const SongRecord& song : {without, short_of_chords, silent}) writer.add(song);
  writer.finish();
  config.records.push_back({(folder_ / "bad.p2pd").string(), 1.0});
  const WriterBatches batches(config, tiny_writer(), Split::train, {}, at::kFloat);
  EXPECT_EQ(batches.song_count(), 2U);
  ASSERT_EQ(batches.problems().size(), 2U);
  EXPECT_NE(batches.problems().front().find("plain/2"), std::string::npos);
  config.records.erase(config.records.begin());
  EXPECT_THROW(WriterBatches(config, tiny_writer(), Split::train, {}, at::kFloat), Error);
  ModelConfig other = tiny_writer();
  other.features.symbols += 1;
  EXPECT_THROW(WriterBatches(tiny_writer_run(folder_.path(), 2), other, Split::train, {}, at::kFloat), Error);
}

}  // namespace
}  // namespace pop2piano::training
