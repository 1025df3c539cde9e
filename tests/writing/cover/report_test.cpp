// SPDX-License-Identifier: MIT
// The report's numbers on a score of two bars.
#include "writing/cover/report.h"

#include <gtest/gtest.h>

#include "writing/cover/written_swing.h"

namespace pop2piano {
namespace {

struct TwoBars {
  PianoScore piano;
  Written written;

  TwoBars() {
    BeatGrid grid;
    for (int i = 0; i < 9; ++i) {
      grid.times.push_back(0.5 * i);
      grid.numbers.push_back(i % 4 + 1);
      grid.confidence.push_back(i < 4 ? 0.5F : 1.0F);
    }
    piano.score = {.title = "Two bars", .style = "auto", .grid = grid, .key = Key{}, .notes = {}};
    piano.score.notes = {
        {.onset = 6, .duration = 3, .pitch = 60, .velocity = 70, .voice = Voice::melody, .hand = Hand::right}};
    piano.level = 3;
    const Note cut{.onset = 6, .duration = 9, .pitch = 60};
    piano.changes = {{ChangeKind::shortened, ChangeReason::level, cut, piano.score.notes.front()}};
    written.rhythm = {.grid = grid, .constant_tempo = true, .confidence = 0.75, .swing_ratio = 1.0, .remarks = {"so"}};
    written.tuning = {.cents = -31.74, .confidence = 0.25, .drift = 2.0, .corrected = -32.0};
    written.peak_db = -6.0206;
    written.duration = 4.0;
    written.melody_by_network = true;
    written.accompaniment = Accompaniment::lead_sheet;
    written.plan = {{1, 2, "A", "dense-chords"}};
    written.remarks = {"and so"};
    written.segment_first_beats = {0.0, 4.0};
    written.confidence = {0.25F, 0.5F};
  }
};

TEST(Report, SaysWhatWasFoundAndWritten) {
  const TwoBars two;
  const auto report = report_of(two.piano, two.written.rhythm, two.written.duration, &two.written);
  EXPECT_EQ(report.at("title"), "Two bars");
  EXPECT_EQ(report.at("tempo"), 120.0);
  const auto plan = nlohmann::json::parse(R"([{"bars": [1, 2], "section": "A", "style": "dense-chords"}])");
  EXPECT_EQ(nlohmann::json(report.at("plan")), plan);
  EXPECT_EQ(report.at("key"), "C major");
  EXPECT_EQ(report.at("level"), 3);
  EXPECT_EQ(report.at("tune_by_network"), true);
  EXPECT_EQ(report.at("remarks"), nlohmann::ordered_json({"so", "and so"}));
  EXPECT_NEAR(report.at("tuning").at("cents").get<double>(), -31.7, 1e-9);
  EXPECT_EQ(report.at("tuning").at("corrected"), -32.0);
  EXPECT_NEAR(report.at("peak_db").get<double>(), -6.02, 1e-9);
  EXPECT_EQ(report.at("accompaniment"), "lead-sheet");
  EXPECT_EQ(report.at("beats").size(), 9U);
  ASSERT_EQ(report.at("bars").size(), 2U);
  EXPECT_EQ(report.at("bars")[0].at("beat_confidence"), 0.5);
  EXPECT_EQ(report.at("bars")[0].at("note_confidence"), 0.25);
  EXPECT_EQ(report.at("bars")[1].at("note_confidence"), 0.5);
  EXPECT_EQ(report.at("bars")[1].at("time"), 2.0);
  const auto& note = report.at("notes")[0];
  EXPECT_EQ(note.at("onset"), 0.25);
  EXPECT_EQ(note.at("offset"), 0.375);
  EXPECT_EQ(note.at("hand"), "right");
  const auto& change = report.at("changes")[0];
  EXPECT_EQ(change.at("what"), "shortened");
  EXPECT_EQ(change.at("to_duration_steps"), 3);
  EXPECT_FALSE(change.contains("to_pitch"));
}

TEST(Report, SwungNotesAreWhereTheySound) {
  TwoBars two;
  EXPECT_EQ(report_of(two.piano, two.written.rhythm, two.written.duration, &two.written).at("swung"), nullptr);
  two.written.rhythm.swing_ratio = 2.0;
  two.piano.score.swing = swing_of(two.written.rhythm);
  const auto report = report_of(two.piano, two.written.rhythm, two.written.duration, &two.written);
  EXPECT_EQ(report.at("swing_ratio"), 2.0);
  EXPECT_EQ(report.at("swung"), "eighth");
  EXPECT_EQ(report.at("notes")[0].at("step"), 6);
  EXPECT_NEAR(report.at("notes")[0].at("onset").get<double>(), 0.3333, 1e-4);
  two.written.rhythm.swung_sixteenths = true;
  EXPECT_EQ(swing_of(two.written.rhythm).pair, 6);
  two.written.rhythm.swing_ratio = 1.2;
  EXPECT_FALSE(swing_of(two.written.rhythm).swings());
}

TEST(Report, OfAScoreThatNoNetworkWroteHasNoConfidenceOfNotes) {
  const TwoBars two;
  const auto report = report_of(two.piano, two.written.rhythm, two.written.duration);
  EXPECT_EQ(report.at("tune_by_network"), false);
  EXPECT_TRUE(report.at("accompaniment").is_null());
  EXPECT_FALSE(report.at("bars")[0].contains("note_confidence"));
}

TEST(Report, NamesEveryOptionThatMovesANote) {
  CoverOptions options{.beats = {.tempo_times = 2.0, .downbeat = 3}, .piano = {.level = 1, .key = "easy"}};
  options.writing.generation.seed = 7;
  const auto report = report_of(options);
  EXPECT_EQ(report.at("tempo_times"), 2.0);
  EXPECT_EQ(report.at("downbeat"), 3);
  EXPECT_TRUE(report.at("beats_per_bar").is_null());
  EXPECT_EQ(report.at("key"), "easy");
  EXPECT_TRUE(report.at("transpose").is_null());
  EXPECT_EQ(report.at("level"), 1);
  EXPECT_EQ(report.at("melody_weight"), 2.5);
  EXPECT_EQ(report.at("accompaniment"), "figures");
  EXPECT_EQ(report.at("bass_weight"), 3.0);
  EXPECT_EQ(report.at("seed"), 7);
}

}  // namespace
}  // namespace pop2piano
