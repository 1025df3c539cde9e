// SPDX-License-Identifier: MIT
// make_covers(): the three steps in a row, and levels from what was written.
#include <pop2piano/cover.h>

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
