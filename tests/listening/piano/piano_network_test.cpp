// SPDX-License-Identifier: MIT
// The piano network's engine: blocks and threads do not matter, stretches of a long sound are what the whole is, bad
// files are refused. (That it computes what was trained: learning/train_piano.)
#include <pop2piano/error.h>

#include <cmath>
#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "listening/piano/transcriber.h"
#include "network_weights.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

std::shared_ptr<const PianoNetwork> random_network(const ScratchFolder& folder) {
  testing::write_weights(piano_network_parts(), testing::random_weights(piano_network_parts(), 3),
                         folder / "piano.safetensors");
  return PianoNetwork::load(folder / "piano.safetensors");
}

Matrix<std::uint8_t> random_levels(std::size_t frames) {
  Matrix<std::uint8_t> levels(frames, kPianoLevels);
  Random random(9);
  for (std::uint8_t& level : levels.flat()) level = static_cast<std::uint8_t>(random.index(256));
  return levels;
}

TEST(PianoNetwork, DoesNotDependOnThreadsAndStretches) {
  const ScratchFolder folder;
  const auto network = random_network(folder);
  const auto levels = random_levels(400);
  ThreadPool one(1), three(3);
  const Matrix<float> whole = network->run(levels.view(), one), again = network->run(levels.view(), three);
  EXPECT_TRUE(std::ranges::equal(std::as_const(whole).flat(), std::as_const(again).flat()));
  constexpr std::size_t kFirst = 100, kLast = 330;
  Matrix<std::uint8_t> part;
  for (std::size_t k = kFirst; k < kLast; ++k) part.append_row(std::as_const(levels).row(k));
  const Matrix<float> stretch = network->run(part.view(), one);
  for (std::size_t k = kPianoReach; k < part.rows() - kPianoReach; ++k) {
    for (std::size_t o = 0; o < kPianoOutputs; ++o) ASSERT_EQ(stretch(k, o), whole(kFirst + k, o)) << k << ", " << o;
  }
}

// More frames than are looked at together: their borders are not heard.
TEST(PianoTranscriber, HearsNoBordersOfChunks) {
  const ScratchFolder folder;
  const auto network = random_network(folder);
  const auto levels = random_levels(3300);
  ThreadPool pool(2);
  PianoTranscriber transcriber(*network, pool);
  for (std::size_t k = 0; k < levels.rows(); ++k) transcriber.push(levels.row(k));
  const PianoTranscription streamed = transcriber.finish();
  const Matrix<float> heard = network->run(levels.view(), pool);
  PianoNoteFinder finder;
  for (std::size_t k = 0; k < heard.rows(); ++k) finder.push(std::as_const(heard).row(k), levels.row(k));
  const PianoTranscription whole = finder.finish();
  EXPECT_GT(whole.notes.size(), 50U);
  EXPECT_EQ(streamed.notes, whole.notes);
}

TEST(PianoNetwork, RefusesOtherFiles) {
  const ScratchFolder folder;
  EXPECT_THROW((void)PianoNetwork::load(folder / "none"), Error);
  write_file(folder / "text", std::string_view("not weights"));
  EXPECT_THROW((void)PianoNetwork::load(folder / "text"), Error);
  auto parts = piano_network_parts();
  parts.pop_back();
  testing::write_weights(parts, testing::random_weights(parts, 1), folder / "short.safetensors");
  EXPECT_THROW((void)PianoNetwork::load(folder / "short.safetensors"), Error);
}

TEST(PianoNetwork, SaysWhichFileIsMissing) {
  setenv("POP2PIANO_PIANO", "none", 1);
  try {
    (void)installed_piano_network();
    FAIL() << "there is none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_NE(std::string(error.what()).find("piano/piano.safetensors"), std::string::npos);
  }
  unsetenv("POP2PIANO_PIANO");
}

}  // namespace
}  // namespace pop2piano
