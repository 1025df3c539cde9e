// SPDX-License-Identifier: MIT
// The melody network's trainer: what it computes is what the engine computes; a few steps, stopped and gone on.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/train/made_up_records.h"
#include "learning/train/small_runs.h"
#include "learning/train_melody/melody_trainer.h"
#include "learning/train_t5/melody_measures.h"
#include "listening/melody/melody_network.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/weights/safetensors.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;
using Start = MelodyTrainer::Start;

// Songs 13 and 33 are for validation.
TrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  if (!std::filesystem::exists(folder / "songs.p2pd")) {
    testing::write_made_up_records(folder / "songs.p2pd", {.first_number = 11, .count = 3});
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
  MelodyTrainer(config, start, {}).run(CancelToken{});
}

TEST(MelodyTrainer, ComputesWhatTheEngineComputes) {
  const ScratchFolder folder;
  const TrainConfig config = small_run(folder.path(), "run");
  train(config);
  const auto file = folder / "run" / "melody.safetensors";
  MelodyTrainingNetwork network(1, at::kCPU);
  const TensorSet weights = read_safetensors(file);
  for (const auto& [name, view] : network.weights().named(network.weights().flat())) {
    const auto values = to_floats(*weights.find(name), name, file.string());
    std::ranges::copy(values, view.data_ptr<float>());
  }
  const std::size_t steps = 144;
  Random random(4);
  Matrix<float> bands(steps, 512), melody(steps, kMelodyChannels);
  for (float& value : bands.flat()) value = static_cast<float>(0.5 * random.normal());
  for (float& value : melody.flat()) value = static_cast<float>(random.uniform());
  const auto inputs = at::empty({1, static_cast<std::int64_t>(steps), static_cast<std::int64_t>(kMelodyPitches),
                                 static_cast<std::int64_t>(kMelodyInputs)});
  constexpr std::size_t kStep = kMelodyPitches * kMelodyInputs;
  for (std::size_t t = 0; t < steps; ++t)
    read_melody_inputs(bands.row(t), melody.row(t), std::span(inputs.data_ptr<float>() + t * kStep, kStep));
  const at::NoGradGuard no_grad;
  const MelodyLogits logits = network.forward(inputs);
  ThreadPool pool(1);
  const Matrix<float> found = MelodyNetwork::load(file)->run(bands.view(), melody.view(), pool);
  const double tolerance = kernels::kernel_table().isa == kernels::Isa::amx ? 1e-3 : 1e-4;  // it rounds to bfloat16
  for (const auto& [all, first] : {std::pair{logits.begins, std::size_t{0}}, {logits.sounds, kMelodyPitches}}) {
    const auto chances = at::softmax(all, 2).contiguous();
    const float* expected = chances.data_ptr<float>();
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t p = 0; p < kMelodyPitches; ++p)
        ASSERT_NEAR(found(t, first + p), expected[t * (kMelodyPitches + 1) + p], tolerance) << t << ", " << p;
    }
  }
}

TEST(MelodyTrainer, LearnsWhatIsSung) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 40;
  config.checkpoint_every = 10;
  config.optimiser.average_decay = 0.5;
  train(config);
  const auto held_out = testing::held_out_losses(folder / "run");
  ASSERT_EQ(held_out.size(), 4U);
  EXPECT_LT(held_out.back(), 0.9 * held_out.front());
  const std::string curve = testing::bytes_of(folder / "run" / "curve.svg");
  EXPECT_NE(curve.find("validation</text>"), std::string::npos);
  EXPECT_EQ(curve.find("note F1"), std::string::npos) << "nothing was decoded";
}

TEST(MelodyTrainer, StoppedAndResumedEndsWithTheSameWeights) {
  const ScratchFolder folder;
  train(small_run(folder.path(), "whole"));
  const TrainConfig stopped = small_run(folder.path(), "stopped");
  CancelToken cancel;
  int notes = 0;
  MelodyTrainer trainer(stopped, Start::fresh, [&](const std::string&) {
    if (++notes == 2) cancel.cancel();  // the first tells the number of songs
  });
  EXPECT_THROW(trainer.run(cancel), Error);
  EXPECT_THROW(train(stopped), Error) << "a run is there";
  train(stopped, Start::newest_checkpoint);
  testing::expect_equal_weights(melody_network_parts(), folder / "whole" / "melody.safetensors",
                                folder / "stopped" / "melody.safetensors");
}

TEST(MelodyNetworks, AreAveraged) {
  const ScratchFolder folder;
  const auto& parts = melody_network_parts();
  const std::filesystem::path one = folder / "one.safetensors", three = folder / "three.safetensors";
  for (const auto& [file, value] : {std::pair{one, 1.0F}, {three, 3.0F}}) {
    std::map<std::string, std::vector<float>> values;
    for (const NetworkPart& part : parts) values[part.name].assign(static_cast<std::size_t>(part.values()), value);
    write_network_parts(file, parts, values, {});
  }
  const std::vector files{one, three, three, three};
  average_melody_networks(files, folder / "mean.safetensors");
  for (const auto& [name, values] : read_network_parts(folder / "mean.safetensors", parts, "melody network")) {
    EXPECT_TRUE(std::ranges::all_of(values, [](float value) { return value == 2.5F; })) << name;
  }
}

// The singer is an octave lower than the arrangement: what is learnt is what is heard.
TEST(MelodySongs, TargetsLieInTheOctaveThatIsHeard) {
  const ScratchFolder folder;
  {
    SongRecord song = testing::made_up_song(3, {.beats = 48});
    for (auto& note : song.description.notes) note.pitch += note.voice == 0 ? 12 : 0;
    RecordWriter writer(folder / "songs.p2pd");
    writer.add(song);
    writer.finish();
  }
  TrainConfig config;
  config.records = {{.path = (folder / "songs.p2pd").string()}};
  const MelodySongs songs(config, Split::train);
  ASSERT_EQ(songs.size(), 1U);
  const MelodySegment segment = songs.draw(MelodySongs::Hearing::plain, Random(8));
  int sounding = 0, begun = 0;
  for (std::size_t k = 0; k < segment.sounds.size(); ++k) {
    if (segment.begins[k] >= 0) {
      ++begun;
      EXPECT_EQ(segment.begins[k], segment.sounds[k]) << k;
    }
    if (segment.sounds[k] < 0) continue;
    ++sounding;
    const std::size_t place = static_cast<std::size_t>(segment.sounds[k] - kLowestMelodyPitch);
    EXPECT_EQ(segment.inputs[(k * kMelodyPitches + place) * kMelodyInputs + 14], 1.0F)
        << k << ": MELODIA's melody there";
  }
  EXPECT_GT(sounding, 6 * begun - 6);  // notes of half a beat, the last may be cut
  EXPECT_GT(begun, 10);
}

std::vector<Note> melody_of(const std::vector<std::pair<int, int>>& onsets_and_pitches) {
  std::vector<Note> notes;
  for (const auto& [onset, pitch] : onsets_and_pitches) {
    Note note;
    note.onset = onset;
    note.duration = 6;
    note.pitch = static_cast<std::int16_t>(pitch);
    note.voice = Voice::melody;
    notes.push_back(note);
  }
  return notes;
}

TEST(MelodyMeasures, CountStepsWhosePitchClassIsRight) {
  Matrix<float> sounds(24, kMelodyChannels);
  for (std::size_t k = 0; k < 9; ++k) sounds(k, kMelodyPitches + 69 - kLowestMelodyPitch) = 0.8F;
  sounds(8, kMelodyPitches + 70 - kLowestMelodyPitch) = 0.9F;  // another is stronger
  MelodyMeasures measures;
  Note chord = melody_of({{0, 60}}).front();
  chord.voice = Voice::accompaniment;
  auto target = melody_of({{0, 81}, {6, 57}});  // in other octaves; steps 9 to 11 are silent
  target.push_back(chord);
  add_sounding(measures, target, sounds.view(), kMelodyPitches);
  EXPECT_EQ(measures.steps, 12);
  EXPECT_EQ(measures.right, 8);
}

TEST(MelodyMeasures, LikelyBeginningsArePairedWithOnsets) {
  Matrix<float> chances(24, kMelodyChannels);
  const auto at = [&](std::size_t step, int pitch) -> float& {
    return chances(step, static_cast<std::size_t>(pitch - kLowestMelodyPitch));
  };
  at(1, 69) = at(1, 57) = 0.2F;  // two octaves of one class, together 0.4, a step late
  at(2, 69) = 0.35F;             // the same note
  at(12, 72) = 0.6F;             // nothing begins there
  at(18, 71) = 0.29F;            // not likely
  MelodyMeasures measures;
  add_beginnings(measures, melody_of({{0, 69}, {18, 71}}), chances.view());
  EXPECT_EQ(measures.begins.expected, 2);
  EXPECT_EQ(measures.begins.found, 2);
  EXPECT_EQ(measures.begins.matched, 1);
}

TEST(MelodyProgram, TrainsAndRefusesWhatItCannotDo) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 2;
  config.validation_segments = 0;
  write_file(folder / "run.json", to_json(config, Training::melody));
  const std::string file = (folder / "run.json").string();
  EXPECT_EQ(testing::wait_for(testing::start_program({"melody", file})), 0);
  EXPECT_NE(MelodyNetwork::load(folder / "run" / "melody.safetensors"), nullptr);
  EXPECT_EQ(testing::wait_for(testing::start_program({"melody", file})), 1) << "a run is there";
  EXPECT_EQ(testing::wait_for(testing::start_program({"melody", file, "--resume", "--steps", "3"})), 0);
  const std::string melody = (folder / "run" / "melody.safetensors").string(),
                    mean = (folder / "mean.safetensors").string();
  EXPECT_EQ(testing::wait_for(testing::start_program({"average-melody", melody, melody, "--output", mean})), 0);
  testing::expect_equal_weights(melody_network_parts(), melody, mean);
  EXPECT_EQ(testing::wait_for(testing::start_program({"average-melody", melody, "--output", mean})), 1)
      << "it is there";
  EXPECT_EQ(testing::wait_for(testing::start_program({"average-melody", file, "--output", mean, "--force"})), 1);
  config.device = "cuda";
  config.output = (folder / "card").string();
  write_file(folder / "run.json", to_json(config, Training::melody));
  EXPECT_EQ(testing::wait_for(testing::start_program({"melody", file})), at::hasCUDA() ? 0 : 1);
  EXPECT_EQ(std::filesystem::exists(folder / "card"), at::hasCUDA()) << "nothing is left where there is no GPU";
}

}  // namespace
}  // namespace pop2piano::training
