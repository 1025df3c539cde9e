// SPDX-License-Identifier: MIT
// Kept analyses with random damage, with and without a seal that says so: an error or a sound analysis, never a crash.
#include <pop2piano/error.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "listening/analysis/analysis_file.h"
#include "listening/analysis/small_analysis.h"

namespace pop2piano {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kHead = 32;

void damage(Bytes& bytes, Random& random) {
  if (bytes.empty()) return;
  const std::size_t at = random.index(bytes.size());
  const std::size_t count = 1 + random.index(std::min<std::size_t>(16, bytes.size() - at));
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.index(4)) {
    case 0:
      bytes.erase(first, bytes.end());
      break;
    case 1:
      bytes.erase(first, first + static_cast<std::ptrdiff_t>(count));
      break;
    case 2:
      bytes.insert(first, count, static_cast<std::byte>(random.next() & 0xFF));
      break;
    default:
      for (std::size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<std::byte>(random.next() & 0xFF);
  }
}

// What is taken can be used: what it says of itself agrees.
void expect_sound(const Analysis& analysis) {
  EXPECT_EQ(analysis.loudness_db.size(), analysis.grid.size());
  EXPECT_EQ(analysis.bands.values.size(), analysis.bands.rows() * analysis.bands.columns);
  EXPECT_FALSE(encode_analysis(analysis).empty());
}

TEST(AnalysisFuzz, DamageIsRefusedOrHarmless) {
  Random random(21);
  for (const FeatureKind kind : {FeatureKind::beat_synchronous, FeatureKind::mel}) {
    const Bytes whole = encode_analysis(testing::small_analysis(kind));
    const Bytes values(whole.begin() + kHead, whole.end());
    std::size_t refused = 0;
    constexpr std::size_t kRounds = 3000;
    for (std::size_t round = 0; round < kRounds; ++round) {
      Bytes file = whole, contents = values;
      for (std::size_t i = 0; i <= random.index(3); ++i) damage(file, random), damage(contents, random);
      if (file != whole) {
        EXPECT_THROW((void)decode_analysis(file, "file"), Error);
      }
      try {
        expect_sound(decode_analysis_values(contents, "values"));
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, kRounds / 4);
  }
}

}  // namespace
}  // namespace pop2piano
