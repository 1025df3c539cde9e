// SPDX-License-Identifier: MIT
// The voices codec and its grammar: round trips of random music, random walks through the grammar.
#include "writing/tokens/voices.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

const VoicesVocabulary kVocabulary;

/// Notes with table durations, unique by onset and pitch, in the order of sort_notes().
std::vector<Note> random_notes(Random& random, int first_step) {
  std::vector<Note> notes;
  std::set<std::pair<int, int>> used;
  const std::size_t count = random.index(60);
  for (std::size_t i = 0; i < count; ++i) {
    Note note;
    note.onset = first_step + static_cast<int>(random.index(96));
    note.pitch = static_cast<std::int16_t>(21 + random.index(88));
    note.duration = kVocabulary.durations[random.index(kVocabulary.durations.size())];
    note.voice = random.chance(0.3) ? Voice::melody : Voice::accompaniment;
    if (used.insert({note.onset, note.pitch}).second) notes.push_back(note);
  }
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tuple(a.onset, a.voice, -a.pitch) < std::tuple(b.onset, b.voice, -b.pitch);
  });
  return notes;
}

TEST(Voices, NothingIsJustTheEnd) {
  const VoicesCodec codec;
  EXPECT_EQ(codec.encode({}, 0), std::vector<int>{kVoicesEnd});
  EXPECT_TRUE(codec.decode(std::vector<int>{kVoicesEnd}, 0).empty());
  EXPECT_TRUE(codec.decode({}, 0).empty());
}

TEST(Voices, WritesTheDocumentedIds) {
  const VoicesCodec codec;
  const std::vector<Note> notes{
      {.onset = 110, .duration = 12, .pitch = 60, .voice = Voice::accompaniment},
      {.onset = 110, .duration = 6, .pitch = 72, .voice = Voice::melody},
      {.onset = 110, .duration = 96, .pitch = 64, .voice = Voice::accompaniment},
      {.onset = 96, .duration = 1, .pitch = 21, .voice = Voice::accompaniment},
      {.onset = 95, .duration = 1, .pitch = 21, .voice = Voice::accompaniment},   // before the segment
      {.onset = 192, .duration = 1, .pitch = 21, .voice = Voice::accompaniment},  // behind it
      {.onset = 100, .duration = 1, .pitch = 20, .voice = Voice::accompaniment},  // below the piano
  };
  const std::vector<int> expected{4, 188, 276, 18, 100 + 51, 280, 188 + 43, 294, 188 + 39, 283, 1};
  EXPECT_EQ(codec.encode(notes, 96), expected);
}

TEST(Voices, RandomMusicComesBack) {
  const VoicesCodec codec;
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const int first_step = static_cast<int>(random.index(2000)) - 500;
    const auto notes = random_notes(random, first_step);
    const auto tokens = codec.encode(notes, first_step);
    EXPECT_EQ(codec.decode(tokens, first_step), notes);
    VoicesGrammar grammar(codec.vocabulary());
    for (const int token : tokens) ASSERT_NO_THROW(grammar.accept(token));
    EXPECT_TRUE(grammar.ended());
  }
}

TEST(Voices, DoubleNotesBecomeOne) {
  const VoicesCodec codec;
  const std::vector<Note> notes{{.onset = 3, .duration = 24, .pitch = 60, .voice = Voice::accompaniment},
                                {.onset = 3, .duration = 12, .pitch = 60, .voice = Voice::melody}};
  const auto decoded = codec.decode(codec.encode(notes, 0), 0);
  ASSERT_EQ(decoded.size(), 1U);
  EXPECT_EQ(decoded[0].voice, Voice::melody);
  EXPECT_EQ(decoded[0].duration, 24);
}

TEST(Voices, DurationsAreRoundedInLogDistance) {
  const VoicesCodec codec;
  const auto rounded = [&](int steps) {
    return codec.vocabulary().durations[static_cast<std::size_t>(codec.nearest_duration(steps))];
  };
  for (const int duration : codec.vocabulary().durations) EXPECT_EQ(rounded(duration), duration);
  EXPECT_EQ(rounded(5), 6);    // log(5/4) > log(6/5)
  EXPECT_EQ(rounded(7), 8);    // log(7/6) > log(8/7)
  EXPECT_EQ(rounded(83), 72);  // geometric mean of 72 and 96 is 83.1
  EXPECT_EQ(rounded(84), 96);
  EXPECT_EQ(rounded(100000), 96);
  EXPECT_EQ(rounded(0), 1);
}

TEST(Voices, DecodingLeavesOutWhatTheGrammarForbids) {
  const VoicesCodec codec;
  // A pitch without position, a duration without pitch, a position that goes back, a pitch without duration, noise.
  const std::vector<int> tokens{150, 280, 10, 280,    151, 280, 8, 152, 280, 20, 153,
                                154, 282, -7, 100000, 2,   3,   1, 30,  155, 280};
  const auto notes = codec.decode(tokens, 0);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(std::pair(notes[0].onset, int{notes[0].pitch}), std::pair(6, 72));
  EXPECT_EQ(std::pair(notes[1].onset, int{notes[1].pitch}), std::pair(16, 75));
  EXPECT_EQ(notes[1].duration, 9);
}

TEST(Voices, RandomTokensNeverBreakTheDecoder) {
  const VoicesCodec codec;
  Random random(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<int> tokens(random.index(80));
    for (int& token : tokens) token = static_cast<int>(random.index(320)) - 10;
    for (const Note& note : codec.decode(tokens, 0)) {
      ASSERT_TRUE(note.onset >= 0 && note.onset < 96 && note.duration >= 1 && note.pitch >= 21 && note.pitch <= 108);
    }
  }
}

TEST(VoicesGrammar, WalksAreWellFormedAndKeepEveryNote) {
  const VoicesCodec codec;
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    VoicesGrammar grammar(codec.vocabulary());
    std::vector<int> tokens;
    std::vector<std::uint8_t> mask(295);
    int pitches = 0;
    while (!grammar.ended() && tokens.size() < 2000) {
      grammar.allowed(mask);
      std::vector<int> choices;
      for (int id = 0; id < 295; ++id) {
        ASSERT_EQ(mask[static_cast<std::size_t>(id)] != 0, grammar.is_allowed(id)) << id;
        if (mask[static_cast<std::size_t>(id)] != 0) choices.push_back(id);
      }
      ASSERT_FALSE(choices.empty());
      tokens.push_back(choices[random.index(choices.size())]);
      grammar.accept(tokens.back());
      const auto kind = voices_token_kind(codec.vocabulary(), tokens.back());
      if (kind == VoicesTokenKind::melody || kind == VoicesTokenKind::accompaniment) ++pitches;
    }
    ASSERT_TRUE(grammar.ended());
    EXPECT_EQ(codec.decode(tokens, 0).size(), static_cast<std::size_t>(pitches));
  }
}

TEST(VoicesGrammar, RefusesWhatMayNotStand) {
  VoicesGrammar grammar(kVocabulary);
  EXPECT_THROW(grammar.accept(150), Error);  // a pitch first
  grammar.accept(20);
  EXPECT_THROW(grammar.accept(1), Error);   // the end after a position
  EXPECT_THROW(grammar.accept(21), Error);  // a position after a position
  grammar.accept(150);
  EXPECT_THROW(grammar.accept(151), Error);  // a pitch after a pitch
  grammar.accept(280);
  EXPECT_THROW(grammar.accept(20), Error);        // the same position again
  EXPECT_THROW(grammar.accept(150 + 88), Error);  // the same pitch in the other voice
  EXPECT_THROW(grammar.accept(99999), Error);
  grammar.accept(99);
  grammar.accept(150);
  grammar.accept(280);
  grammar.accept(kVoicesEnd);
  EXPECT_THROW(grammar.accept(20), Error);
}

TEST(VoicesVocabulary, RefusesALayoutWithHoles) {
  EXPECT_NO_THROW(kVocabulary.validate());
  const auto refused = [](auto change) {
    VoicesVocabulary vocabulary;
    change(vocabulary);
    EXPECT_THROW(vocabulary.validate(), Error);
  };
  refused([](auto& v) { v.first_accompaniment = 189; });
  refused([](auto& v) { v.first_duration = 1 << 30; });
  refused([](auto& v) { v.steps_per_beat = 4; });
  refused([](auto& v) { v.durations = {}; });
  refused([](auto& v) { v.durations = {2, 1}; });
  refused([](auto& v) { v.durations = {0, 1}; });
  refused([](auto& v) { v.lowest_pitch = -1; });
  refused([](auto& v) { v.highest_pitch = 128; });
  refused([](auto& v) { v.first_position = 1; });
}

}  // namespace
}  // namespace pop2piano
