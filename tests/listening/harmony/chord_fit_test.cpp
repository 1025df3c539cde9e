// SPDX-License-Identifier: MIT
// What sounds against each chord: silence fits none, the notes of a chord fit that chord best, in any key and octave.
#include "listening/harmony/chord_fit.h"

#include <algorithm>
#include <initializer_list>

#include <gtest/gtest.h>

#include "listening/harmony/harmony_frames.h"
#include "listening/harmony/harmony_network.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMajor = 0, kMinor = 1;

// Levels of one beat and the frame that ends it, in which these MIDI pitches sound in tune.
Matrix<std::uint8_t> sounding(std::initializer_list<int> pitches, std::uint8_t level = 120) {
  Matrix<std::uint8_t> levels(kHarmonyFramesPerBeat + 1, kHarmonyBands);
  for (std::size_t k = 0; k < kHarmonyFramesPerBeat; ++k) {
    for (const int pitch : pitches)
      levels(k, static_cast<std::size_t>(pitch - kLowestHarmonyPitch) * kBandsPerSemitone + 1) = level;
  }
  return levels;
}

std::size_t best(const Matrix<float>& fits, std::size_t beat) {
  return static_cast<std::size_t>(std::ranges::max_element(fits.row(beat)) - fits.row(beat).begin());
}

TEST(ChordFit, SilenceFitsNoChord) {
  const auto fits = chord_fits(sounding({}).view(), 2);
  ASSERT_EQ(fits.rows(), 2U);
  for (std::size_t beat = 0; beat < 2; ++beat) {
    EXPECT_EQ(best(fits, beat), kNoChord);
    EXPECT_FLOAT_EQ(fits(beat, kMajor * 12), 0.0F);
  }
}

TEST(ChordFit, NotesFitTheirChordBestInEveryKey) {
  for (int root = 0; root < 12; ++root) {
    const auto r = static_cast<std::size_t>(root);
    EXPECT_EQ(best(chord_fits(sounding({36 + root, 52 + root, 55 + root}).view(), 2), 0), kMajor * 12 + r);
    EXPECT_EQ(best(chord_fits(sounding({48 + root, 51 + root, 67 + root}).view(), 2), 0), kMinor * 12 + r);
  }
}

TEST(ChordFit, LouderSoundFitsAsWell) {
  const auto soft = chord_fits(sounding({48, 52, 55}, 100).view(), 1),
             loud = chord_fits(sounding({48, 52, 55}, 200).view(), 1);
  EXPECT_NEAR(soft(0, 0), loud(0, 0), 1e-3);
  EXPECT_GT(loud(0, 0), 0.8F);
  EXPECT_LT(loud(0, 6), 0.0F);  // a tritone off
}

TEST(ChordFit, NoBeatsNoRows) { EXPECT_EQ(chord_fits({}, 0).rows(), 0U); }

}  // namespace
}  // namespace pop2piano
