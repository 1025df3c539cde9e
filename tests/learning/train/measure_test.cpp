// SPDX-License-Identifier: MIT
// What `measure` says of a model of random weights, against sums over its segments written one by one.
#include "learning/train_t5/measure.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "learning/train/tiny_model.h"
#include "learning/train_t5/batches.h"
#include "learning/train_t5/model_files.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

constexpr int kBeats = 32, kSegmentBeats = 8;

class Measure : public ::testing::Test {
 protected:
  Measure() : config(testing::tiny_run(folder.path())) {
    Parameters parameters(network_shape_of(model), at::kCPU, at::kFloat);
    parameters.initialise(5);
    write_model(folder / "model", model, parameters.named(parameters.master()), "random");
    songs = std::make_shared<const TrainingSongs>(config, model, Split::test);
  }

  [[nodiscard]] ModelMeasures measured() const {
    return measure_model(folder / "model", {(folder / "songs.p2pd").string()}, {.styles = true, .threads = 1});
  }
  // All segments of a song in its own style.
  [[nodiscard]] std::vector<Note> written(std::size_t song) const {
    const BatchMaker maker(songs, config, model, {}, at::kFloat);
    const auto plans = maker.song_plans(song);
    const std::vector<int> styles(plans.size(), songs->song(song).style);
    const auto tokens =
        engine_tokens(folder / "model", maker.language(), maker.features_of(plans, BatchMaker::Augmentation::none),
                      styles, Arithmetic::automatic, 1);
    std::vector<Note> notes;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const auto part = maker.language().decode(tokens[i], plans[i].first_beat * kStepsPerBeat);
      notes.insert(notes.end(), part.begin(), part.end());
    }
    return notes;
  }

  testing::ScratchFolder folder;
  TrainConfig config;
  ModelConfig model = testing::tiny_model();
  std::shared_ptr<const TrainingSongs> songs;
};

void expect_equal(const NoteCounts& got, const NoteCounts& expected) {
  EXPECT_EQ(got.matched, expected.matched);
  EXPECT_EQ(got.expected, expected.expected);
  EXPECT_EQ(got.found, expected.found);
}

TEST_F(Measure, NotesAreThoseOfTheSegments) {
  const auto m = measured();
  NoteScore expected;
  for (std::size_t s = 0; s < songs->size(); ++s) add_matches(expected, songs->song(s).notes, written(s));
  EXPECT_EQ(m.songs, 2U);  // 7 and 27 of 30
  EXPECT_EQ(m.segments, 2U * kBeats / kSegmentBeats);
  EXPECT_GT(expected.melody.found, 0);
  EXPECT_GT(expected.all.found, expected.melody.found);
  EXPECT_GT(expected.all.expected, 2 * 4 * kBeats);
  expect_equal(m.notes.all, expected.all);
  expect_equal(m.notes.melody, expected.melody);
  expect_equal(m.notes.melody_folded, expected.melody_folded);
  // The channels of made-up songs are their melody itself.
  EXPECT_GT(m.melodia.steps, 2 * kBeats * kStepsPerBeat / 2);
  EXPECT_EQ(m.melodia.right, m.melodia.steps);
  EXPECT_EQ(m.melody.steps, 0);  // no network hears 64 bands
}

TEST_F(Measure, EveryStyleIsWritten) {
  const auto m = measured();
  ASSERT_EQ(m.styles.size(), model.styles.size() - 1);  // all but auto
  EXPECT_FALSE(m.styles.contains("auto"));
  double notes_per_second = 0.0;
  for (std::size_t s = 0; s < songs->size(); ++s) {
    EXPECT_EQ(model.styles[static_cast<std::size_t>(songs->song(s).style)], "dense-chords");
    notes_per_second += static_cast<double>(written(s).size()) / songs->song(s).seconds / 2.0;
  }
  EXPECT_NEAR(m.styles.at("dense-chords").notes_per_second, notes_per_second, 1e-9);
  EXPECT_GE(m.styles.at("dense-chords").notes_per_onset, 1.0);
}

TEST_F(Measure, BordersAreWhereSegmentsBegin) {
  const auto m = measured();
  double at_borders = 0.0, inside = 0.0;
  int borders = 0, others = 0;
  for (std::size_t s = 0; s < songs->size(); ++s) {
    std::vector<int> notes(kBeats);
    for (const Note& note : written(s)) ++notes[static_cast<std::size_t>(note.onset / kStepsPerBeat)];
    for (std::size_t beat = 2; beat < kBeats; beat += 2) {
      const bool border = beat % kSegmentBeats == 0;
      (border ? at_borders : inside) += std::abs(notes[beat] - notes[beat - 1]);
      ++(border ? borders : others);
    }
  }
  EXPECT_GT(at_borders, 0.0);
  EXPECT_NEAR(m.borders.density_jump, at_borders / borders, 1e-9);
  EXPECT_NEAR(m.inside.density_jump, inside / others, 1e-9);
}

TEST_F(Measure, StopsWhenAsked) {
  CancelToken cancel;
  cancel.cancel();
  try {
    (void)measure_model(folder / "model", {(folder / "songs.p2pd").string()}, {.threads = 1}, {.cancel = &cancel});
    FAIL() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

}  // namespace
}  // namespace pop2piano::training
