// SPDX-License-Identifier: MIT
// make_covers(): the three steps in a row, and levels from what was written.
#include <pop2piano/cover.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "music/arrange/hands.h"
#include "writing/cover/clip.h"

namespace pop2piano {
namespace {

using testing::clip;
using testing::clip_analysis;
using testing::clip_written;
using testing::our_model;

TEST(MakeCover, IsTheThreeStepsInARow) {
  const Cover cover = make_cover(clip(), our_model(), "auto", {.title = "Clip"});
  const PianoScore piano = arrange(clip_written());
  EXPECT_EQ(cover.piano.score.notes, piano.score.notes);
  EXPECT_EQ(cover.piano.changes.size(), piano.changes.size());
  EXPECT_EQ(cover.written.score.notes, clip_written().score.notes);
  EXPECT_EQ(cover.piano.score.title, "Clip");
  ASSERT_EQ(cover.stage_seconds.size(), 5U);
  EXPECT_EQ(cover.stage_seconds.back().first, "arrange");
}

// A small song with silence before, behind and within it: the same notes at the same places, none in the silence.
TEST(MakeCover, SilenceChangesNothingElse) {
  const std::vector<float> song = clip().read_all().samples;
  const auto silence = [](double seconds) { return std::vector<float>(static_cast<std::size_t>(seconds * 22050)); };
  const auto joined = [](std::initializer_list<std::vector<float>> parts) {
    std::vector<float> all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return Recording::from({.samples = all});
  };
  const auto strikes = [](const Recording& recording, double from, double gap) {
    const Written written = write(analyse(recording, analysis_options(our_model())), our_model());
    std::vector<std::pair<int, double>> all;
    for (const Note& note : written.score.notes) {
      const double time = written.score.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat);
      EXPECT_TRUE(time < from || time >= from + gap - 0.1) << time;
      all.emplace_back(note.pitch, std::round(1e4 * (time < from ? time : time - gap)));
    }
    return all;
  };
  constexpr double kNever = 1e9;
  const auto alone = strikes(clip(), kNever, 0.0);
  EXPECT_EQ(strikes(joined({song, silence(20)}), kNever, 0.0), alone);
  EXPECT_EQ(strikes(joined({silence(20), song}), 0.0, 20.0), alone);
  const auto middle = song.begin() + 8 * 22050;
  const auto parted = strikes(joined({{song.begin(), middle}, silence(15), {middle, song.end()}}), 8.0, 15.0);
  EXPECT_EQ(parted.size(), alone.size());
  for (const auto& [pitch, time] : alone) {
    const double tolerance = std::abs(time - 8e4) < 1e3 ? 200.0 : 0.0;  // what began on the border may lie beside it
    const auto is_it = [&, key = pitch, at = time](const auto& note) {
      return note.first == key && std::abs(note.second - at) <= tolerance;
    };
    EXPECT_TRUE(std::ranges::any_of(parted, is_it)) << pitch << " at " << time;
  }
}

TEST(MakeCover, DoesNotDependOnTheLevel) {
  for (const double db : {-1.0, -40.0, -90.0}) {
    std::vector<float> samples = clip().read_all().samples;
    for (float& sample : samples) sample *= static_cast<float>(std::pow(10.0, db / 20.0));
    const Cover cover = make_cover(Recording::from({.samples = samples}), our_model(), "auto");
    EXPECT_EQ(cover.piano.score.notes, arrange(clip_written()).score.notes) << db;
    EXPECT_NEAR(cover.written.peak_db, clip_written().peak_db + db, 1e-3);
  }
}

TEST(MakeCovers, AnalyseOnceAndFromWhatWasKept) {
  const std::vector<std::string> styles = {"sparse-chords", "dense-chords"};
  const auto heard = make_covers(clip(), our_model(), styles);
  const auto kept = make_covers(clip_analysis(), our_model(), styles);
  ASSERT_EQ(heard.size(), 2U);
  ASSERT_EQ(kept.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(heard[i].piano.score.notes, kept[i].piano.score.notes);
    EXPECT_EQ(heard[i].piano.score.style, styles[i]);
  }
  EXPECT_EQ(heard[0].stage_seconds[0], heard[1].stage_seconds[0]);  // one analysis
}

TEST(MakeCovers, EveryLevelComesFromWhatWasWritten) {
  std::size_t notes = 0;
  for (int level = 1; level <= 5; ++level) {
    const PianoScore piano = arrange(clip_written(), {.level = level});
    EXPECT_EQ(piano.level, level);
    EXPECT_EQ(count_unplayable(piano.score.notes), 0U);
    EXPECT_EQ(
        piano.score.notes,
        make_covers(clip_analysis(), our_model(), {"auto"}, {.piano = {.level = level}}).front().piano.score.notes);
    EXPECT_GE(piano.score.notes.size() + 20, notes);
    notes = piano.score.notes.size();
  }
}

// Nothing is heard before the options are looked at: silence would be another error.
TEST(MakeCovers, LookAtTheOptionsFirst) {
  const Recording silence = Recording::from({.samples = std::vector<float>(22050)});
  const auto code_of = [&](const std::string& style, const CoverOptions& options) {
    try {
      (void)make_cover(silence, our_model(), style, options);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::cancelled;
  };
  EXPECT_EQ(code_of("auto", {}), ErrorCode::nothing_found);
  EXPECT_EQ(code_of("nobody", {}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of("auto", {.writing = {.overlap_beats = 9}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of("auto", {.piano = {.key = "H"}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of("auto", {.beats = {.tempo_times = 3}}), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace pop2piano
