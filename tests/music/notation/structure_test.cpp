// SPDX-License-Identifier: MIT
// Keys by segment and parts of a song.
#include <gtest/gtest.h>

#include "music/arrange/arranging.h"
#include "music/notation/sections.h"
#include "music/parsed_musicxml.h"
#include "music/random_score.h"
#include "music/score/bars.h"
#include "music/score/clean_notes.h"
#include "music/score/key_spans.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"

namespace pop2piano {
namespace {

using testing::parse_musicxml;
using testing::ParsedMusicXml;

BeatGrid steady_grid(int bars) {
  BeatGrid grid;
  for (int beat = 0; beat <= 4 * bars; ++beat) {
    grid.times.push_back(0.5 * beat);
    grid.numbers.push_back(beat % 4 + 1);
  }
  return grid;
}

/// I vi IV V over and over with a melody above, `bars` bars from a bar on, in a key.
void add_verse(Score& score, int first_bar, int bars, int tonic) {
  const std::vector<std::vector<int>> chords = {{0, 4, 7}, {-3, 0, 4}, {-7, -3, 0}, {-5, -1, 2}};
  const std::vector<int> melody = {12, 14, 16, 17, 19, 16, 14, 11};
  for (int bar = first_bar; bar < first_bar + bars; ++bar) {
    const auto& chord = chords[static_cast<std::size_t>(bar % 4)];
    for (const int tone : chord) {
      score.notes.push_back(
          {.onset = 48 * bar, .duration = 48, .pitch = static_cast<std::int16_t>(tonic + tone), .velocity = 60});
    }
    for (int beat = 0; beat < 4; ++beat) {
      const int pitch = tonic + melody[static_cast<std::size_t>((4 * bar + beat) % 8)];
      score.notes.push_back({.onset = 48 * bar + 12 * beat,
                             .duration = 12,
                             .pitch = static_cast<std::int16_t>(pitch),
                             .velocity = 70,
                             .voice = Voice::melody});
    }
  }
}

/// The last chorus a semitone up, as half of all pop songs have it.
Score modulating_song() {
  Score score;
  score.grid = steady_grid(40);
  add_verse(score, 0, 24, 60);
  add_verse(score, 24, 16, 61);
  resolve_overlaps(score.notes);
  score.key = Key{0, false};
  return score;
}

TEST(KeySpans, ALastingChangeIsFoundAtItsBar) {
  const Score score = modulating_song();
  const auto spans = find_key_spans(score.notes, score.grid);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0], (KeySpan{0, {0, false}}));
  EXPECT_EQ(spans[1], (KeySpan{96, {-5, false}}));
}

TEST(KeySpans, OneKeySilenceAndBorrowedChordsHaveNone) {
  Score score;
  score.grid = steady_grid(40);
  EXPECT_TRUE(find_key_spans(score.notes, score.grid).empty());
  add_verse(score, 0, 40, 60);
  EXPECT_EQ(find_key_spans(score.notes, score.grid), (std::vector<KeySpan>{{0, {0, false}}}));
  for (Note& note : score.notes) {
    if (note.onset >= 48 * 18 && note.onset < 48 * 20) ++note.pitch;  // two bars elsewhere
  }
  EXPECT_EQ(find_key_spans(score.notes, score.grid), (std::vector<KeySpan>{{0, {0, false}}}));
}

TEST(KeySpans, AreWrittenAndReadBack) {
  Score score = modulating_song();
  arrange_for_piano(score, {});
  EXPECT_EQ(score.key, (Key{0, false}));
  ASSERT_EQ(score.keys.size(), 2U);
  const std::string text = score_to_musicxml(score);
  const ParsedMusicXml parsed = parse_musicxml(text);
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(parsed.document.select_nodes("//measure[@number='25']/attributes/key[fifths='-5']").size(), 1U);
  EXPECT_EQ(parsed.document.select_nodes("//key").size(), 2U);
  // In the new key nothing needs an accidental.
  EXPECT_EQ(parsed.document.select_nodes("//measure[@number>26]//accidental").size(), 0U);
  EXPECT_EQ(score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "x").score.keys, score.keys);
  EXPECT_EQ(score_from_midi(score_to_midi(score), "x").score.keys, score.keys);
}

TEST(KeySpans, MoveWithTheNotes) {
  Score score = modulating_song();
  find_keys(score);
  transpose(score, 2);
  ASSERT_EQ(score.keys.size(), 2U);
  EXPECT_EQ(score.keys[0].key, (Key{2, false}));
  EXPECT_EQ(score.keys[1].key, (Key{-3, false}));
}

/// A quiet verse in long notes, a busy chorus with another rhythm, the verse again.
Score song_of_parts() {
  Score score;
  score.grid = steady_grid(32);
  add_verse(score, 0, 8, 60);
  for (int bar = 8; bar < 16; ++bar) {
    for (int eighth = 0; eighth < 8; ++eighth) {
      for (const int tone : {48, 64, 67}) {
        score.notes.push_back({.onset = 48 * bar + 6 * eighth,
                               .duration = 6,
                               .pitch = static_cast<std::int16_t>(tone + (bar % 2 == 0 ? 0 : 5))});
      }
      score.notes.push_back({.onset = 48 * bar + 6 * eighth,
                             .duration = 6,
                             .pitch = static_cast<std::int16_t>(79 + eighth % 3),
                             .voice = Voice::melody});
    }
  }
  add_verse(score, 16, 16, 60);
  resolve_overlaps(score.notes);
  return score;
}

TEST(Sections, BeginWhereTheMusicChanges) {
  const Score score = song_of_parts();
  EXPECT_EQ(section_starts(score.notes, score.grid), (std::vector<int>{0, 32, 64}));
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  ASSERT_EQ(parsed.document.select_nodes("//rehearsal").size(), 3U);
  EXPECT_EQ(parsed.document.select_nodes("//measure[@number='9']//rehearsal[.='B']").size(), 1U);
  EXPECT_EQ(score_to_musicxml(score, {.sections = false}).find("<rehearsal"), std::string::npos);
}

TEST(Sections, ShortAndEmptySongsHaveNone) {
  Score score;
  score.grid = steady_grid(4);
  EXPECT_TRUE(section_starts(score.notes, score.grid).empty());
  add_verse(score, 0, 4, 60);
  EXPECT_TRUE(section_starts(score.notes, score.grid).empty());
}

TEST(SectionsProperty, AreOrderedDownbeatsFourBarsApart) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const Score score = testing::random_score(random, 200, random.index(500), 3);
    const auto starts = section_starts(score.notes, score.grid);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      EXPECT_EQ(beat_number(score.grid, starts[i]), 1) << i;
      EXPECT_TRUE(i == 0 || starts[i] > starts[i - 1]) << i;
    }
  }
}

}  // namespace
}  // namespace pop2piano
