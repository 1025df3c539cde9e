// SPDX-License-Identifier: MIT
// The piano network's trainer: targets, what it computes is what the engine computes, stopped and gone on, its figures.
#include <pop2piano/error.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/dataset/record_writer.h"
#include "learning/performances/piano_songs.h"
#include "learning/train/small_runs.h"
#include "learning/train_piano/piano_measures.h"
#include "learning/train_piano/piano_trainer.h"
#include "numbers/kernels/kernel_table.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;
using Start = PianoTrainer::Start;

template <typename T>
OwnedTensor tensor_of(std::string_view name, ElementType type, std::uint64_t columns, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {std::string(name), type, {values.size() / columns, columns}, {bytes.begin(), bytes.end()}};
}

// A note every half second, each in its own bands of both windows while it sounds.
SongRecord made_up_record(const std::string& split, std::uint64_t seed) {
  constexpr std::size_t kFrames = 400;
  SongRecord record;
  record.description.song = "piano/" + split + "/" + std::to_string(seed);
  record.description.split = split;
  record.description.beat_times = {0.0, 4.0, 8.0};
  record.description.beat_numbers = {1, 2, 3};
  std::vector<std::uint8_t> levels(kFrames * kPianoLevels, 30);
  std::vector<double> notes;
  Random random(seed);
  for (double onset = 0.2; onset < 7.5; onset += 0.5) {
    const auto pitch = 30 + random.index(60);
    notes.insert(notes.end(), {onset, onset + 0.3, onset + 0.3, static_cast<double>(pitch), 80.0});
    for (auto k = static_cast<std::size_t>(onset * 50); k < static_cast<std::size_t>((onset + 0.3) * 50); ++k) {
      for (const std::size_t window : {0U, 1U})
        levels[k * kPianoLevels + window * kPianoBands + 3 * (pitch - kLowestPianoKey) + 1] = 200;
    }
  }
  record.tensors = {tensor_of(kPianoLevelsTensor, ElementType::u8, kPianoLevels, levels),
                    tensor_of(kPianoNotesTensor, ElementType::f64, 5, notes),
                    tensor_of(kPianoPedalTensor, ElementType::f64, 2, std::vector<double>{1.0, 2.0})};
  return record;
}

TrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  const auto file = folder / "songs.p2pd";
  if (!std::filesystem::exists(file)) {
    RecordWriter writer(file);
    for (std::uint64_t seed = 0; seed < 13; ++seed)
      writer.add(made_up_record(seed < 12 ? "train" : "validation", seed));
    writer.finish();
  }
  TrainConfig config = default_config(Training::piano);
  config.output = (folder / output).string();
  config.records = {{.path = file.string()}};
  config.steps = 4;
  config.batch = 1;
  config.segment_frames = 128;
  config.rate.warmup_steps = 2;
  config.validation_segments = 1;
  config.checkpoint_every = 2;
  return config;
}

TEST(PianoTrainer, ComputesWhatTheEngineComputes) {
  const ScratchFolder folder;
  constexpr std::size_t kFrames = 96;
  PianoTrainingNetwork network(1, at::kCPU);
  NetworkValues values;
  for (const auto& [name, view] : network.weights().named(network.weights().flat())) {
    const auto rounded = view.to(at::kBFloat16).to(at::kFloat);  // as the file holds them
    view.copy_(rounded);
    values[name].assign(rounded.data_ptr<float>(), rounded.data_ptr<float>() + rounded.numel());
  }
  write_network_parts(folder / "piano.safetensors", piano_network_parts(), values, {});
  Matrix<std::uint8_t> levels(kFrames, kPianoLevels);
  Random random(4);
  for (std::uint8_t& level : levels.flat()) level = static_cast<std::uint8_t>(random.index(256));
  constexpr std::size_t kInputs = kPianoKeys * kPianoInputs;
  std::vector<float> inputs(kFrames * kInputs), row(kPianoLevels);
  for (std::size_t k = 0; k < kFrames; ++k) {
    std::ranges::copy(std::as_const(levels).row(k), row.begin());
    read_piano_inputs(row, std::span(inputs).subspan(k * kInputs, kInputs));
  }
  const at::NoGradGuard no_grad;
  const PianoLogits logits = network.forward(
      at::from_blob(inputs.data(), {1, static_cast<std::int64_t>(kFrames), static_cast<std::int64_t>(kPianoKeys),
                                    static_cast<std::int64_t>(kPianoInputs)}));
  const auto heads = at::sigmoid(logits.heads)[0].permute({1, 2, 0}).contiguous();
  const auto pedal = at::sigmoid(logits.pedal)[0].contiguous();
  ThreadPool pool(1);
  const Matrix<float> found = PianoNetwork::load(folder / "piano.safetensors")->run(levels.view(), pool);
  const double tolerance = kernels::kernel_table().isa == kernels::Isa::amx ? 2e-3 : 1e-4;  // it rounds to bfloat16
  for (std::size_t k = 0; k < kFrames; ++k) {
    const float* expected = heads.data_ptr<float>() + k * (kPianoOutputs - 1);
    for (std::size_t o = 0; o + 1 < kPianoOutputs; ++o)
      ASSERT_NEAR(found(k, o), expected[o], tolerance) << k << ", " << o;
    ASSERT_NEAR(found(k, kPianoOutputs - 1), pedal.data_ptr<float>()[k], tolerance) << k;
  }
}

TEST(PianoTrainer, LearnsWhatIsPlayed) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 40;
  config.rate.warmup_steps = 10;
  config.checkpoint_every = 1;
  config.optimiser.average_decay = 0.5;
  PianoTrainer(config, Start::fresh, {}).run(CancelToken{});
  const auto held_out = testing::held_out_losses(folder / "run");
  ASSERT_EQ(held_out.size(), 40U);
  EXPECT_LT(held_out.back(), 0.3 * held_out.front());
}

TEST(PianoTrainer, StoppedAndResumedEndsWithTheSameWeights) {
  const ScratchFolder folder;
  PianoTrainer(small_run(folder.path(), "whole"), Start::fresh, {}).run(CancelToken{});
  const TrainConfig stopped = small_run(folder.path(), "stopped");
  CancelToken cancel;
  int notes = 0;
  PianoTrainer trainer(stopped, Start::fresh, [&](const std::string&) {
    if (++notes == 2) cancel.cancel();  // the first tells the number of songs
  });
  EXPECT_THROW(trainer.run(cancel), Error);
  PianoTrainer(stopped, Start::newest_checkpoint, {}).run(CancelToken{});
  testing::expect_equal_weights(piano_network_parts(), folder / "whole" / "piano.safetensors",
                                folder / "stopped" / "piano.safetensors");
}

TEST(PianoTargets, SayWhereNotesAndPedalAre) {
  PianoPerformance performance;
  performance.notes = {{.onset = 1.01, .release = 1.2, .end = 1.5, .pitch = 60, .velocity = 127}};
  performance.pedal = {{1.1, 1.5}};
  constexpr std::size_t kFirst = 40, kFrames = 50, kKey = 60 - kLowestPianoKey;
  std::vector<float> targets(kFrames * kPianoKeys * kPianoHeads), pedal(kFrames);
  set_piano_targets(performance, kFirst, kFrames, targets, pedal);
  const auto at = [&](std::size_t frame, PianoHead head) {
    return targets[((frame - kFirst) * kPianoKeys + kKey) * kPianoHeads + static_cast<std::size_t>(head)];
  };
  EXPECT_NEAR(at(50, PianoHead::onset), 0.8, 1e-5);
  EXPECT_NEAR(at(51, PianoHead::onset), 0.8, 1e-5);
  EXPECT_NEAR(at(52, PianoHead::onset), 0.4, 1e-5);
  EXPECT_EQ(at(54, PianoHead::onset), 0.0F);
  EXPECT_EQ(at(50, PianoHead::velocity), 1.0F);
  EXPECT_EQ(at(50, PianoHead::sounds), 0.0F);
  EXPECT_EQ(at(51, PianoHead::sounds), 1.0F);
  EXPECT_EQ(at(74, PianoHead::sounds), 1.0F);
  EXPECT_EQ(at(75, PianoHead::sounds), 0.0F);
  EXPECT_EQ(at(75, PianoHead::offset), 1.0F);
  EXPECT_EQ(pedal[54 - kFirst], 0.0F);
  EXPECT_EQ(pedal[55 - kFirst], 1.0F);
  EXPECT_EQ(pedal[75 - kFirst], 0.0F);
  float others = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) others += i / kPianoHeads % kPianoKeys == kKey ? 0 : targets[i];
  EXPECT_EQ(others, 0.0F);
}

TEST(PianoMeasures, CountWhatIsRight) {
  const std::vector<PlayedNote> notes{{0.0, 1.0, 60, 40}, {1.0, 2.0, 62, 60}, {2.0, 3.0, 64, 80}, {3.0, 4.0, 65, 100}};
  EXPECT_EQ(compare_performances(notes, notes).with_velocity, 1.0);
  auto found = notes;
  for (PlayedNote& note : found) note.onset += 0.01, note.velocity = note.velocity / 2 + 10;  // another curve of touch
  found[1].offset = 2.5;                                                                      // too long
  found[3].pitch = 66;                                                                        // wrong
  const PianoMeasures m = compare_performances(notes, found);
  EXPECT_NEAR(m.note, 0.75, 1e-9);
  EXPECT_NEAR(m.with_velocity, 0.75, 1e-9);
  EXPECT_NEAR(m.with_offset, 0.5, 1e-9);
  EXPECT_NEAR(m.onset_error, 0.01, 1e-9);
}

TEST(PianoProgram, TrainsMeasuresAndRefuses) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 2;
  config.validation_segments = 0;
  write_file(folder / "run.json", to_json(config, Training::piano));
  const std::string file = (folder / "run.json").string(), network = (folder / "run" / "piano.safetensors").string(),
                    records = (folder / "songs.p2pd").string();
  EXPECT_EQ(testing::wait_for(testing::start_program({"piano", file})), 0);
  EXPECT_EQ(testing::wait_for(testing::start_program({"piano", file})), 1) << "a run is there";
  EXPECT_EQ(testing::wait_for(testing::start_program({"measure-piano", network, records, "--split", "validation"})), 0);
  EXPECT_EQ(testing::wait_for(testing::start_program({"measure-piano", network, records})), 1) << "no test record";
  EXPECT_EQ(testing::wait_for(testing::start_program({"piano-songs", (folder / "x").string(), "/nowhere"})), 1);
}

}  // namespace
}  // namespace pop2piano::training
