// SPDX-License-Identifier: MIT
// write(): what the network writes from an analysis, kept or fresh, and what an analysis must hold for it.
#include <pop2piano/cover.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "writing/cover/clip.h"

namespace pop2piano {
namespace {

using testing::clip;
using testing::clip_analysis;
using testing::clip_written;
using testing::our_model;
using testing::published_model;

void expect_error(const Analysis& analysis, const Model& model, const WriteOptions& options, ErrorCode code,
                  const std::string& words, const std::string& style = "auto") {
  try {
    (void)write(analysis, model, style, options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Write, GivesAScoreInOrderOnTheGrid) {
  const Written& written = clip_written();
  const Analysis& analysis = clip_analysis();
  EXPECT_EQ(written.score.grid.times, analysis.grid.times);
  EXPECT_EQ(written.score.style, "auto");
  EXPECT_TRUE(written.score.key);
  EXPECT_EQ(written.loudness_db, analysis.loudness_db);
  EXPECT_NEAR(written.duration, 14.82, 0.01);
  EXPECT_TRUE(written.melody_by_network);
  ASSERT_GT(written.score.notes.size(), 20U);
  const auto last = static_cast<std::int32_t>(analysis.grid.size() - 1) * kStepsPerBeat;
  for (const Note& note : written.score.notes) {
    EXPECT_GE(analysis.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat), 0.0);
    EXPECT_LE(note.offset(), last);
    EXPECT_EQ(note.velocity, 0);
    EXPECT_EQ(note.hand, Hand::unassigned);
  }
  EXPECT_EQ(written.confidence.size(), written.segment_first_beats.size());
  EXPECT_EQ(written.segment_tokens.size(), written.segment_first_beats.size());
  EXPECT_TRUE(std::is_sorted(written.segment_first_beats.begin(), written.segment_first_beats.end()));
  ASSERT_EQ(written.stage_seconds.size(), 4U);
  EXPECT_EQ(written.stage_seconds[2].first, "generate");
  EXPECT_EQ(written.stage_seconds[3].first, "accompany");
}

constexpr int kSixteenth = kStepsPerBeat / 4;

using Place = std::pair<int, int>;  // onset, pitch

std::vector<Place> places_of(const Written& written, Voice voice) {
  std::vector<Place> places;
  for (const Note& note : written.score.notes) {
    if (note.voice == voice) places.emplace_back(note.onset, note.pitch);
  }
  return places;
}

const Written& by_ear() {
  static const Written written = write(clip_analysis(), our_model(), "auto", {.accompaniment = Accompaniment::audio});
  return written;
}

const Written& of_the_writer() {
  static const Written written =
      write(clip_analysis(), our_model(), "auto", {.accompaniment = Accompaniment::lead_sheet});
  return written;
}

TEST(Write, TheLeadSheetChangesTheAccompanimentOnly) {
  EXPECT_EQ(clip_written().accompaniment, Accompaniment::figures);
  EXPECT_EQ(of_the_writer().accompaniment, Accompaniment::lead_sheet);
  EXPECT_EQ(by_ear().accompaniment, Accompaniment::audio);
  EXPECT_EQ(places_of(clip_written(), Voice::melody), places_of(by_ear(), Voice::melody));
  EXPECT_EQ(places_of(of_the_writer(), Voice::melody), places_of(by_ear(), Voice::melody));
  EXPECT_NE(places_of(clip_written(), Voice::accompaniment), places_of(by_ear(), Voice::accompaniment));
  EXPECT_NE(places_of(clip_written(), Voice::accompaniment), places_of(of_the_writer(), Voice::accompaniment));
  EXPECT_GT(places_of(clip_written(), Voice::accompaniment).size(), 20U);
  EXPECT_TRUE(clip_written().remarks.empty());
}

// On beats with a chord: how often the lowest note that sounds when the beat begins is its bass.
double share_of_right_basses(const Written& written) {
  int right = 0, beats = 0;
  for (std::size_t b = 0; b < clip_analysis().harmony.size(); ++b) {
    const int bass = clip_analysis().harmony[b].bass, step = static_cast<int>(b) * kStepsPerBeat;
    int lowest = 128;
    for (const Note& note : written.score.notes) {
      if (note.onset <= step && note.offset() > step) lowest = std::min<int>(lowest, note.pitch);
    }
    if (bass < 0 || lowest == 128) continue;
    ++beats;
    right += lowest % 12 == bass ? 1 : 0;
  }
  EXPECT_GT(beats, 10);
  return static_cast<double>(right) / beats;
}

TEST(Write, NoKeyIsStruckThatTheMelodyHolds) {
  const std::vector<Note>& notes = clip_written().score.notes;
  for (const Note& sung : notes) {
    if (sung.voice != Voice::melody) continue;
    for (const Note& note : notes) {
      const bool within = note.onset >= sung.onset && note.onset < sung.offset();
      EXPECT_FALSE(note.voice == Voice::accompaniment && note.pitch == sung.pitch && within) << sung.onset;
    }
  }
}

TEST(Write, TheBassThatWasHeardIsPlayed) {
  EXPECT_GT(share_of_right_basses(clip_written()), 0.8);
  EXPECT_GT(share_of_right_basses(clip_written()), share_of_right_basses(by_ear()));
  EXPECT_GT(share_of_right_basses(of_the_writer()), share_of_right_basses(by_ear()));
  const WriteOptions free{.accompaniment = Accompaniment::lead_sheet, .bass_weight = 0.0};
  EXPECT_NE(write(clip_analysis(), our_model(), "auto", free).score.notes, of_the_writer().score.notes);
}

// But for what the end of the sound cuts off.
TEST(Write, TheLastChordLastsToTheEndOfItsBar) {
  for (const Written* written : {&clip_written(), &of_the_writer()}) {
    const std::vector<Note>& notes = written->score.notes;
    const BeatGrid& grid = written->score.grid;
    const int last = std::ranges::max_element(notes, {}, &Note::onset)->onset;
    auto beat = static_cast<std::size_t>(last / kStepsPerBeat + 1);
    while (beat < grid.size() && grid.numbers[beat] != 1) ++beat;
    int held = 0;
    for (const Note& note : notes) {
      if (note.offset() <= last) continue;
      ++held;
      EXPECT_GT(note.offset(), static_cast<int>(beat) * kStepsPerBeat - kSixteenth) << note.pitch;
    }
    EXPECT_GT(held, 0);
  }
}

TEST(Write, TheScoreHasTheChordsThatWereHeard) {
  for (const Written* written : {&clip_written(), &by_ear()}) {
    const auto& chords = written->score.chords;
    ASSERT_FALSE(chords.empty());
    for (const ChordSpan& chord : chords) {
      const BeatHarmony& heard = clip_analysis().harmony.at(static_cast<std::size_t>(chord.first_beat));
      EXPECT_EQ(chord.quality, heard.quality);
      if (heard.root < 0) continue;
      EXPECT_EQ(chord.root, heard.root);
      EXPECT_EQ(chord.bass, heard.bass);
    }
  }
}

TEST(Write, WithoutFiguresTheWritersTextStaysAndIsSaid) {
  ASSERT_EQ(setenv("POP2PIANO_FIGURES", "none", 1), 0);
  const Written written = write(clip_analysis(), our_model());
  ASSERT_EQ(unsetenv("POP2PIANO_FIGURES"), 0);
  EXPECT_EQ(written.accompaniment, Accompaniment::lead_sheet);
  EXPECT_EQ(written.score.notes, of_the_writer().score.notes);
  ASSERT_EQ(written.remarks.size(), 1U);
  EXPECT_NE(written.remarks.front().find("figures/figures.safetensors"), std::string::npos);
}

// Without what the lead sheet needs the network's own accompaniment stays, and that is said.
TEST(Write, WithoutAWriterOrAHarmonyItSaysSo) {
  const auto expect_by_ear = [](const Analysis& analysis, const std::string& words) {
    const Written written = write(analysis, our_model());
    EXPECT_EQ(written.accompaniment, Accompaniment::audio);
    EXPECT_EQ(written.score.notes, by_ear().score.notes);
    ASSERT_EQ(written.remarks.size(), 1U);
    EXPECT_NE(written.remarks.front().find(words), std::string::npos) << written.remarks.front();
  };
  Analysis deaf = clip_analysis();
  deaf.harmony.clear();
  expect_by_ear(deaf, "harmony");
  ASSERT_EQ(setenv("POP2PIANO_WRITER", "none", 1), 0);
  expect_by_ear(clip_analysis(), "writer");
  ASSERT_EQ(unsetenv("POP2PIANO_WRITER"), 0);
  EXPECT_TRUE(by_ear().remarks.empty());
}

TEST(Write, TheWriterMayBeGiven) {
  EXPECT_EQ(write(clip_analysis(), our_model(), "auto", {.writer = installed_writer()}).score.notes,
            clip_written().score.notes);
  WriteOptions wrong;
  wrong.writer = std::shared_ptr<const Model>(std::shared_ptr<void>(), &our_model());
  expect_error(clip_analysis(), our_model(), wrong, ErrorCode::unsupported, "listens to sound");
}

TEST(Write, AKeptAnalysisIsAsGoodAsTheRecording) {
  const testing::ScratchFolder folder;
  for (const Model* model : {&our_model(), &published_model()}) {
    const std::string style = model->config().styles.front();
    const Analysis fresh = analyse(clip(), analysis_options(*model));
    save_analysis(fresh, folder / "clip.analysis");
    const Analysis kept = load_analysis(folder / "clip.analysis");
    const Written a = write(fresh, *model, style), b = write(kept, *model, style);
    EXPECT_EQ(a.score.notes, b.score.notes);
    EXPECT_EQ(a.confidence, b.confidence);
    EXPECT_EQ(a.segment_first_beats, b.segment_first_beats);
    EXPECT_FALSE(a.score.notes.empty());
  }
}

TEST(Write, DoesNotDependOnThreads) {
  EXPECT_EQ(write(clip_analysis(), our_model(), "auto", {}, 1).score.notes,
            write(clip_analysis(), our_model(), "auto", {}, 3).score.notes);
}

TEST(Write, StylesAndWeightsDiffer) {
  const auto notes = [](const std::string& style, const WriteOptions& options = {}) {
    return write(clip_analysis(), our_model(), style, options).score.notes;
  };
  EXPECT_NE(notes("sparse-chords"), notes("dense-chords"));
  EXPECT_NE(clip_written().score.notes, notes("auto", {.melody_weight = 0.0}));
  EXPECT_FALSE(write(clip_analysis(), our_model(), "auto", {.melody_weight = 0.0}).melody_by_network);
}

// Heard without what only weighs, the model writes what it writes without weight.
TEST(Write, WithoutWeightNoEvidenceIsNeeded) {
  AnalysisOptions options = analysis_options(our_model(), {.writing = {.melody_weight = 0.0}});
  EXPECT_EQ(options.melody, MelodyEvidence::none);
  const Analysis without = analyse(clip(), options);
  EXPECT_EQ(without.melody_chances.rows(), 0U);
  EXPECT_EQ(write(without, our_model(), "auto", {.melody_weight = 0.0}).score.notes,
            write(clip_analysis(), our_model(), "auto", {.melody_weight = 0.0}).score.notes);
  expect_error(without, our_model(), {}, ErrorCode::invalid_argument, "without the melody's evidence");
}

TEST(Write, SaysWhatTheAnalysisLacks) {
  expect_error(clip_analysis(), published_model(), {}, ErrorCode::invalid_argument, "another kind of model",
               published_model().config().styles.front());
  expect_error(analyse(clip(), analysis_options(published_model())), our_model(), {}, ErrorCode::invalid_argument,
               "the analysis holds mel, hop 1024, 48 bands");
  Analysis other = clip_analysis();
  other.options.features.peak = 0.5;
  expect_error(other, our_model(), {}, ErrorCode::invalid_argument, "another kind of model");
  other = clip_analysis();
  other.options.features.segment_beats = 4;  // frames on the beat are cut when they are read
  EXPECT_EQ(write(other, our_model()).score.notes, clip_written().score.notes);
}

TEST(Write, RefusesOptionsThatThereAreNot) {
  expect_error(clip_analysis(), our_model(), {.melody_weight = -1}, ErrorCode::invalid_argument, "weight");
  expect_error(clip_analysis(), our_model(), {.melody_weight = NAN}, ErrorCode::invalid_argument, "weight");
  expect_error(clip_analysis(), our_model(), {.bass_weight = -1}, ErrorCode::invalid_argument, "bass");
  expect_error(clip_analysis(), our_model(), {.bass_weight = NAN}, ErrorCode::invalid_argument, "bass");
  expect_error(clip_analysis(), our_model(), {.overlap_beats = 5}, ErrorCode::invalid_argument, "overlap");
  expect_error(clip_analysis(), our_model(), {.generation = {.beams = 0}}, ErrorCode::invalid_argument, "beam");
  expect_error(clip_analysis(), our_model(), {}, ErrorCode::invalid_argument, "no-such-style", "no-such-style");
}

}  // namespace
}  // namespace pop2piano
