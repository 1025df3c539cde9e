// SPDX-License-Identifier: MIT
#include "listening/rhythm/swing.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "click_sound.h"

namespace pop2piano {
namespace {

/// A band: drums, a bass on the beats, chords, and hats and a melody on the second halves of `parts` parts of a beat.
Sound band(const std::vector<double>& beats, double ratio, int parts) {
  Sound sound(beats.back() + 1.0);
  Random random(4);
  constexpr double kBass[] = {55.0, 65.41, 73.42, 49.0};
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
    const double pair = 2 * (beats[i + 1] - beats[i]) / parts, place = pair * ratio / (1 + ratio);
    if (i % 4 == 0) sound.chord(beats[i], 4 * kBass[i / 4 % 4], 0.6);
    sound.tone(beats[i], kBass[i / 4 % 4], 0.2, 0.2);
    if (i % 2 == 0) {
      sound.kick(beats[i]);
    } else {
      sound.snare(beats[i], random);
    }
    for (int k = 0; k < parts / 2; ++k) {
      const double start = beats[i] + k * pair;
      sound.hat(start, 1.0, random);
      sound.hat(start + place, 0.6, random);
      sound.tone(start, 440 + 40 * static_cast<double>(i % 5), 0.08, 0.1);
      if (i % 3 != 0) sound.tone(start + place, 660, 0.08, 0.1);
    }
  }
  return sound;
}

SwingHeard heard(const Sound& sound, std::span<const double> beats, std::size_t block = 1000) {
  SwingListener listener;
  const std::span<const float> all = sound.samples;
  for (std::size_t i = 0; i < all.size(); i += block) listener.push(all.subspan(i, std::min(block, all.size() - i)));
  return listener.heard(beats);
}

TEST(Swing, SixDegreesAtFourTempi) {
  for (const double tempo : {70.0, 100.0, 130.0, 165.0}) {
    for (const double ratio : {1.0, 1.25, 1.5, 1.75, 2.0, 2.5}) {
      const auto beats = even_beats(tempo, 0.4, 40);
      std::vector<double> late = beats;  // as a tracker finds them
      for (double& beat : late) beat += 0.012;
      const SwingHeard swing = heard(band(beats, ratio, 2), late);
      EXPECT_NEAR(swing.ratio, ratio, 0.1) << tempo;
      EXPECT_FALSE(swing.sixteenths) << tempo << " " << ratio;
    }
  }
}

TEST(Swing, OfSixteenthsWhereTheBeatIsTwiceAsLong) {
  for (const double ratio : {1.0, 1.5, 2.0}) {
    const auto beats = even_beats(90, 0.4, 40);
    const SwingHeard swing = heard(band(beats, ratio, 4), beats);
    EXPECT_NEAR(swing.ratio, ratio, 0.1);
    EXPECT_EQ(swing.sixteenths, ratio > 1);
  }
}

TEST(Swing, TripletsAndDottedRhythmsAreNone) {
  const auto beats = even_beats(100, 0.4, 40);
  for (const auto& places : {std::vector{1.0 / 3, 2.0 / 3}, std::vector{0.5, 0.75}, std::vector{0.25, 0.5, 0.75}}) {
    Sound sound(beats.back() + 1.0);
    Random random(5);
    for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
      sound.hat(beats[i], 1.0, random);
      for (const double place : places) sound.hat(beats[i] + 0.6 * place, 0.8, random);
    }
    EXPECT_EQ(heard(sound, beats).ratio, 1.0) << places.front();
  }
}

TEST(Swing, SilenceAndFewBeatsAreStraightAndBlocksDoNotMatter) {
  const auto beats = even_beats(100, 0.4, 32);
  EXPECT_EQ(heard(Sound(20), beats).ratio, 1.0);
  EXPECT_EQ(SwingListener().heard(beats).ratio, 1.0);
  EXPECT_EQ(heard(band(beats, 2.0, 2), std::span(beats).first(7)).ratio, 1.0);
  const Sound sound = band(beats, 2.0, 2);
  EXPECT_EQ(heard(sound, beats, 1).ratio, heard(sound, beats, sound.samples.size()).ratio);
}

}  // namespace
}  // namespace pop2piano
