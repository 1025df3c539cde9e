// SPDX-License-Identifier: MIT
// Notes from activations whose right answer is known: times between frames, ends, repeated keys, the pedal.
#include "listening/piano/piano_notes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kFrames = 200;

// What a perfect network would say.
class Activations {
 public:
  // `sure`: the chance of the onset at its peak.
  void add(double onset, double end, int pitch, int velocity, float sure = 1.0F) {
    const auto key = static_cast<std::size_t>(pitch - kLowestPianoKey);
    for (std::size_t k = 0; k < kFrames; ++k) {
      const double time = static_cast<double>(k) * kPianoFrameSeconds;
      const auto near = [&](double to) { return static_cast<float>(std::max(0.0, 1.0 - std::abs(time - to) / 0.05)); };
      raise(k, piano_output(key, PianoHead::onset), sure * near(onset));
      raise(k, piano_output(key, PianoHead::offset), near(end));
      if (time >= onset && time < end) raise(k, piano_output(key, PianoHead::sounds), 1.0F);
      if (near(onset) > 0) frames_[k][piano_output(key, PianoHead::velocity)] = static_cast<float>(velocity) / 127.0F;
    }
  }
  // The key's chance to sound, where nothing else says that it ends.
  void let_ring(double from, double to, int pitch, float chance) {
    const auto key = static_cast<std::size_t>(pitch - kLowestPianoKey);
    for (std::size_t k = 0; k < kFrames; ++k) {
      const double time = static_cast<double>(k) * kPianoFrameSeconds;
      if (time >= from && time < to) raise(k, piano_output(key, PianoHead::sounds), chance);
      if (time >= from - 0.1) frames_[k][piano_output(key, PianoHead::offset)] = 0.0F;
    }
  }
  // All levels from a time on.
  void set_levels(double from, std::uint8_t level) {
    for (std::size_t k = 0; k < kFrames; ++k) {
      if (static_cast<double>(k) * kPianoFrameSeconds >= from) levels_[k].assign(kPianoLevels, level);
    }
  }
  void hold_pedal(double from, double to) {
    for (std::size_t k = 0; k < kFrames; ++k) {
      const double time = static_cast<double>(k) * kPianoFrameSeconds;
      if (time >= from && time < to) frames_[k].back() = 1.0F;
    }
  }
  [[nodiscard]] PianoTranscription heard() const {
    PianoNoteFinder finder;
    for (std::size_t k = 0; k < kFrames; ++k) finder.push(frames_[k], levels_[k]);
    return finder.finish();
  }

 private:
  void raise(std::size_t frame, std::size_t output, float to) {
    frames_[frame][output] = std::max(frames_[frame][output], to);
  }
  std::vector<std::vector<float>> frames_{kFrames, std::vector<float>(kPianoOutputs)};
  std::vector<std::vector<std::uint8_t>> levels_{kFrames, std::vector<std::uint8_t>(kPianoLevels)};
};

TEST(PianoNotes, OfSilenceAreNone) {
  const PianoTranscription heard = Activations().heard();
  EXPECT_TRUE(heard.notes.empty());
  EXPECT_TRUE(heard.pedal.empty());
}

TEST(PianoNotes, WhatMayBeAPartialMustBeSurer) {
  for (const int above : {12, 19, 24, 28}) {
    for (const float sure : {0.5F, 0.7F}) {
      for (const double later : {0.0, 0.2}) {  // at the same time, and while the lower one sounds
        Activations frames;
        frames.add(1.0, 1.5, 40, 90);
        frames.add(1.0 + later, 1.5, 40 + above, 60, sure);
        EXPECT_EQ(frames.heard().notes.size(), sure < 0.6F && later == 0.0 ? 1U : 2U) << above << " " << sure;
      }
    }
  }
  Activations fifth;
  fifth.add(1.0, 1.5, 40, 90);
  fifth.add(1.0, 1.5, 47, 60, 0.5F);
  EXPECT_EQ(fifth.heard().notes.size(), 2U);
}

TEST(PianoNotes, LieBetweenTheFrames) {
  for (const double onset : {1.0, 1.003, 1.007, 1.01, 1.016}) {
    Activations frames;
    frames.add(onset, onset + 0.5, 60, 90);
    const PianoTranscription heard = frames.heard();
    ASSERT_EQ(heard.notes.size(), 1U) << onset;
    EXPECT_NEAR(heard.notes[0].onset, onset, 1e-3);
    EXPECT_NEAR(heard.notes[0].offset, onset + 0.5, 1e-3);
    EXPECT_EQ(heard.notes[0].pitch, 60.0);
    EXPECT_EQ(heard.notes[0].velocity, 90);
  }
}

TEST(PianoNotes, AreTakenFromTheFirstAndLastFrame) {
  Activations frames;
  frames.add(0.0, 0.3, 21, 50);
  frames.add(3.5, 9.0, 108, 70);  // sounds on at the end
  const PianoTranscription heard = frames.heard();
  ASSERT_EQ(heard.notes.size(), 2U);
  EXPECT_NEAR(heard.notes[0].onset, 0.0, 0.011) << "half a frame: nothing lies before the first";
  EXPECT_NEAR(heard.notes[1].offset, kFrames * kPianoFrameSeconds, 1e-9);
}

TEST(PianoNotes, EndWhereTheKeyIsStruckAgain) {
  Activations frames;
  frames.add(1.0, 1.2, 64, 80);
  frames.add(1.2, 1.6, 64, 40);
  frames.add(1.0, 2.0, 67, 60);
  const PianoTranscription heard = frames.heard();
  ASSERT_EQ(heard.notes.size(), 3U);
  EXPECT_EQ(heard.notes[0].pitch, 64.0) << "from low to high";
  EXPECT_NEAR(heard.notes[0].offset, 1.2, 1e-3);
  EXPECT_EQ(heard.notes[0].velocity, 78) << "60 + 0.931 * 20 - 1.308 / 3: of two struck together, with three in all";
  EXPECT_EQ(heard.notes[1].velocity, 60) << "60 - 1.308 / 3";
  EXPECT_EQ(heard.notes[2].velocity, 42) << "60 - 0.931 * 20 + 1.308 * 2 / 3";
  EXPECT_NEAR(heard.notes[2].offset, 1.6, 1e-3);
}

TEST(PianoNotes, VelocitiesAreReadBesideThoseAround) {
  Activations lonely;
  for (const double onset : {0.2, 1.8, 3.4}) lonely.add(onset, onset + 0.3, 60, 70);
  for (const PlayedNote& note : lonely.heard().notes) EXPECT_EQ(note.velocity, 70) << "alike: as the network hears it";
  Activations loud_and_quiet;  // the same touch at 0.5 among loud notes, at 3 among quiet ones
  for (const double middle : {0.5, 3.0}) {
    loud_and_quiet.add(middle - 0.3, middle, 50, middle < 1 ? 100 : 40);
    loud_and_quiet.add(middle, middle + 0.2, 60, 70);
    loud_and_quiet.add(middle + 0.3, middle + 0.5, 50, middle < 1 ? 100 : 40);
  }
  const auto heard = loud_and_quiet.heard().notes;
  ASSERT_EQ(heard.size(), 6U);
  EXPECT_GT(heard[1].velocity, heard[4].velocity);
  EXPECT_LT(heard[1].velocity, heard[0].velocity);
  Activations chord;  // of a chord each note seems louder than it is
  chord.add(0.5, 1.0, 48, 70);
  for (const int pitch : {50, 55, 59}) chord.add(2.0, 2.5, pitch, 70);
  const auto found = chord.heard().notes;
  ASSERT_EQ(found.size(), 4U);
  EXPECT_GT(found[0].velocity, found[1].velocity);
}

TEST(PianoNotes, WhatSoundsLouderIsStruckHarder) {
  Activations frames;
  frames.add(1.0, 1.5, 60, 70);
  frames.add(2.5, 3.0, 60, 70);
  frames.set_levels(0.9, 90);
  frames.set_levels(2.5, 120);
  const auto heard = frames.heard().notes;
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_LT(heard[0].velocity, 70);
  EXPECT_GT(heard[1].velocity, 70);
  EXPECT_EQ(heard[0].velocity + heard[1].velocity, 140) << "the mean is what the network hears";
}

// Two keys, of which one is always heard louder or each as often as the other.
TEST(PianoNotes, AKeyThatAlwaysSoundsLouderIsThePianos) {
  const auto difference = [](bool always) {
    Activations frames;
    for (int i = 0; i < 8; ++i) {
      const bool loud = i % 2 == 1, higher = always ? loud : i / 2 % 2 == 1;
      frames.add(0.3 + 0.4 * i, 0.6 + 0.4 * i, higher ? 62 : 60, loud ? 90 : 60);
    }
    const auto heard = frames.heard().notes;
    return heard.at(1).velocity - heard.at(0).velocity;
  };
  EXPECT_GT(difference(false), 25);
  EXPECT_LT(difference(true), difference(false));
  EXPECT_GT(difference(true), 15) << "it is not known that it is not struck harder";
}

TEST(PianoNotes, EndLaterWhileThePedalIsDown) {
  for (const bool pedal : {false, true}) {
    Activations frames;
    frames.add(0.5, 1.0, 60, 70);
    frames.let_ring(1.0, 3.0, 60, 0.3F);  // the network doubts that it still sounds
    if (pedal) frames.hold_pedal(0.6, 2.0);
    const auto heard = frames.heard().notes;
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_NEAR(heard[0].offset, pedal ? 2.0 : 1.0, kPianoFrameSeconds);
  }
}

TEST(PianoNotes, PedalIsHeldFromWhereItGoesDown) {
  Activations frames;
  frames.hold_pedal(0.5, 1.5);
  frames.hold_pedal(3.0, 9.0);
  const PianoTranscription heard = frames.heard();
  ASSERT_EQ(heard.pedal.size(), 2U);
  EXPECT_NEAR(heard.pedal[0].from, 0.5, kPianoFrameSeconds);
  EXPECT_NEAR(heard.pedal[0].to, 1.5, kPianoFrameSeconds);
  EXPECT_NEAR(heard.pedal[1].to, kFrames * kPianoFrameSeconds, 1e-9);
}

}  // namespace
}  // namespace pop2piano
