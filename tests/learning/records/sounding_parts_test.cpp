// SPDX-License-Identifier: MIT
// What the parts of an arrangement sound, step by step.
#include "learning/records/sounding_parts.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

std::vector<float> values(const OwnedTensor& tensor) {
  std::vector<float> result(tensor.bytes.size() / sizeof(float));
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), std::as_writable_bytes(std::span(result)).begin());
  return result;
}

// Beats of half a second from 1 s on; a bass, a piano below it for a moment, a singer's instrument below both, drums.
Arrangement little_band() {
  Arrangement a;
  for (int beat = 0; beat < 4; ++beat) {
    a.performed.times.push_back(1.0 + 0.5 * beat);
    a.performed.numbers.push_back(beat + 1);
  }
  const auto add = [&](Role role, std::vector<PlayedNote> notes) {
    BandTrack track;
    track.role = role;
    track.part.notes = std::move(notes);
    a.band.push_back(std::move(track));
  };
  add(Role::piano, {{1.0, 2.5, 60, 80}, {1.25, 1.5, 30, 80}});
  add(Role::bass, {{1.01, 1.5, 40, 80}, {2.0, 2.25, 43, 80}});
  add(Role::lead, {{1.0, 2.5, 25, 80}});
  add(Role::harmony, {{1.0, 2.5, 26, 80}});
  add(Role::drums, {{1.0, 2.5, 35, 80}});
  return a;
}

TEST(SoundingParts, TheBassIsTheBassPlayers) {
  const auto bass = values(bass_tensor(little_band(), 37, 0));
  ASSERT_EQ(bass.size(), 37U);
  for (std::size_t k = 0; k < 37; ++k) EXPECT_EQ(bass[k], k < 12 ? 40.0F : k >= 24 && k < 30 ? 43.0F : 0.0F) << k;
}

TEST(SoundingParts, BeatsBeforeTheBandMoveEverything) {
  const auto bass = values(bass_tensor(little_band(), 49, 1));
  EXPECT_EQ(bass[11], 0.0F);
  EXPECT_EQ(bass[12], 40.0F);
  EXPECT_EQ(bass[36], 43.0F);
}

TEST(SoundingParts, TheLowestIsNeitherMelodyNorDrums) {
  const auto lowest = values(lowest_tensor(little_band(), 37, 0));
  for (std::size_t k = 0; k < 37; ++k) {
    const float expected = k >= 6 && k < 12    ? 30.0F
                           : k < 12            ? 40.0F
                           : k >= 24 && k < 30 ? 43.0F
                           : k < 36            ? 60.0F
                                               : 0.0F;
    EXPECT_EQ(lowest[k], expected) << k;
  }
}

TEST(SoundingParts, NoBassIsNothing) {
  Arrangement a = little_band();
  std::erase_if(a.band, [](const BandTrack& track) { return track.role == Role::bass; });
  for (const float pitch : values(bass_tensor(a, 37, 0))) EXPECT_EQ(pitch, 0.0F);
}

}  // namespace
}  // namespace pop2piano
