// SPDX-License-Identifier: MIT
#include "base/core/closest_name.h"

#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(ClosestName, FindsATypingErrorAndNothingElse) {
  const std::vector<std::string> styles{"auto", "sparse-broken", "dense-chords"};
  EXPECT_EQ(closest_name("dense-chord", styles), "dense-chords");
  EXPECT_EQ(closest_name("atuo", styles), "auto");
  EXPECT_EQ(closest_name("baroque", styles), "");
  EXPECT_EQ(closest_name("", {}), "");
}

}  // namespace
}  // namespace pop2piano
