// SPDX-License-Identifier: MIT
#include "judging/metrics/cover_melody.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;

TEST(Skyline, TakesTheHighestSoundingNote) {
  const Notes notes = {{0.0, 0.625, 60}, {0.125, 0.375, 72}, {0.25, 1.0, 48}};
  const PitchContour line = skyline(notes, 9, 0.125);
  const double expected[] = {60, 72, 72, 60, 60, 48, 48, 48};
  for (std::size_t k = 0; k < 8; ++k) EXPECT_NEAR(hz_to_midi(line.frequencies[k]), expected[k], 1e-9) << k;
  EXPECT_EQ(line.frequencies[8], 0.0);
}

TEST(Skyline, FramesAreThoseOfThePublishedScript) {
  // At 44100 / 1024 frames/s a note from 0.1 to 0.2 s is written to frames 4 to 7 of the piano roll.
  const PitchContour line = skyline(Notes{{0.1, 0.2, 60}}, 12);
  for (std::size_t k = 0; k < 12; ++k) EXPECT_EQ(line.frequencies[k] > 0.0, k >= 4 && k < 8) << k;
  EXPECT_NEAR(line.times[1], 1024.0 / 44100.0, 1e-15);
}

TEST(CoverMelody, APerfectCoverScoresOne) {
  const Notes melody = {{0.5, 1.0, 60}, {1.0, 1.5, 62}, {2.0, 3.0, 64}};
  Notes cover = melody;
  for (PlayedNote& note : cover) note.pitch += 12.0;
  cover.push_back({0.5, 3.0, 40});  // an accompaniment below changes nothing while the melody sounds
  const CoverMelodyScores scores = compare_cover_melody(contour_of(melody, 150), melody, cover);
  EXPECT_EQ(scores.mca.value(), 1.0);
  EXPECT_EQ(scores.raw_pitch.value(), 0.0);
  EXPECT_EQ(scores.notes_covered.value(), 1.0);
}

TEST(CoverMelody, ACurveMayBeginLateAndHaveItsOwnTimes) {
  const Notes melody = {{6.0, 7.0, 60}, {7.0, 8.0, 62}, {60.0, 64.0, 64}};
  PitchContour late, uneven;
  for (double time = 5.0; time < 65.0; time += 0.01) {
    double frequency = 0.0;
    for (const PlayedNote& note : melody) {
      if (note.onset <= time + 0.005 && time + 0.005 < note.offset) frequency = midi_to_hz(note.pitch);
    }
    late.times.push_back(time);
    late.frequencies.push_back(frequency);
    if (std::lround(time * 100.0) % 7 == 3) continue;  // some frames are missing
    uneven.times.push_back(time);
    uneven.frequencies.push_back(frequency);
  }
  EXPECT_GT(compare_cover_melody(late, melody, melody).raw_pitch.value(), 0.99);
  EXPECT_GT(compare_cover_melody(uneven, melody, melody).raw_pitch.value(), 0.99);
  EXPECT_LT(compare_cover_melody(late, melody, Notes{{0.0, 59.0, 64}}).raw_pitch.value(), 0.01);
}

TEST(CoverMelody, NotesBelowTheTopAreCoveredButNotHeardAsTheMelody) {
  const Notes melody = {{0.5, 1.0, 60}, {1.0, 1.5, 62}};
  Notes cover = melody;
  cover.push_back({0.0, 2.0, 79});  // G above all
  const CoverMelodyScores scores = compare_cover_melody(contour_of(melody, 100), melody, cover);
  EXPECT_EQ(scores.mca.value(), 0.0);
  EXPECT_EQ(scores.notes_covered.value(), 1.0);
}

TEST(CoverMelody, RandomNotesHitByChance) {
  Random random(41);
  Notes melody, cover;
  for (int i = 0; i < 400; ++i) {
    melody.push_back({0.25 * i, 0.25 * i + 0.25, 60.0 + static_cast<double>(random.index(12))});
    cover.push_back({0.25 * i, 0.25 * i + 0.25, 60.0 + static_cast<double>(random.index(12))});
  }
  EXPECT_NEAR(compare_cover_melody(contour_of(melody, 4300), melody, cover).mca.value(), 1.0 / 12.0, 0.04);
}

TEST(CoverMelody, UndefinedWithoutNotesOrMelody) {
  const Notes notes = {{0.0, 1.0, 60}};
  EXPECT_FALSE(compare_cover_melody(contour_of(notes, 50), notes, {}).mca.defined());
  EXPECT_FALSE(compare_cover_melody(contour_of({}, 50), {}, notes).mca.defined());
  EXPECT_FALSE(compare_cover_melody(contour_of({}, 50), {}, notes).notes_covered.defined());
}

TEST(NotesOf, FindsTheNotesOfAContour) {
  const Notes melody = {{0.2, 0.6, 60}, {0.6, 0.9, 62}, {1.2, 2.0, 62}};
  const Notes found = notes_of(contour_of(melody, 120));
  ASSERT_EQ(found.size(), melody.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].onset, melody[i].onset, 0.03);
    EXPECT_NEAR(found[i].offset, melody[i].offset, 0.03);
    EXPECT_EQ(found[i].pitch, melody[i].pitch);
  }
  EXPECT_TRUE(notes_of({}).empty());
}

}  // namespace
}  // namespace pop2piano
