// SPDX-License-Identifier: MIT
// The harmony network's trainer: what it computes is what the engine computes; a few steps, stopped and gone on; what
// is learnt from a record, and how it is counted.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/dataset/record_writer.h"
#include "learning/train/small_runs.h"
#include "learning/train_harmony/harmony_measures.h"
#include "learning/train_harmony/harmony_trainer.h"
#include "numbers/weights/safetensors.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;
using Start = HarmonyTrainer::Start;

template <typename T>
OwnedTensor tensor_of(std::string_view name, ElementType type, std::vector<std::uint64_t> shape,
                      const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {.name = std::string(name), .type = type, .shape = std::move(shape), .bytes = {bytes.begin(), bytes.end()}};
}

// Triads whose notes are peaks in three octaves, their root in the lowest; four beats each.
SongRecord made_up_song(int number, std::size_t beats) {
  Random random(static_cast<std::uint64_t>(number));
  SongRecord song;
  song.description.song = "made-up/" + std::to_string(number);
  song.description.licence = "MIT";
  const std::size_t steps = (beats - 1) * 12 + 1, frames = (beats - 1) * kHarmonyFramesPerBeat + 1;
  std::vector<std::uint8_t> levels(frames * kHarmonyBands, 60);
  std::vector<std::int32_t> chords;
  std::vector<float> bass(steps), lowest(steps);
  int root = 0, third = 4;
  for (std::size_t beat = 0; beat < beats; ++beat) {
    song.description.beat_times.push_back(0.5 * static_cast<double>(beat));
    song.description.beat_numbers.push_back(static_cast<int>(beat % 4) + 1);
    if (beat % 4 == 0) {
      root = static_cast<int>(random.index(12));
      third = random.chance(0.5) ? 4 : 3;
    }
    const auto tone = [&](int semitones) { return 1 << ((root + semitones) % 12); };
    chords.insert(chords.end(), {root, tone(0) | tone(third) | tone(7), root});
    for (std::size_t k = beat * 12; k < std::min(steps, beat * 12 + 12); ++k)
      bass[k] = lowest[k] = static_cast<float>(28 + root);
    const auto sound = [&](int pitch) {
      const auto band = static_cast<std::size_t>(pitch - kLowestHarmonyPitch) * kBandsPerSemitone + 1;
      for (std::size_t k = beat * 4; k < std::min(frames, beat * 4 + 4); ++k) levels[k * kHarmonyBands + band] = 160;
    };
    sound(28 + root);
    for (const int octave : {48, 60}) {
      for (const int semitones : {0, third, 7}) sound(octave + (root + semitones) % 12);
    }
  }
  song.tensors = {tensor_of(kHarmonyTensor, ElementType::u8, {frames, kHarmonyBands}, levels),
                  tensor_of(kChordTensor, ElementType::i32, {beats, 3}, chords),
                  tensor_of(kBassTensor, ElementType::f32, {steps}, bass),
                  tensor_of(kLowestTensor, ElementType::f32, {steps}, lowest)};
  return song;
}

// Song 13 is for validation.
TrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  if (!std::filesystem::exists(folder / "songs.p2pd")) {
    RecordWriter writer(folder / "songs.p2pd");
    for (const int number : {11, 12, 13}) writer.add(made_up_song(number, 65));
    writer.finish();
  }
  TrainConfig config;
  config.output = (folder / output).string();
  config.records = {{.path = (folder / "songs.p2pd").string()}};
  config.threads = 1;
  config.steps = 6;
  config.batch = 1;
  config.rate.peak = 5e-3;
  config.rate.warmup_steps = 2;
  config.validation_segments = 1;
  config.checkpoint_every = 3;
  return config;
}

void train(const TrainConfig& config, Start start = Start::fresh) {
  HarmonyTrainer(config, start, {}).run(CancelToken{});
}

TEST(HarmonyTrainer, ComputesWhatTheEngineComputes) {
  const ScratchFolder folder;
  train(small_run(folder.path(), "run"));
  const auto file = folder / "run" / "harmony.safetensors";
  HarmonyTrainingNetwork network(1, at::kCPU);
  const TensorSet weights = read_safetensors(file);
  for (const auto& [name, view] : network.weights().named(network.weights().flat())) {
    const auto values = to_floats(*weights.find(name), name, file.string());
    std::ranges::copy(values, view.data_ptr<float>());
  }
  Random random(4);
  const std::size_t frames = 50;
  Matrix<std::uint8_t> levels(frames, kHarmonyBands);
  for (std::uint8_t& level : levels.flat()) level = static_cast<std::uint8_t>(50 + random.index(130));
  constexpr std::size_t kFrame = kHarmonyPitches * kHarmonyInputs;
  const auto inputs = at::empty({1, static_cast<std::int64_t>(frames), static_cast<std::int64_t>(kHarmonyPitches),
                                 static_cast<std::int64_t>(kHarmonyInputs)});
  const auto mean = harmony_mean(levels.view());
  std::vector<float> frame(kHarmonyBands);
  for (std::size_t k = 0; k < frames; ++k) {
    relative_levels(levels.row(k), mean, frame);
    read_harmony_inputs(frame, std::span(inputs.data_ptr<float>() + k * kFrame, kFrame));
  }
  const at::NoGradGuard no_grad;
  const HarmonyLogits logits = network.forward(inputs);
  ThreadPool pool(1);
  const HeardHarmony heard = HarmonyNetwork::load(file)->run(levels.view(), pool);
  const auto compare = [&](const at::Tensor& all, const Matrix<float>& found) {
    const auto chances = at::softmax(all, 2).contiguous();
    ASSERT_EQ(chances.size(2), static_cast<std::int64_t>(found.columns()));
    const float* expected = chances.data_ptr<float>();
    for (std::size_t i = 0; i < found.flat().size(); ++i) ASSERT_NEAR(found.flat()[i], expected[i], 1e-4) << i;
  };
  compare(logits.chord, heard.chords);
  compare(logits.chord_bass, heard.chord_bass);
  compare(logits.bass, heard.bass);
}

TEST(HarmonyTrainer, LearnsWhatIsPlayed) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 60;
  config.checkpoint_every = 20;
  config.optimiser.average_decay = 0.5;
  train(config);
  const auto held_out = testing::held_out_losses(folder / "run");
  ASSERT_EQ(held_out.size(), 3U);
  EXPECT_LT(held_out.back(), 0.7 * held_out.front());
}

TEST(HarmonyTrainer, StoppedAndResumedEndsWithTheSameWeights) {
  const ScratchFolder folder;
  train(small_run(folder.path(), "whole"));
  const TrainConfig stopped = small_run(folder.path(), "stopped");
  CancelToken cancel;
  int notes = 0;
  HarmonyTrainer trainer(stopped, Start::fresh, [&](const std::string&) {
    if (++notes == 2) cancel.cancel();  // the first tells the number of songs
  });
  EXPECT_THROW(trainer.run(cancel), Error);
  train(stopped, Start::newest_checkpoint);
  testing::expect_equal_weights(harmony_network_parts(), folder / "whole" / "harmony.safetensors",
                                folder / "stopped" / "harmony.safetensors");
}

// C over its third, nothing, a chord that no label knows; a rest of half a beat, one of two beats over a low piano,
// then one over nothing low.
TEST(HarmonySongs, TargetsAreWhatSounds) {
  const ScratchFolder folder;
  SongRecord song = made_up_song(1, 9);
  std::vector<float> bass(97), lowest(97, 45.0F);
  for (std::size_t k = 0; k < 97; ++k) {
    if (k < 6 || (k >= 12 && k < 24)) bass[k] = 40.0F;
    if (k >= 72) lowest[k] = 62.0F;
  }
  const std::vector<std::int32_t> chords{
      0, 0b1001'0001, 4, -1, 0, -1, 9, 0b0010'0001'0101, 9, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0};
  song.tensors[1] = tensor_of(kChordTensor, ElementType::i32, {9, 3}, chords);
  song.tensors[2] = tensor_of(kBassTensor, ElementType::f32, {97}, bass);
  song.tensors[3] = tensor_of(kLowestTensor, ElementType::f32, {97}, lowest);
  {
    RecordWriter writer(folder / "songs.p2pd");
    writer.add(song);
    writer.finish();
  }
  const std::filesystem::path file = folder / "songs.p2pd";
  const RecordSet set = RecordSet::open(std::span(&file, 1));
  const HarmonyTarget target = harmony_target(set.song(0), 33);
  EXPECT_EQ(target.chord[0], 0) << "C major";
  EXPECT_EQ(target.chord_bass[0], 4);
  EXPECT_EQ(target.chord[4], static_cast<int>(kNoChord));
  EXPECT_EQ(target.chord_bass[4], static_cast<int>(kRootBass));
  EXPECT_EQ(target.chord[8], 12 + 9) << "A minor";
  EXPECT_EQ(target.bass[0], 40 - kLowestHarmonyPitch);
  EXPECT_EQ(target.bass[3], 40 - kLowestHarmonyPitch) << "half a beat of rest is held";
  EXPECT_EQ(target.bass[9], 45 - kLowestHarmonyPitch) << "then the lowest note is the bass";
  EXPECT_EQ(target.bass[26], static_cast<int>(kNoBass)) << "nothing low";
}

TEST(HarmonyMeasures, MajminLeavesOutWhatIsNeither) {
  EXPECT_EQ(majmin_of(-1, 0), kMajminNone);
  EXPECT_EQ(majmin_of(7, 0b0100'1001'0001), 7);
  EXPECT_EQ(majmin_of(7, 0b0100'1000'1001), 19);
  EXPECT_EQ(majmin_of(7, 0b1010'0001), -1) << "sus4";
  EXPECT_EQ(majmin_of(7, 0b0100'1001), -1) << "dim";
}

TEST(HarmonyMeasures, CountBeats) {
  HeardHarmony heard{Matrix<float>(8, kChordClasses), Matrix<float>(8, kChordBassClasses),
                     Matrix<float>(8, kBassClasses)};
  for (std::size_t k = 0; k < 8; ++k) {
    heard.chords(k, k < 4 ? 0 : 12 + 9) = 0.4F;                // C, then A minor
    heard.chords(k, static_cast<std::size_t>(6 * 12)) = 0.3F;  // C7: counts with C
    heard.chord_bass(k, k < 4 ? 4 : kRootBass) = 0.9F;
    heard.bass(k, k < 4 ? 16 : 9) = 0.5F;
  }
  const HarmonyByBeat by_beat = harmony_by_beat(heard, 2);
  EXPECT_EQ(by_beat.chords, (std::vector<int>{0, 12 + 9}));
  EXPECT_EQ(by_beat.bass, (std::vector<int>{40, 33}));
  HarmonyMeasures measures;
  add_harmony(measures, {.chords = {0, -1}, .chord_bass = {4, 9}, .bass = {28, 0}}, by_beat);
  EXPECT_EQ(measures.beats, 1);
  EXPECT_EQ(measures.chords, 1);
  EXPECT_EQ(measures.bass_beats, 1);
  EXPECT_EQ(measures.bass_right, 1);
  EXPECT_EQ(measures.bass_octaves, 0);
  EXPECT_EQ(measures.chord_beats, 2);
  EXPECT_EQ(measures.chord_bass, 1);
  EXPECT_EQ(measures.lowest_is_bass, 2);
}

TEST(HarmonyProgram, TrainsMeasuresAndRefusesWhatItCannotDo) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 2;
  config.validation_segments = 0;
  write_file(folder / "run.json", to_json(config));
  const std::string file = (folder / "run.json").string(), songs = (folder / "songs.p2pd").string();
  EXPECT_EQ(testing::wait_for(testing::start_program({"harmony", file})), 0);
  EXPECT_EQ(testing::wait_for(testing::start_program({"harmony", file})), 1) << "a run is there";
  EXPECT_EQ(testing::wait_for(testing::start_program({"harmony", file, "--resume", "--steps", "3"})), 0);
  const std::string network = (folder / "run" / "harmony.safetensors").string();
  EXPECT_EQ(testing::wait_for(testing::start_program({"measure-harmony", network, songs, "--split", "train"})), 1)
      << "made-up songs name no split";
}

}  // namespace
}  // namespace pop2piano::training
