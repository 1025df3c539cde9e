// SPDX-License-Identifier: MIT
#include "music/structure/song_sections.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "music/random_score.h"
#include "music/score/bars.h"

namespace pop2piano {
namespace {

BeatGrid steady_grid(int bars, int pickup = 0) {
  BeatGrid grid;
  for (int beat = -pickup; beat < 4 * bars; ++beat) {
    grid.times.push_back(0.5 * (beat + pickup));
    grid.numbers.push_back((beat + 4) % 4 + 1);
  }
  return grid;
}

// Eight bars a letter: four chords played twice, a melody, a density and a register of its own.
std::vector<Note> song(const std::string& letters, int pickup = 0) {
  std::vector<Note> notes;
  for (std::size_t s = 0; s < letters.size(); ++s) {
    const int kind = letters[s] - 'A', strike = kind == 0 ? 48 : 24 / kind;
    Random random(static_cast<std::uint64_t>(kind) + 1);
    std::array<int, 4> roots{}, motif{};
    for (int& root : roots) root = 48 + static_cast<int>(random.index(12));
    for (int& pitch : motif) pitch = 64 + 3 * kind + static_cast<int>(random.index(8));
    for (int bar = 0; bar < 8; ++bar) {
      const int start = (static_cast<int>(8 * s) + bar) * 48 + 12 * pickup;
      for (int at = 0; at < 48; at += strike) {
        for (const int tone : {0, 4, 7}) {
          const int pitch = roots[static_cast<std::size_t>(bar % 4)] + tone;
          notes.push_back({.onset = start + at, .duration = strike, .pitch = static_cast<std::int16_t>(pitch)});
        }
      }
      for (int beat = 0; beat < 4; ++beat) {
        const int pitch = motif[static_cast<std::size_t>((beat + bar) % 4)];
        notes.push_back({.onset = start + 12 * beat,
                         .duration = 12,
                         .pitch = static_cast<std::int16_t>(pitch),
                         .voice = Voice::melody});
      }
    }
  }
  sort_notes(notes);
  return notes;
}

std::string letters_of(const std::vector<SongSection>& sections, int beats, int pickup = 0) {
  std::string text;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const int end = i + 1 < sections.size() ? sections[i + 1].first_beat : beats + pickup;
    EXPECT_EQ((sections[i].first_beat - pickup) % 32, 0) << i;
    text += std::string(static_cast<std::size_t>((end - sections[i].first_beat) / 32),
                        static_cast<char>('A' + sections[i].letter));
  }
  return text;
}

TEST(SongSections, OfNotesReturn) {
  for (const std::string letters : {"ABAB", "ABACA", "ABCBC"}) {
    const int bars = 8 * static_cast<int>(letters.size());
    EXPECT_EQ(letters_of(song_sections(song(letters), steady_grid(bars)), 4 * bars), letters);
    EXPECT_EQ(letters_of(song_sections(song(letters, 3), steady_grid(bars, 3)), 4 * bars, 3), letters) << "pickup";
  }
}

TEST(SongSections, ShortAndEmptySongsHaveNone) {
  EXPECT_TRUE(song_sections(std::vector<Note>(), steady_grid(20)).empty());
  EXPECT_TRUE(song_sections(song("A"), steady_grid(7)).empty());
  EXPECT_TRUE(song_sections(song("A"), BeatGrid{}).empty());
}

TEST(SongSections, OfAScoreAreItsOwnFirst) {
  Score score;
  score.grid = steady_grid(16);
  score.notes = song("AB");
  EXPECT_EQ(sections_of(score).size(), 2U);
  score.sections = {{0, 0}, {8, 1}, {16, 0}};
  EXPECT_EQ(sections_of(score), score.sections);
}

TEST(SongSections, NamesAreLetters) {
  EXPECT_EQ(section_name(0), "A");
  EXPECT_EQ(section_name(25), "Z");
  EXPECT_EQ(section_name(27), "BB");
}

TEST(SongSectionsProperty, AreOrderedDownbeats) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const Score score = testing::random_score(random, 200, random.index(500), 3);
    const auto sections = song_sections(score.notes, score.grid);
    for (std::size_t i = 0; i < sections.size(); ++i) {
      EXPECT_EQ(beat_number(score.grid, sections[i].first_beat), 1) << i;
      EXPECT_TRUE(i == 0 || sections[i].first_beat > sections[i - 1].first_beat) << i;
    }
  }
}

}  // namespace
}  // namespace pop2piano
