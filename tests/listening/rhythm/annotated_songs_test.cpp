// SPDX-License-Identifier: MIT
// Beats of real recordings against their annotations, where the folder of recordings is at hand.
#include <pop2piano/audio.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "judging/metrics/beat_metrics.h"
#include "listening/rhythm/beat_tracker.h"
#include "listening/rhythm/beats_file.h"

namespace pop2piano {
namespace {

std::filesystem::path shared_folder() {
  if (const char* folder = std::getenv("POP2PIANO_SHARED")) return folder;
  return std::filesystem::path(POP2PIANO_SOURCE_DIR) / ".." / "shared";
}

double f_measure_of(const std::filesystem::path& song, const std::vector<std::filesystem::path>& annotations) {
  const auto tracker = make_beat_tracker();
  const auto stream = Recording::open(song).stream();
  std::array<float, 4096> block;
  for (std::size_t count = stream->read(block); count > 0; count = stream->read(block)) {
    tracker->push(std::span(block).first(count));
  }
  ThreadPool pool(2);
  const BeatAnalysis analysis = tracker->finish(pool, {});
  double best = 0;
  for (const auto& file : annotations) {
    const BeatGrid truth = read_beats_file(file);
    best = std::max(best, beat_f_measure(truth.times, analysis.grid.times).optional().value_or(0));
  }
  return best;
}

TEST(AnnotatedSongs, AreTracked) {
  const auto folder = shared_folder() / "audio";
  const auto notes = folder / "annotations";
  if (!std::filesystem::exists(notes)) {
    GTEST_SKIP() << "no recordings at " << folder << "; set POP2PIANO_SHARED to the folder that holds audio/";
  }
  // At 210 beats a minute the half is as good an answer: the annotation has both.
  const double rock =
      f_measure_of(folder / "sm_goin_under.ogg", {notes / "sm_goin_under.beats", notes / "sm_goin_under.half.beats"});
  const double pop = f_measure_of(folder / "us_jonathan_coulton_code_monkey.ogg",
                                  {notes / "us_jonathan_coulton_code_monkey.derived.beats"});
  EXPECT_GE(rock, 0.8);
  EXPECT_GE(pop, 0.9);
}

}  // namespace
}  // namespace pop2piano
