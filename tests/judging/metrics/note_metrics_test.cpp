// SPDX-License-Identifier: MIT
#include "judging/metrics/note_metrics.h"

#include <pop2piano/error.h>

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "judging/metrics/brute_force.h"

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;

TEST(NoteMetrics, PerfectNotesScoreOne) {
  const Notes notes = {{0.0, 0.5, 60}, {0.0, 0.5, 64}, {0.5, 1.0, 60}};
  const NoteScores scores = compare_notes(notes, notes);
  for (const Detection& detection : {scores.onset, scores.note, scores.note_with_offset, scores.frame}) {
    EXPECT_DOUBLE_EQ(detection.f_measure.value(), 1.0);
  }
  EXPECT_DOUBLE_EQ(scores.frame_accuracy.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.mean_overlap.value(), 1.0);
}

TEST(NoteMetrics, TolerancesAreInclusive) {
  const Notes reference = {{1.0, 2.0, 60}};
  EXPECT_DOUBLE_EQ(compare_notes(reference, Notes{{1.05, 2.2, 60.5}}).note_with_offset.f_measure.value(), 1.0);
  EXPECT_DOUBLE_EQ(compare_notes(reference, Notes{{1.051, 2.2, 60}}).note.f_measure.value(), 0.0);
  EXPECT_DOUBLE_EQ(compare_notes(reference, Notes{{1.0, 2.201, 60}}).note_with_offset.f_measure.value(), 0.0);
  EXPECT_DOUBLE_EQ(compare_notes(reference, Notes{{1.0, 2.0, 60.51}}).note.f_measure.value(), 0.0);
}

TEST(NoteMetrics, ShortNotesHaveFiftyMillisecondsForTheirEnd) {
  const Notes reference = {{1.0, 1.1, 60}};  // 20 % would be 20 ms
  EXPECT_DOUBLE_EQ(compare_notes(reference, Notes{{1.0, 1.15, 60}}).note_with_offset.f_measure.value(), 1.0);
}

TEST(NoteMetrics, AWrongOctaveIsAnOnsetButNoNote) {
  const NoteScores scores = compare_notes(Notes{{1.0, 2.0, 60}}, Notes{{1.0, 2.0, 72}});
  EXPECT_DOUBLE_EQ(scores.onset.f_measure.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.note.f_measure.value(), 0.0);
  EXPECT_DOUBLE_EQ(scores.frame.f_measure.value(), 0.0);
  EXPECT_EQ(scores.by_pitch_class[0].reference, 1u);
  EXPECT_EQ(scores.by_pitch_class[0].estimate, 1u);
  EXPECT_EQ(scores.by_pitch_class[0].matched, 0u);
  EXPECT_EQ(scores.by_octave[5].reference, 1u);
  EXPECT_EQ(scores.by_octave[6].estimate, 1u);
  EXPECT_FALSE(scores.by_octave[6].detection().f_measure.defined());
}

TEST(NoteMetrics, FramesCountSoundingTime) {
  // The estimate stops after 0.6 s of one second: 60 frames of 100, none too many.
  const NoteScores scores = compare_notes(Notes{{0.0, 1.0, 60}}, Notes{{0.0, 0.6, 60}});
  EXPECT_NEAR(scores.frame.recall.value(), 0.6, 1e-12);
  EXPECT_DOUBLE_EQ(scores.frame.precision.value(), 1.0);
  EXPECT_NEAR(scores.frame_accuracy.value(), 0.6, 1e-12);
}

TEST(NoteMetrics, APitchThatIsStruckTwiceSoundsOnce) {
  const NoteScores scores = compare_notes(Notes{{0.0, 1.0, 60}}, Notes{{0.0, 1.0, 60}, {0.0, 1.0, 60}});
  EXPECT_DOUBLE_EQ(scores.frame.precision.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.note.precision.value(), 0.5);
}

TEST(NoteMetrics, MatchingIsLargestNotGreedy) {
  // The first estimate is near both references; taking the nearer one would leave the second without a partner.
  const Notes reference = {{1.00, 1.5, 60}, {1.06, 1.5, 60}};
  const Notes estimate = {{1.04, 1.5, 60}, {1.10, 1.5, 60}};
  EXPECT_DOUBLE_EQ(compare_notes(reference, estimate).note.f_measure.value(), 1.0);
}

TEST(NoteMetrics, EmptySidesAreUndefined) {
  const Notes notes = {{0.0, 1.0, 60}};
  EXPECT_FALSE(compare_notes({}, notes).note.f_measure.defined());
  EXPECT_FALSE(compare_notes(notes, {}).frame.f_measure.defined());
  EXPECT_FALSE(compare_notes({}, {}).frame_accuracy.defined());
  EXPECT_FALSE(compare_notes({}, {}).mean_overlap.defined());
}

TEST(NoteMetrics, RefusesNotesThatEndBeforeTheyStart) {
  EXPECT_THROW(compare_notes(Notes{{1.0, 0.5, 60}}, {}), Error);
  EXPECT_THROW(compare_notes({}, Notes{{0.0, INFINITY, 60}}), Error);
}

// --- the plain version ---

Notes random_notes(Random& random, std::size_t most) {
  Notes notes(random.index(most + 1));
  for (PlayedNote& note : notes) {
    note.onset = std::round(random.uniform(0.0, 0.4) * 1000.0) / 1000.0;  // a grid of 1 ms, so that limits are hit
    note.offset = note.onset + std::round(random.uniform(1.0, 500.0)) / 1000.0;
    note.pitch = 60.0 + static_cast<double>(random.index(3)) + (random.chance(0.2) ? 0.5 : 0.0);
  }
  return notes;
}

std::size_t slow_matched(const Notes& a, const Notes& b, int rules) {
  const auto near = [](double x, double y, double limit) { return std::round(std::abs(x - y) * 1e4) <= limit * 1e4; };
  return testing::brute_force_matching(a.size(), b.size(), [&](std::size_t i, std::size_t j) {
    if (!near(a[i].onset, b[j].onset, 0.05)) return false;
    if (rules > 0 && std::abs(a[i].pitch - b[j].pitch) > 0.5) return false;
    const double tolerance = std::max(0.05, 0.2 * (a[i].offset - a[i].onset));
    return rules < 2 || near(a[i].offset, b[j].offset, tolerance);
  });
}

TEST(NoteMetrics, EqualThePlainVersionOnRandomNotes) {
  Random random(13);
  for (int round = 0; round < 300; ++round) {
    const Notes reference = random_notes(random, 9), estimate = random_notes(random, 9);
    if (reference.empty() || estimate.empty()) continue;
    const NoteScores scores = compare_notes(reference, estimate);
    const Detection* detections[] = {&scores.onset, &scores.note, &scores.note_with_offset};
    for (int rules = 0; rules < 3; ++rules) {
      const auto matched = static_cast<double>(slow_matched(reference, estimate, rules));
      const double precision = matched / static_cast<double>(estimate.size());
      const double recall = matched / static_cast<double>(reference.size());
      ASSERT_NEAR(detections[rules]->precision.value(), precision, 1e-12) << "round " << round << " rules " << rules;
      ASSERT_NEAR(detections[rules]->recall.value(), recall, 1e-12) << "round " << round << " rules " << rules;
    }
  }
}

TEST(NoteMetrics, FramesEqualThePlainVersionOnRandomNotes) {
  Random random(17);
  for (int round = 0; round < 100; ++round) {
    Notes reference = random_notes(random, 9), estimate = random_notes(random, 9);
    if (reference.empty() || estimate.empty()) continue;
    for (PlayedNote& note : reference) note.pitch = std::floor(note.pitch);
    for (PlayedNote& note : estimate) note.pitch = std::floor(note.pitch);
    double both = 0.0, in_reference = 0.0, in_estimate = 0.0;
    for (int frame = 0; frame < 200; ++frame) {
      const double time = frame * 0.01;
      std::set<double> a, b;
      for (const PlayedNote& note : reference) {
        if (note.onset <= time && time < note.offset) a.insert(note.pitch);
      }
      for (const PlayedNote& note : estimate) {
        if (note.onset <= time && time < note.offset) b.insert(note.pitch);
      }
      in_reference += static_cast<double>(a.size());
      in_estimate += static_cast<double>(b.size());
      for (const double pitch : a) both += b.count(pitch) != 0 ? 1.0 : 0.0;
    }
    if (in_reference == 0.0 || in_estimate == 0.0) continue;
    const NoteScores scores = compare_notes(reference, estimate);
    ASSERT_NEAR(scores.frame.precision.value(), both / in_estimate, 1e-12) << "round " << round;
    ASSERT_NEAR(scores.frame.recall.value(), both / in_reference, 1e-12) << "round " << round;
    ASSERT_NEAR(scores.frame_accuracy.value(), both / (in_reference + in_estimate - both), 1e-12);
  }
}

}  // namespace
}  // namespace pop2piano
