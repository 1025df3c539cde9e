// SPDX-License-Identifier: MIT
// Where a score lies in a recording that was made from it: later, in another key, in a time of its own.
#include "listening/align/song_alignment.h"

#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "listening/align/analysis_sound.h"
#include "scratch_folder.h"
#include "sound/audio/wav_writer.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

// Forty beats of chords and a melody at 120 beats a minute, another harmony every two beats.
Score random_score() {
  Score score;
  Random random(83);
  for (int beat = 0; beat <= 44; ++beat) {
    score.grid.times.push_back(0.5 * beat);
    score.grid.numbers.push_back(beat % 4 + 1);
  }
  int root = 0;
  for (int beat = 0; beat < 40; ++beat) {
    if (beat % 2 == 0) root = static_cast<int>(random.index(12));
    for (const int tone : {0, 4, 7}) {
      score.notes.push_back({.onset = beat * kStepsPerBeat,
                             .duration = kStepsPerBeat - 2,
                             .pitch = static_cast<std::int16_t>(48 + root + tone)});
    }
    score.notes.push_back({.onset = beat * kStepsPerBeat + kStepsPerBeat / 2,
                           .duration = 4,
                           .pitch = static_cast<std::int16_t>(72 + (root + 7) % 12)});
  }
  return score;
}

class SongAlignmentTest : public ::testing::Test {
 protected:
  // A recording of the score with each moment put to `time_of` it.
  Recording recorded(const Score& score, int transposition, const std::function<double(double)>& time_of) {
    std::vector<PlayedNote> notes;
    for (const Note& note : score.notes) {
      const auto seconds = [&](int step) {
        return time_of(score.grid.time_at(static_cast<double>(step) / kStepsPerBeat));
      };
      notes.push_back(
          {seconds(note.onset), seconds(note.offset()), static_cast<double>(note.pitch + transposition), 80});
    }
    const auto samples = analysis_sound(notes, kAnalysisSampleRate);
    WavWriter writer(folder_ / "song.wav", {.sample_rate = kAnalysisSampleRate, .channels = 1});
    writer.write(samples);
    writer.commit();
    return Recording::open(folder_ / "song.wav");
  }

  const ScratchFolder folder_;
};

TEST_F(SongAlignmentTest, AConstantShiftInAnotherKey) {
  const Score score = random_score();
  const SongAlignment found = align_with_song(score, recorded(score, 3, [](double time) { return time + 1.7; }), 2);
  EXPECT_FALSE(found.warped);
  EXPECT_NEAR(found.shift, 1.7, 0.03);
  EXPECT_NEAR(found.time.at(10.0), 11.7, 0.03);
}

TEST_F(SongAlignmentTest, TheSameTimeIsLeftAlone) {
  const Score score = random_score();
  const SongAlignment found = align_with_song(score, recorded(score, 0, [](double time) { return time; }), 2);
  EXPECT_FALSE(found.warped);
  EXPECT_EQ(found.time.at(10.0), 10.0);
}

TEST_F(SongAlignmentTest, ATimeOfItsOwnIsWarped) {
  const Score score = random_score();
  const auto slower = [](double time) { return 1.0 + 1.3 * time; };
  const SongAlignment found = align_with_song(score, recorded(score, 0, slower), 2);
  EXPECT_TRUE(found.warped);
  for (const double time : {4.0, 9.0, 15.0}) EXPECT_NEAR(found.time.at(time), slower(time), 0.15) << time;
}

TEST_F(SongAlignmentTest, NoNotesNoPlace) {
  Score empty = random_score();
  const Recording song = recorded(empty, 0, [](double time) { return time; });
  empty.notes.clear();
  const SongAlignment found = align_with_song(empty, song, 1);
  EXPECT_TRUE(found.time.points.empty());
  EXPECT_FALSE(found.warped);
}

}  // namespace
}  // namespace pop2piano
