// SPDX-License-Identifier: MIT
// A song in segments that go on from one another: they cover it once, begin with what was written, and let nothing more
// begin there.
#include "writing/tokens/voices_song.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

std::vector<int> bars(int song_steps) {
  std::vector<int> starts;
  for (int step = 0; step < song_steps; step += 48) starts.push_back(step);
  return starts;
}

TEST(SegmentChains, CoverTheSongOnceWhateverItsLength) {
  for (int steps = 1; steps < 6000; steps += 37) {
    for (const int overlap : {0, 12, 24, 48}) {
      const auto starts = bars(steps);
      const auto cut = chain_segments(steps, starts, {.overlap_steps = overlap});
      int done = 0;
      for (std::size_t s = 0; s < cut.places.size(); ++s) {
        const SegmentPlace& place = cut.places[s];
        const bool first = std::ranges::find(cut.chains, s) != cut.chains.end();
        ASSERT_EQ(place.new_from, done);
        ASSERT_EQ(place.new_from - place.first, first ? 0 : overlap) << steps << " steps, segment " << s;
        ASSERT_GT(place.end, place.new_from);
        ASSERT_LE(place.end - place.first, 96);
        ASSERT_TRUE(!first || std::ranges::find(starts, place.first) != starts.end());
        done = place.end;
      }
      ASSERT_EQ(done, steps);
    }
  }
}

TEST(SegmentChains, AreFewAndLongEnough) {
  const auto cut = chain_segments(5000, bars(5000), {.most_chains = 8, .least_segments = 4});
  EXPECT_EQ(cut.chains.size(), 8U);
  EXPECT_EQ(chain_segments(96 * 4, bars(96 * 4), {.least_segments = 4}).chains.size(), 1U);
  EXPECT_EQ(chain_segments(5000, {}, {}).chains.size(), 1U);
  EXPECT_FALSE(chain_segments(5000, bars(5000), {.overlap_steps = 0}).overlapping);
  EXPECT_TRUE(chain_segments(0, {}, {}).places.empty());
}

TEST(SegmentChains, RefuseAnOverlapOfAWholeSegment) {
  EXPECT_THROW((void)chain_segments(100, {}, {.segment_steps = 96, .overlap_steps = 96}), Error);
  EXPECT_THROW((void)chain_segments(100, {}, {.overlap_steps = -1}), Error);
  EXPECT_THROW((void)chain_segments(100, {}, {.most_chains = 0}), Error);
}

TEST(SegmentChains, ContinuedTokensAreThoseOfTheNotesThatLieBehindTheStride) {
  const VoicesCodec codec;
  std::vector<Note> notes;
  notes.reserve(12);
  for (int i = 0; i < 12; ++i) {
    notes.push_back(
        {.onset = 8 * i, .duration = 6, .pitch = static_cast<std::int16_t>(60 + i), .voice = Voice::melody});
  }
  const auto tokens = codec.encode(notes, 0);
  auto expected = codec.encode(notes, 72);
  expected.pop_back();  // the end
  EXPECT_EQ(continued_tokens(codec.vocabulary(), tokens, 72), expected);
  EXPECT_TRUE(continued_tokens(codec.vocabulary(), tokens, 96).empty());
  // A segment that was cut within a note: the note is left out, and its position where nothing else stands there.
  auto cut = tokens;
  cut.resize(tokens.size() - 2);  // without duration and end
  auto shorter = expected;
  shorter.resize(expected.size() - 3);
  EXPECT_EQ(continued_tokens(codec.vocabulary(), cut, 72), shorter);
}

TEST(VoicesSong, NothingNewBeginsWhereTheSegmentBeforeHasWritten) {
  const VoicesCodec codec;
  const VoicesVocabulary& v = codec.vocabulary();
  const VoicesSong song(codec, chain_segments(300, {}, {.overlap_steps = 24}), std::nullopt);
  const auto request = song.request();
  ASSERT_EQ(request.continuation.chains, (std::vector<std::size_t>{0}));
  const std::vector<int> before{v.first_position + 80, v.first_melody + 40, v.first_duration};
  const auto prefix = request.continuation.prefix(1, before);
  ASSERT_EQ(prefix, (std::vector<int>{v.first_position + 8, v.first_melody + 40, v.first_duration}));
  const auto constraint = request.constraint(1);
  for (const int token : prefix) constraint->accept(token);
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(v.size()));
  constraint->allowed(allowed);
  for (int id = 0; id < v.size(); ++id) {
    const bool free = id == kVoicesEnd || (id >= v.first_position + 24 && id < v.first_melody);
    EXPECT_EQ(allowed[static_cast<std::size_t>(id)] != 0, free) << id;
  }
}

TEST(VoicesSong, AHeldNoteOfTheMelodyIsNotStruckAgain) {
  const VoicesCodec codec;
  const VoicesVocabulary& v = codec.vocabulary();
  Matrix<float> channels(96, 64);
  for (std::size_t k = 0; k < 48; ++k) channels(k, 69 - kLowestGuidePitch) = 1.0F;
  const VoicesSong song(codec, chain_segments(96, {}, {}), MelodyGuide(channels.view(), 0));
  const auto request = song.request();
  const auto constraint = request.constraint(0);
  const auto weighed = [&](int token) {
    std::vector<float> logits(static_cast<std::size_t>(v.size()), 0.0F);
    EXPECT_TRUE(constraint->weigh(logits));
    return logits[static_cast<std::size_t>(token)];
  };
  const int a4 = v.first_melody + 69 - v.lowest_pitch;
  EXPECT_GT(weighed(v.first_position), weighed(v.first_position + 30));  // an onset where the melody begins
  EXPECT_EQ(weighed(a4), 0.0F);
  constraint->accept(v.first_position);
  EXPECT_GT(weighed(a4), 1.0F);
  EXPECT_EQ(weighed(v.first_position + 30), 0.0F);  // no onset may stand here
  constraint->accept(a4);
  const auto nearest = v.first_duration + codec.nearest_duration(48);
  EXPECT_EQ(weighed(nearest), 0.0F);
  EXPECT_LT(weighed(v.first_duration), -1.0F);
  constraint->accept(v.first_duration + codec.nearest_duration(24));
  constraint->accept(v.first_position + 12);
  EXPECT_LT(weighed(a4), 0.0F);
  constraint->accept(v.first_accompaniment);
  constraint->accept(v.first_duration);
  constraint->accept(v.first_position + 30);  // the note has ended, the singer holds on
  EXPECT_GT(weighed(a4), 1.0F);
}

TEST(VoicesSong, ANoteIsThatOfTheSegmentItBelongsTo) {
  const VoicesCodec codec;
  const VoicesSong song(codec, chain_segments(150, {}, {.overlap_steps = 24}), std::nullopt);
  ASSERT_EQ(song.places().size(), 2U);
  const auto note = [](int onset, int pitch) {
    return Note{.onset = onset, .duration = 6, .pitch = static_cast<std::int16_t>(pitch), .voice = Voice::melody};
  };
  const std::vector<SegmentTokens> segments{
      {.tokens = codec.encode(std::vector{note(0, 60), note(80, 61)}, 0), .ended = true},
      {.tokens = codec.encode(std::vector{note(80, 61), note(100, 62), note(160, 63)}, 72), .ended = true}};
  std::vector<int> pitches;
  for (const Note& n : song.notes(segments)) pitches.push_back(n.pitch);
  EXPECT_EQ(pitches, (std::vector<int>{60, 61, 62}));  // once each, none behind the song
}

TEST(VoicesSong, ANoteOfTheMelodyEndsWhereTheNextBegins) {
  const VoicesCodec codec;
  const VoicesSong song(codec, chain_segments(96, {}, {}), std::nullopt);
  const std::vector<Note> written{{.onset = 0, .duration = 48, .pitch = 70, .voice = Voice::melody},
                                  {.onset = 0, .duration = 48, .pitch = 67, .voice = Voice::melody},
                                  {.onset = 0, .duration = 48, .pitch = 50, .voice = Voice::accompaniment},
                                  {.onset = 12, .duration = 12, .pitch = 60, .voice = Voice::melody}};
  const std::vector<SegmentTokens> segments{{.tokens = codec.encode(written, 0), .ended = true}};
  for (const Note& note : song.notes(segments)) EXPECT_EQ(note.duration, note.pitch == 50 ? 48 : 12) << note.pitch;
}

}  // namespace
}  // namespace pop2piano
