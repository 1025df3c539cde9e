// SPDX-License-Identifier: MIT
#include "sound/render/kept_sound.h"

#include <pop2piano/error.h>

#include <numeric>

#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace pop2piano {
namespace {

std::vector<float> rising(std::size_t count) {
  std::vector<float> samples(count);
  std::iota(samples.begin(), samples.end(), 1.0F);
  return samples;
}

std::vector<float> read_back(KeptSound& kept, std::size_t block) {
  std::vector<float> all, part(block);
  while (const std::size_t got = kept.read(part))
    all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  return all;
}

TEST(KeptSound, GivesBackWhatWasPushedWhereverTheMemoryEnds) {
  const testing::ScratchFolder folder;
  const auto samples = rising(1000);
  for (const std::size_t memory : {0U, 1U, 300U, 999U, 1000U, 5000U}) {
    for (const std::size_t block : {1U, 7U, 300U, 4096U}) {
      KeptSound kept(folder.path(), memory);
      for (std::size_t i = 0; i < samples.size(); i += 90) {
        kept.push(std::span(samples).subspan(i, std::min<std::size_t>(90, samples.size() - i)));
      }
      EXPECT_EQ(kept.size(), 1000U);
      EXPECT_EQ(read_back(kept, block), samples) << memory << ", " << block;
    }
  }
}

TEST(KeptSound, ItsFileHasNoName) {
  const testing::ScratchFolder folder;
  KeptSound kept(folder.path(), 10);
  kept.push(rising(100));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(KeptSound, AFolderThatIsNotThereIsNamedWhenItIsNeeded) {
  const testing::ScratchFolder folder;
  KeptSound kept(folder / "missing", 100);
  EXPECT_NO_THROW(kept.push(rising(100)));
  try {
    kept.push(rising(1));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::write_failed);
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pop2piano
