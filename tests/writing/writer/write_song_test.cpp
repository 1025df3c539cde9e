// SPDX-License-Identifier: MIT
// Writing with random weights: the same for any number of threads and songs, by the grammar, on the song's beats only.
#include "writing/writer/write_song.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "numbers/model/random_model.h"
#include "scratch_folder.h"
#include "writing/tokens/voices.h"
#include "writing/writer/made_up_song.h"
#include "writing/writer/symbol_frames.h"

namespace pop2piano {
namespace {

using testing::made_up_song;

ModelConfig small_writer() {
  ModelConfig c = testing::small_config();
  c.features = {.kind = FeatureKind::symbols,
                .segment_beats = 8,
                .frames_per_beat = 2,
                .symbols = SymbolChannels::count,
                .recalled_beats = 8,
                .past_beats = 16,
                .future_beats = 4};
  c.tokens.kind = TokenKind::voices;
  c.tokens.steps_per_beat = kStepsPerBeat;
  c.tokens.durations = VoicesVocabulary{}.durations;
  c.vocab_size = 295;
  c.styles = {"auto", "other"};
  c.max_tokens = 64;
  return c;
}

class WriteSong : public ::testing::Test {
 protected:
  WriteSong() { load(small_writer()); }
  void load(const ModelConfig& config) {
    testing::write_model(folder_ / "model", config, testing::random_tensors(config, 3, DataType::bf16));
    model_ = Model::load(folder_ / "model");
  }
  [[nodiscard]] std::vector<std::vector<Note>> write(const std::vector<WriterSong>& songs, int threads, int style = 0,
                                                     double bass_weight = 1.5) const {
    ThreadPool pool(threads);
    return write_songs(*model_, songs, {.style = style, .bass_weight = bass_weight}, pool);
  }

  testing::ScratchFolder folder_;
  std::shared_ptr<const Model> model_;
};

TEST_F(WriteSong, ThreadsAndCompanyDoNotShow) {
  const std::vector<WriterSong> songs = {made_up_song(40), made_up_song(96, 3), made_up_song(3)};
  const auto together = write(songs, 1);
  EXPECT_EQ(write(songs, 4), together);
  ASSERT_EQ(together.size(), songs.size());
  for (std::size_t i = 0; i < songs.size(); ++i) {
    EXPECT_FALSE(together[i].empty());
    EXPECT_EQ(write({songs[i]}, 2).front(), together[i]) << i;
  }
  EXPECT_NE(write(songs, 1, 1), together);  // the style counts
}

TEST_F(WriteSong, WritesWithinTheSongWhatTheMelodyLeavesFree) {
  WriterSong song = made_up_song(41);
  song.beat_numbers.front() = 1;
  for (std::size_t b = 0; b < song.beat_numbers.size(); ++b) {
    song.beat_numbers[b] = static_cast<int>((b + 2) % 4) + 1;  // begins with an upbeat of two
  }
  std::set<std::pair<int, int>> struck;
  song.melody.clear();
  for (int step = 0; step < 41 * 12; step += 3) {
    for (int pitch = 21; pitch < 90; ++pitch) {
      song.melody.push_back({.onset = step, .pitch = static_cast<std::int16_t>(pitch), .voice = Voice::melody});
      struck.emplace(step, pitch);
    }
  }
  const auto notes = write({song}, 2).front();
  ASSERT_FALSE(notes.empty());
  bool on_struck_step = false;
  for (const Note& note : notes) {
    EXPECT_EQ(note.voice, Voice::accompaniment);
    EXPECT_TRUE(note.onset >= 0 && note.onset < 41 * 12) << note.onset;
    EXPECT_FALSE(struck.contains({note.onset, note.pitch}));
    on_struck_step = on_struck_step || note.onset % 3 == 0;
  }
  EXPECT_TRUE(on_struck_step);
  EXPECT_TRUE(
      std::is_sorted(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.onset < b.onset; }));
}

TEST_F(WriteSong, WhatWasWrittenIsRead) {
  // With another melody in the first eight beats the later ones, which hear the same, come out otherwise.
  const WriterSong song = made_up_song(96);
  WriterSong other = song;
  for (Note& note : other.melody) {
    if (note.onset < 48) note.pitch = static_cast<std::int16_t>(note.pitch + 6);
  }
  const auto later = [](std::vector<Note> notes) {
    std::erase_if(notes, [](const Note& n) { return n.onset < 32 * 12; });  // the melody's change is out of sight
    return notes;
  };
  // (Without the bass, which random weights follow whatever they read.)
  EXPECT_NE(later(write({song}, 1, 0, 0.0).front()), later(write({other}, 1, 0, 0.0).front()));
}

// Mean Jaccard index of onsets and pitches of bars of `a` and `b`, 8 bars each.
double likeness(const std::vector<Note>& notes, int a, int b) {
  double sum = 0;
  for (int bar = 0; bar < 8; ++bar) {
    const auto content = [&](int first_bar) {
      std::set<std::pair<int, int>> set;
      for (const Note& n : notes) {
        const int step = n.onset - (first_bar + bar) * 48;
        if (step >= 0 && step < 48) set.emplace(step, n.pitch);
      }
      return set;
    };
    const auto x = content(a), y = content(b);
    std::set<std::pair<int, int>> either = x;
    either.insert(y.begin(), y.end());
    const auto common = std::ranges::count_if(x, [&](const auto& note) { return y.contains(note); });
    sum += either.empty() ? 1.0 : static_cast<double>(common) / static_cast<double>(either.size());
  }
  return sum / 8;
}

TEST_F(WriteSong, WhatReturnsIsMoreAlikeThanOtherSections) {
  WriterSong song = made_up_song(96);  // three times the same eight bars: A B A
  song.styles.assign(96, 0);
  std::fill_n(song.styles.begin() + 32, 32, 1);
  song.returns.assign(96, -1);
  for (int b = 64; b < 96; ++b) song.returns[static_cast<std::size_t>(b)] = b - 64;
  const auto notes = write({song}, 1).front();
  EXPECT_EQ(write({song}, 3).front(), notes);
  EXPECT_GT(likeness(notes, 0, 16), likeness(notes, 0, 8) + 0.2);
  WriterSong free = song;
  free.returns.clear();
  EXPECT_GT(likeness(notes, 0, 16), likeness(write({free}, 1).front(), 0, 16));
}

TEST_F(WriteSong, SongsOfSeveralStylesAreWrittenSideBySide) {
  WriterSong first = made_up_song(64), second = made_up_song(64, 5);
  first.styles.assign(64, 0);
  std::fill_n(first.styles.begin() + 20, 44, 1);  // within what would be a segment
  second.styles.assign(64, 1);
  const auto together = write({first, second}, 2);
  EXPECT_EQ(write({first}, 1).front(), together[0]);
  EXPECT_EQ(write({second}, 1).front(), together[1]);
  second.styles.clear();
  EXPECT_EQ(write({second}, 1, 1).front(), together[1]);
}

TEST_F(WriteSong, WhatIsWrittenAgainLeavesTheRestAsItWas) {
  WriterSong song = made_up_song(40);
  const auto first = write({song}, 1).front();
  song.kept = first;
  song.again.assign(40, false);
  for (std::size_t beat = 13; beat < 20; ++beat) song.again[beat] = true;
  ThreadPool pool(2);
  const auto within = [](const Note& note) {
    return note.onset >= 13 * kStepsPerBeat && note.onset < 20 * kStepsPerBeat;
  };
  std::set<std::vector<std::pair<int, int>>> versions;
  for (const std::uint64_t seed : {1U, 2U, 1U}) {
    const auto second = write_songs(*model_, std::span(&song, 1), {.search = {.temperature = 1.0, .seed = seed}}, pool);
    std::vector<Note> before, after;
    std::vector<std::pair<int, int>> version;
    for (const Note& note : first)
      if (!within(note)) before.push_back(note);
    for (const Note& note : second.front()) {
      if (within(note))
        version.emplace_back(note.onset, note.pitch);
      else
        after.push_back(note);
    }
    EXPECT_EQ(after, before);
    EXPECT_FALSE(version.empty());
    versions.insert(version);
  }
  EXPECT_EQ(versions.size(), 2U);  // another seed, another version; the same again
}

TEST_F(WriteSong, BadInputIsRefused) {
  WriterSong broken = made_up_song(16);
  broken.chords.pop_back();
  EXPECT_THROW((void)write({broken}, 1), Error);
  EXPECT_THROW((void)write({made_up_song(16)}, 1, 2), Error);
  broken = made_up_song(16);
  broken.returns.assign(16, 3);  // beat 0 from a later one
  EXPECT_THROW((void)write({broken}, 1), Error);
  broken.returns.clear();
  broken.styles.assign(15, 0);
  EXPECT_THROW((void)write({broken}, 1), Error);
  EXPECT_TRUE(write({}, 1).empty());
  ModelConfig other = small_writer();
  other.features.symbols = 100;
  load(other);
  EXPECT_THROW((void)write({made_up_song(16)}, 1), Error);
  load(testing::small_config());
  EXPECT_THROW((void)write({made_up_song(16)}, 1), Error);
}

TEST_F(WriteSong, CanBeCancelled) {
  CancelToken token;
  token.cancel();
  ThreadPool pool(1);
  const std::vector<WriterSong> songs = {made_up_song(16)};
  EXPECT_THROW((void)write_songs(*model_, songs, {}, pool, Monitor{.cancel = &token}), Error);
}

}  // namespace
}  // namespace pop2piano
