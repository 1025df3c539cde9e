// SPDX-License-Identifier: MIT
// One chord and one bass for each beat: what is doubtful for a beat does not show, what changes does.
#include "listening/harmony/harmony_path.h"

#include <algorithm>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kMajor = 0, kMinor = 1, kDominant = 6;

std::size_t chord(std::size_t kind, std::size_t root) { return kind * 12 + root; }

// Chances of `beats` beats, the last of one frame: all of a chord class, of its bass, of a low pitch (kNoBass:
// nothing).
class Heard {
 public:
  explicit Heard(std::size_t beats)
      : heard_{Matrix<float>((beats - 1) * kHarmonyFramesPerBeat + 1, kChordClasses),
               Matrix<float>((beats - 1) * kHarmonyFramesPerBeat + 1, kChordBassClasses),
               Matrix<float>((beats - 1) * kHarmonyFramesPerBeat + 1, kBassClasses)},
        fits_(beats, kChordClasses) {
    for (std::size_t b = 0; b < beats; ++b) numbers_.push_back(static_cast<int>(b % 4) + 1);
  }
  // `share` of the chances of the beat go to these classes, the rest to what stood there.
  void set(std::size_t beat, std::size_t chord, std::size_t chord_bass, std::size_t bass, float share = 1.0F) {
    const std::size_t first = beat * kHarmonyFramesPerBeat;
    for (std::size_t k = first; k < std::min(first + kHarmonyFramesPerBeat, heard_.chords.rows()); ++k) {
      mix(heard_.chords.row(k), chord, share);
      mix(heard_.chord_bass.row(k), chord_bass, share);
      mix(heard_.bass.row(k), bass, share);
    }
  }
  void fits(std::size_t beat, std::size_t chord, float correlation) { fits_(beat, chord) = correlation; }
  [[nodiscard]] std::vector<BeatHarmony> on_beats() const { return harmony_on_beats(heard_, fits_, numbers_); }

 private:
  static void mix(std::span<float> chances, std::size_t to, float share) {
    for (float& chance : chances) chance *= 1.0F - share;
    chances[to] += share;
  }
  HeardHarmony heard_;
  Matrix<float> fits_;  // what sounds fits nothing
  std::vector<int> numbers_;
};

TEST(HarmonyPath, NamesChordBassAndLowestLine) {
  Heard heard(8);
  for (std::size_t b = 0; b < 4; ++b) heard.set(b, chord(kMinor, 9), 0, 4);  // Am/C over a low E
  for (std::size_t b = 4; b < 8; ++b) heard.set(b, kNoChord, kRootBass, kNoBass);
  const auto beats = heard.on_beats();
  ASSERT_EQ(beats.size(), 8U);
  for (std::size_t b = 0; b < 4; ++b) {
    EXPECT_EQ(beats[b], (BeatHarmony{.quality = ChordQuality::minor,
                                     .root = 9,
                                     .bass = 0,
                                     .bass_pitch = kLowestHarmonyPitch + 4,
                                     .pitch_classes = 1 << 9 | 1 << 0 | 1 << 4,
                                     .confidence = 1.0F}));
  }
  for (std::size_t b = 4; b < 8; ++b) EXPECT_EQ(beats[b], (BeatHarmony{.confidence = 1.0F}));
}

TEST(HarmonyPath, ABeatInDoubtGoesWithItsNeighbours) {
  Heard heard(12);
  for (std::size_t b = 0; b < 12; ++b) heard.set(b, chord(kMajor, 5), 5, 5);
  heard.set(5, chord(kMinor, 2), 2, 2, 0.6F);  // a little likelier for one weak beat
  for (const BeatHarmony& beat : heard.on_beats()) {
    EXPECT_EQ(beat.root, 5);
    EXPECT_EQ(beat.bass, 5);
  }
}

TEST(HarmonyPath, AChordOfOneSureBeatStays) {
  Heard heard(12);
  for (std::size_t b = 0; b < 12; ++b) heard.set(b, chord(kMajor, 5), 5, 5);
  heard.set(5, chord(kDominant, 0), 4, 4);
  const auto beats = heard.on_beats();
  for (std::size_t b = 0; b < 12; ++b) {
    EXPECT_EQ(beats[b].quality, b == 5 ? ChordQuality::dominant_seventh : ChordQuality::major) << b;
    EXPECT_EQ(beats[b].bass, b == 5 ? 4 : 5) << b;
  }
}

TEST(HarmonyPath, DownbeatsChangeMoreEasily) {
  // A new chord whose first beat is in doubt: it begins on a downbeat, but not on a second beat.
  const auto root_at = [](std::size_t from) {
    Heard heard(12);
    for (std::size_t b = 0; b < 12; ++b) heard.set(b, chord(kMajor, 5), 5, 5);
    for (std::size_t b = from; b < 12; ++b) heard.set(b, chord(kMinor, 2), 2, 2, b == from ? 0.35F : 1.0F);
    return heard.on_beats()[from].root;
  };
  EXPECT_EQ(root_at(4), 2);
  EXPECT_EQ(root_at(5), 5);
}

TEST(HarmonyPath, WhatSoundsDecidesWhereTheNetworkIsInDoubt) {
  const auto root_where = [](float share, float correlation) {
    Heard heard(12);
    for (std::size_t b = 0; b < 12; ++b) {
      heard.set(b, chord(kMajor, 5), 5, 5);
      heard.set(b, chord(kMajor, 0), 5, 5, share);  // the rest stays with F
      heard.fits(b, chord(kMajor, 5), correlation);
    }
    return heard.on_beats()[6].root;
  };
  EXPECT_EQ(root_where(0.6F, 0.0F), 0);
  EXPECT_EQ(root_where(0.6F, 0.5F), 5);
  EXPECT_EQ(root_where(0.99F, 0.5F), 0);
}

TEST(HarmonyPath, APassageThatReturnsIsHeardTwice) {
  // Twelve bars, the third in doubt between two chords with two notes in common; the last four are the first again.
  const auto third_bar = [](bool returns) {
    const std::vector<std::size_t> roots{0, 5, 9, 7, 2, 4, 10, 11, 0, 5, 9, 7};
    Heard heard(48);
    for (std::size_t b = 0; b < 48; ++b) {
      const std::size_t root = roots[b / 4] + (b >= 32 && !returns ? 1 + b / 4 % 4 : 0);
      heard.set(b, chord(kMajor, root % 12), root % 12, root % 12);
      if (b / 4 == 2) heard.set(b, chord(kMinor, 6), 9, 9, 0.6F);  // F sharp minor or A
    }
    return heard.on_beats()[8];
  };
  EXPECT_EQ(third_bar(false).root, 6);
  EXPECT_EQ(third_bar(true).root, 9);
}

TEST(HarmonyPath, NoBeatsNoHarmony) {
  EXPECT_TRUE(harmony_on_beats({Matrix<float>(0, kChordClasses), Matrix<float>(0, kChordBassClasses),
                                Matrix<float>(0, kBassClasses)},
                               Matrix<float>(0, kChordClasses), {})
                  .empty());
}

}  // namespace
}  // namespace pop2piano
