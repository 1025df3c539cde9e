// SPDX-License-Identifier: MIT
// Dynamic time warping and the lock of onsets.
#include "listening/align/alignment.h"

#include <pop2piano/error.h>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "listening/align/random_profiles.h"

namespace pop2piano {
namespace {

using testing::random_song;

Matrix<float> every_frame_twice(const Matrix<float>& profiles) {
  Matrix<float> result;
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    result.append_row(profiles.row(k));
    result.append_row(profiles.row(k));
  }
  return result;
}

TEST(Align, FindsTheDiagonalAndHalfTempo) {
  Random random(59);
  const Matrix<float> song = random_song(random, 300, 24);
  const WarpPath same = align(song, song);
  ASSERT_EQ(same.size(), 300u);
  for (std::size_t i = 0; i < same.size(); ++i) ASSERT_EQ(same[i], std::pair(i, i));
  for (const auto& [slow, fast] : align(every_frame_twice(song), song))
    ASSERT_LE(std::abs(double(slow) / 2.0 - double(fast)), 2.0);
}

TEST(Align, CoarseToFineFindsWhatTheFullSearchFinds) {
  Random random(61);
  const Matrix<float> song = random_song(random, 500, 24);
  Matrix<float> warped;
  for (std::size_t k = 0; k < song.rows(); ++k) {
    const std::size_t copies = k < 200 ? 1 : k < 350 ? 2 : (k % 2);
    for (std::size_t i = 0; i < copies; ++i) warped.append_row(song.row(k));
  }
  const WarpPath full = align(warped, song), banded = align(warped, song, {.full_cells = 2000});
  EXPECT_EQ(full, banded);
}

TEST(Align, EmptyAndMismatchedInput) {
  EXPECT_TRUE(align({}, Matrix<float>(3, 24)).empty());
  EXPECT_THROW((void)align(Matrix<float>(3, 24), Matrix<float>(3, 12)), Error);
  EXPECT_EQ(align(Matrix<float>(1, 24), Matrix<float>(4, 24)).size(), 4u);
}

TEST(Lock, FindsTheShift) {
  Random random(67);
  std::vector<float> song(1000, 0.0F), cover(1000, 0.0F);
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = 20 + random.index(900);
    song[at] += 1.0F;
    cover[at + 7] += 1.0F;
  }
  const Lock lock = measure_lock(song, cover, 100.0);
  EXPECT_NEAR(lock.offset_ms.value(), 70.0, 2.0);
  EXPECT_GT(lock.correlation.value(), 0.95);
  EXPECT_FALSE(measure_lock(song, std::vector<float>(1000, 0.5F), 100.0).correlation.defined());
  EXPECT_FALSE(measure_lock({}, cover, 100.0).offset_ms.defined());
}

}  // namespace
}  // namespace pop2piano
