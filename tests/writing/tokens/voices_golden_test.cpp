// SPDX-License-Identifier: MIT
// The tokens that the reference implementation chose for the seed's clip, and the notes it read from them.
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "writing/tokens/voices.h"

namespace pop2piano {
namespace {

TEST(VoicesGolden, ReadsTheSeedsTokens) {
  std::ifstream file(POP2PIANO_TEST_DATA "/seed/expected.json");
  const auto expected = nlohmann::json::parse(file);
  const VoicesCodec codec;
  std::vector<Note> notes;
  const auto tokens = expected.at("greedy").get<std::vector<std::vector<int>>>();
  const auto first_steps = expected.at("segment_first_step").get<std::vector<int>>();
  for (std::size_t s = 0; s < tokens.size(); ++s) {
    for (const Note& note : codec.decode(tokens[s], first_steps[s])) notes.push_back(note);
  }
  const auto wanted = expected.at("notes_step_duration_pitch_melody").get<std::vector<std::vector<int>>>();
  ASSERT_EQ(notes.size(), wanted.size());
  std::vector<std::vector<int>> found;
  for (const Note& note : notes) {
    found.push_back({note.onset, note.duration, note.pitch, note.voice == Voice::melody ? 1 : 0});
  }
  EXPECT_EQ(found, wanted);
}

}  // namespace
}  // namespace pop2piano
