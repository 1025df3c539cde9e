// SPDX-License-Identifier: MIT
// Songs to write for: what is refused, where segments begin, how textures are classed.
#include "writing/writer/writer_song.h"

#include <pop2piano/error.h>

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;

WriterSong counted(const std::vector<int>& numbers) {
  WriterSong song;
  song.beat_numbers = numbers;
  song.chords.resize(numbers.size());
  return song;
}

TEST(WriterSong, WhatDoesNotFitIsRefused) {
  made_up_song(8).validate();
  const std::vector<std::function<void(WriterSong&)>> faults = {
      [](WriterSong& s) { s = {}; },
      [](WriterSong& s) { s.chords.pop_back(); },
      [](WriterSong& s) { s.textures.resize(3); },
      [](WriterSong& s) { s.chords[2].root = 12; },
      [](WriterSong& s) { s.chords[2].bass = -2; },
      [](WriterSong& s) { s.chords[2].pitch_classes = 0x1000; },
      [](WriterSong& s) { s.textures.assign(8, {.density = 4}); },
      [](WriterSong& s) { s.textures.assign(8, {.fullness = -2}); }};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    WriterSong song = made_up_song(8);
    faults[i](song);
    EXPECT_THROW(song.validate(), Error) << i;
  }
}

TEST(WriterSong, SegmentsBeginOnBarLines) {
  EXPECT_EQ(segment_starts(made_up_song(20), 8), (std::vector{0, 8, 16}));
  // An upbeat of one: its bar began three beats before the song.
  EXPECT_EQ(segment_starts(counted({4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2}), 8), (std::vector{-3, 5}));
  // Bars of three: two of them to a segment.
  EXPECT_EQ(segment_starts(counted({1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}), 8), (std::vector{0, 6}));
  // A bar longer than a segment is cut, a short one among others makes its segment shorter.
  EXPECT_EQ(segment_starts(counted({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 8), (std::vector{0, 8}));
  EXPECT_EQ(segment_starts(counted({1, 2, 3, 4, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4}), 8), (std::vector{0, 6}));
}

TEST(WriterSong, TexturesAreClassedByOnsetsAndNotes) {
  std::vector<Note> notes;
  for (int b = 0; b < 16; ++b) {
    for (int i = 0; i < 2; ++i) {
      for (const int pitch : {40, 52}) {
        notes.push_back({.onset = b * 12 + 6 * i, .pitch = static_cast<std::int16_t>(pitch)});
      }
    }
    notes.push_back({.onset = b * 12 + 3, .pitch = 80, .voice = Voice::melody});
  }
  EXPECT_EQ(texture_of(notes, 0, 16), (SectionTexture{.density = 1, .fullness = 1}));
  EXPECT_EQ(texture_of(notes, 0, 32), (SectionTexture{.density = 0, .fullness = 1}));
  std::erase_if(notes, [](const Note& n) { return n.pitch == 52; });
  EXPECT_EQ(texture_of(notes, 0, 16), (SectionTexture{.density = 1, .fullness = 0}));
  EXPECT_EQ(texture_of(notes, 16, 32), SectionTexture{});
}

TEST(WriterSong, APlanWishesWhatWasWritten) {
  std::vector<Note> notes;
  for (int step = 0; step < 24 * 12; step += step < 12 * 12 ? 3 : 12) notes.push_back({.onset = step, .pitch = 50});
  // Blocks from beat 2 on: [-6, 2), [2, 10), [10, 18), [18, 26), judged over 16 beats each.
  const auto plan = textures_of(notes, 24, 2, 8);
  ASSERT_EQ(plan.size(), 24U);
  for (int b = 0; b < 24; ++b) {
    const int first = b < 2 ? -6 : 2 + (b - 2) / 8 * 8;
    EXPECT_EQ(plan[static_cast<std::size_t>(b)], texture_of(notes, first - 4, first + 12)) << b;
  }
  EXPECT_NE(plan[5].density, plan[20].density);
}

}  // namespace
}  // namespace pop2piano
