// SPDX-License-Identifier: MIT
#include "judging/metrics/chord_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

using Chords = std::vector<LabelledChord>;

// Semitones of the label, low to high, as in "0 4 7".
std::string notes_of(std::string_view label, ChordExtensions extensions = ChordExtensions::ignored) {
  const Chord chord = parse_chord(label, extensions);
  std::string notes;
  for (std::size_t i = 0; i < 12; ++i) {
    if (chord.intervals[i]) notes += (notes.empty() ? "" : " ") + std::to_string(i);
  }
  return notes;
}

TEST(ChordLabel, ReadsRootShapeAndBass) {
  EXPECT_EQ(parse_chord("C").root, 0);
  EXPECT_EQ(parse_chord("Bb:min").root, 10);
  EXPECT_EQ(parse_chord("Cb").root, 11);
  EXPECT_EQ(parse_chord("F##").root, 7);
  EXPECT_EQ(notes_of("A"), "0 4 7");
  EXPECT_EQ(notes_of("A:min7"), "0 3 7 10");
  EXPECT_EQ(notes_of("C:(3)"), "0 4");
  EXPECT_EQ(notes_of("C:sus4(b7)"), "0 5 7 10");
  EXPECT_EQ(notes_of("C:maj(*3)"), "0 7");
  EXPECT_EQ(parse_chord("G#:min(*b3,*5)/5").bass, 7);
  EXPECT_EQ(notes_of("G#:min(*b3,*5)/5"), "0 7");  // the bass sounds
  EXPECT_EQ(notes_of("C:maj(*1)/5"), "4 7");       // without its root
  EXPECT_EQ(notes_of("C:(3,5)"), "0 4 7");
  EXPECT_EQ(notes_of("C:(*1,3)/3"), "4");
  EXPECT_EQ(notes_of("C:min(*5,b6)"), "0 3 8");
  EXPECT_EQ(notes_of("C:9"), "0 4 7 10");
  EXPECT_EQ(notes_of("C:9", ChordExtensions::folded), "0 2 4 7 10");
  EXPECT_EQ(notes_of("C:maj(9)"), "0 4 7");
  EXPECT_EQ(notes_of("C:min13", ChordExtensions::folded), "0 2 3 5 7 9 10");
}

TEST(ChordLabel, NoChordAndUnknownDiffer) {
  EXPECT_EQ(parse_chord("N").root, -1);
  EXPECT_FALSE(parse_chord("N").unknown);
  EXPECT_TRUE(parse_chord("X").unknown);
}

TEST(ChordLabel, RefusesWhatTheSyntaxDoesNotKnow) {
  for (const char* label : {"", "H", "c", "C:", "C:foo", "C:maj(", "C:maj(14)", "C:maj(0)", "C/", "C/15", "C:maj7x",
                            "C#b", "NN", "C:()", "C:maj()", "C:maj(3", " C"}) {
    EXPECT_THROW((void)parse_chord(label), Error) << label;
  }
}

double score(Measure ChordScores::*rule, const char* reference, const char* estimate) {
  const ChordScores scores = compare_chords(Chords{{0, 1, reference}}, Chords{{0, 1, estimate}});
  return (scores.*rule).defined() ? (scores.*rule).value() : -1.0;
}

TEST(ChordMetrics, RulesAgreeWithTheirDefinitions) {
  using S = ChordScores;
  EXPECT_EQ(score(&S::root, "C:maj", "C:min"), 1);
  EXPECT_EQ(score(&S::root, "X", "C"), -1);
  EXPECT_EQ(score(&S::root, "N", "N"), 1);
  EXPECT_EQ(score(&S::thirds, "A:7", "A:maj"), 1);
  EXPECT_EQ(score(&S::thirds, "A:min", "A:dim"), 1);
  EXPECT_EQ(score(&S::thirds, "A:min", "A:maj"), 0);
  EXPECT_EQ(score(&S::thirds, "N", "X"), 0);
  EXPECT_EQ(score(&S::triads, "A:min", "A:dim"), 0);
  EXPECT_EQ(score(&S::triads, "A:7", "A:maj"), 1);
  EXPECT_EQ(score(&S::tetrads, "A:7", "A:maj7"), 0);
  EXPECT_EQ(score(&S::tetrads, "A:7", "A:9"), 1);
  EXPECT_EQ(score(&S::majmin, "C:maj7", "C"), 1);
  EXPECT_EQ(score(&S::majmin, "C:sus4", "C"), -1);
  EXPECT_EQ(score(&S::majmin, "C", "C:sus4"), 0);
  EXPECT_EQ(score(&S::majmin, "N", "C"), 0);
  EXPECT_EQ(score(&S::majmin, "C/2", "C"), -1);  // the foreign bass makes it no triad
  EXPECT_EQ(score(&S::sevenths, "C:maj6", "C:maj6"), -1);
  EXPECT_EQ(score(&S::sevenths, "C:min7", "C:min"), 0);
  EXPECT_EQ(score(&S::sevenths, "C:min7", "C:min7"), 1);
  EXPECT_EQ(score(&S::sevenths, "Db:min7", "C#:min7"), 1);
}

TEST(ChordMetrics, WeightsByTimeAndFillsWithNoChord) {
  const Chords reference = {{0, 3, "C"}, {3, 4, "N"}, {4, 10, "G"}};
  const Chords estimate = {{-1, 2, "C"}, {2, 3, "F"}};
  // Right: 0-2 and, filled with N, 3-4. Six seconds of G are missed, one of C.
  EXPECT_NEAR(compare_chords(reference, estimate).root.value(), 0.3, 1e-12);
  EXPECT_NEAR(compare_chords(reference, {}).root.value(), 0.1, 1e-12);
}

TEST(ChordMetrics, SegmentationLooksAtBordersOnly) {
  const Chords reference = {{0, 4, "C"}, {4, 8, "G"}};
  const Chords split = {{0, 1, "D"}, {1, 4, "E"}, {4, 8, "F"}};
  const ChordScores scores = compare_chords(reference, split);
  EXPECT_NEAR(scores.over_segmentation.value(), 1.0 - 1.0 / 8.0, 1e-12);
  EXPECT_NEAR(scores.under_segmentation.value(), 1.0, 1e-12);
  EXPECT_NEAR(scores.segmentation.value(), 7.0 / 8.0, 1e-12);
  const Chords same = {{0, 2, "C"}, {2, 4, "C:maj"}, {4, 8, "G"}};  // equal neighbours are one interval
  EXPECT_NEAR(compare_chords(reference, same).segmentation.value(), 1.0, 1e-12);
}

TEST(ChordMetrics, UndefinedWithoutAReference) {
  EXPECT_FALSE(compare_chords({}, Chords{{0, 1, "C"}}).root.defined());
  EXPECT_FALSE(compare_chords(Chords{{0, 1, "X"}}, Chords{{0, 1, "C"}}).root.defined());
}

TEST(ChordMetrics, RefusesOverlapsAndEmptyIntervals) {
  EXPECT_THROW((void)compare_chords(Chords{{0, 2, "C"}, {1, 3, "G"}}, {}), Error);
  EXPECT_THROW((void)compare_chords(Chords{{1, 1, "C"}}, {}), Error);
  EXPECT_THROW((void)compare_chords(Chords{{0, 1, "C"}}, Chords{{0, 1, "Q"}}), Error);
}

// --- the plain version: sampled time ---

Chords random_chords(Random& random, double start, double end) {
  const char* labels[] = {"C", "C:min", "C:7", "C:maj7", "G", "G:min7", "N", "X", "C:sus4", "G:9", "C/3", "C:min/2"};
  Chords chords;
  for (double at = start; at < end;) {
    const double next = std::min(end, at + 1.0 + static_cast<double>(random.index(6)));
    chords.push_back({at, next, labels[random.index(std::size(labels))]});
    at = next;
  }
  return chords;
}

const std::string& label_at(const Chords& chords, double time) {
  static const std::string kNone = "N";
  for (const LabelledChord& chord : chords) {
    if (chord.start <= time && time < chord.end) return chord.label;
  }
  return kNone;
}

double slow_share(const Chords& reference, const Chords& estimate, Measure ChordScores::*rule) {
  double agreed = 0.0, covered = 0.0;
  for (double time = reference.front().start + 0.5; time < reference.back().end; time += 1.0) {
    const double one = score(rule, label_at(reference, time).c_str(), label_at(estimate, time).c_str());
    if (one < 0.0) continue;
    covered += 1.0;
    agreed += one;
  }
  return covered > 0.0 ? agreed / covered : -1.0;
}

// 1 - the part of each interval of `from` outside its largest piece, where pieces end at any border of `to`.
double slow_segmentation(const Chords& from, const Chords& to) {
  double outside = 0.0;
  for (const LabelledChord& chord : from) {
    double longest = 0.0, run = 0.0;
    for (double at = chord.start; at < chord.end; at += 1.0) {
      const bool border =
          std::any_of(to.begin(), to.end(), [&](const auto& c) { return c.start == at || c.end == at; });
      run = border ? 1.0 : run + 1.0;
      longest = std::max(longest, run);
    }
    outside += chord.end - chord.start - longest;
  }
  return 1.0 - outside / (from.back().end - from.front().start);
}

Chords without_repeats(const Chords& chords) {
  Chords merged;
  for (const LabelledChord& chord : chords) {
    if (!merged.empty() && merged.back().label == chord.label) {
      merged.back().end = chord.end;
    } else {
      merged.push_back(chord);
    }
  }
  return merged;
}

TEST(ChordMetrics, EqualThePlainVersionOnRandomChords) {
  Random random(29);
  for (int round = 0; round < 100; ++round) {
    const Chords reference = random_chords(random, 2.0, 40.0);
    const Chords estimate = random_chords(random, static_cast<double>(random.index(5)),
                                          36.0 + static_cast<double>(random.index(8)));  // shorter and longer
    const ChordScores scores = compare_chords(reference, estimate);
    for (const auto rule : {&ChordScores::root, &ChordScores::thirds, &ChordScores::triads, &ChordScores::tetrads,
                            &ChordScores::majmin, &ChordScores::sevenths}) {
      ASSERT_NEAR((scores.*rule).value(), slow_share(reference, estimate, rule), 1e-9) << "round " << round;
    }
    const Chords whole = random_chords(random, 2.0, 40.0);
    const ChordScores exact = compare_chords(reference, whole);
    const Chords a = without_repeats(reference), b = without_repeats(whole);
    ASSERT_NEAR(exact.over_segmentation.value(), slow_segmentation(a, b), 1e-9) << "round " << round;
    ASSERT_NEAR(exact.under_segmentation.value(), slow_segmentation(b, a), 1e-9) << "round " << round;
  }
}

}  // namespace
}  // namespace pop2piano
