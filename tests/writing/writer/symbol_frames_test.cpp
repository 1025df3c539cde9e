// SPDX-License-Identifier: MIT
// Frames of symbols: each channel where it belongs, nothing of the text that is still to be written, and all of the
// text back from the frames.
#include "writing/writer/symbol_frames.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using C = SymbolChannels;
using testing::made_up_song;
using testing::major;

FeatureSettings settings() {
  FeatureSettings s;
  s.kind = FeatureKind::symbols;
  s.symbols = C::count;
  s.frames_per_beat = 2;
  s.segment_beats = 8;
  s.recalled_beats = 8;
  s.past_beats = 24;
  s.future_beats = 8;
  return s;
}

constexpr int kRecalled = 0, kPast = 16, kNow = 64, kFuture = 80, kFrames = 96;

/// The rows of a place, asked by frame and channel.
class Frames {
 public:
  Frames(const WriterSong& song, const std::vector<Note>& text, const SymbolPlace& place)
      : rows_(static_cast<std::size_t>(kFrames * C::count), 7.0F) {
    fill_symbol_frames(song, text, place, settings(), rows_);
  }
  [[nodiscard]] bool has(int frame, int channel) const {
    return rows_[static_cast<std::size_t>(frame * C::count + channel)] == 1.0F;
  }
  [[nodiscard]] int count(int frame, int first, int channels) const {
    int sum = 0;
    for (int c = first; c < first + channels; ++c) sum += has(frame, c) ? 1 : 0;
    return sum;
  }
  [[nodiscard]] const std::vector<float>& rows() const { return rows_; }

 private:
  std::vector<float> rows_;
};

int key(int pitch) { return pitch - C::kLowestPitch; }

TEST(SymbolFrames, ShowChordsAndBarsOfTheirBeat) {
  WriterSong song = made_up_song(64);
  song.chords[33] = major(5, 9);
  song.chords[34] = {.kind = BeatChord::Kind::none};
  song.chords[35] = {.bass = 3};
  const Frames f(song, {}, {.first_beat = 32});
  const int frame = kNow + 2;  // beat 33
  EXPECT_TRUE(f.has(frame, C::chord_known) && f.has(frame, C::root + 5) && f.has(frame, C::bass + 9));
  EXPECT_TRUE(f.has(frame, C::tones + 5) && f.has(frame, C::tones + 9) && f.has(frame, C::tones + 0));
  EXPECT_EQ(f.count(frame, C::tones, 12), 3);
  EXPECT_TRUE(f.has(frame, C::beat + 1) && f.has(frame + 1, C::beat + 1));
  EXPECT_FALSE(f.has(frame, C::off_beat));
  EXPECT_TRUE(f.has(frame + 1, C::off_beat));
  EXPECT_TRUE(f.has(frame, C::metre + 2));
  EXPECT_TRUE(f.has(frame + 2, C::no_chord) && f.has(frame + 2, C::chord_known));
  EXPECT_EQ(f.count(frame + 2, C::root, 36), 0);
  EXPECT_FALSE(f.has(frame + 4, C::chord_known));
  EXPECT_TRUE(f.has(frame + 4, C::bass + 3));
}

TEST(SymbolFrames, OnsetsHaveTwoPlacesAndSayWhichTheSecondIs) {
  WriterSong song = made_up_song(64);
  song.melody = {{.onset = 32 * 12, .duration = 3, .pitch = 60},
                 {.onset = 32 * 12 + 3, .duration = 3, .pitch = 61},
                 {.onset = 33 * 12 + 4, .duration = 4, .pitch = 62},
                 {.onset = 33 * 12 + 8, .duration = 4, .pitch = 63},
                 {.onset = 34 * 12 + 9, .duration = 20, .pitch = 64}};
  const Frames f(song, {}, {.first_beat = 32});
  const int second = C::melody + C::kPitches, held = C::melody + 2 * C::kPitches;
  EXPECT_TRUE(f.has(kNow, C::melody + key(60)) && f.has(kNow, second + key(61)));
  EXPECT_FALSE(f.has(kNow, C::melody_triplet));
  EXPECT_TRUE(f.has(kNow + 2, second + key(62)) && f.has(kNow + 2, C::melody_triplet));
  EXPECT_TRUE(f.has(kNow + 3, second + key(63)) && f.has(kNow + 3, C::melody_triplet));
  EXPECT_TRUE(f.has(kNow + 5, second + key(64)));
  EXPECT_FALSE(f.has(kNow + 5, C::melody_triplet) || f.has(kNow + 5, held + key(64)));
  for (int i = 6; i <= 9; ++i) EXPECT_EQ(f.has(kNow + i, held + key(64)), i < 9) << i;  // the last step is in beat 36
}

TEST(SymbolFrames, NothingOfTheTextToComeIsShown) {
  const WriterSong song = made_up_song(96);
  std::vector<Note> text;
  for (int b = 0; b < 96; ++b) text.push_back({.onset = b * 12, .duration = 12, .pitch = 40});
  text.push_back({.onset = 31 * 12, .duration = 30, .pitch = 50});
  std::vector<Note> past = text;
  std::erase_if(past, [](const Note& n) { return n.onset >= 32 * 12; });
  const SymbolPlace place{.first_beat = 32, .recalled_beat = 0, .recalls = true};
  const Frames f(song, text, place), only_past(song, past, place);
  EXPECT_EQ(f.rows(), only_past.rows());
  EXPECT_TRUE(f.has(kNow - 1, C::written) && f.has(kRecalled, C::written) && f.has(kRecalled + 15, C::written));
  EXPECT_FALSE(f.has(kNow, C::written));
  EXPECT_TRUE(f.has(kNow, C::text + 2 * C::kPitches + key(50)));  // sounds into the segment
  EXPECT_EQ(f.count(kNow, C::text, 2 * C::kPitches), 0);
}

TEST(SymbolFrames, OutsideTheSongNothingElseIsSet) {
  const Frames f(made_up_song(12), {}, {.first_beat = -2});
  for (int frame = kPast; frame < kFrames; ++frame) {
    const int beat = -26 + (frame - kPast) / 2;
    const bool outside = beat < 0 || beat >= 12;
    EXPECT_EQ(f.has(frame, C::outside), outside) << frame;
    if (outside) {
      EXPECT_EQ(f.count(frame, 0, C::count), 1) << frame;
    }
  }
  for (int frame = kRecalled; frame < kPast; ++frame) EXPECT_EQ(f.count(frame, 0, C::count), 0);
}

TEST(SymbolFrames, TheRecalledPassageIsThePastsOwn) {
  const WriterSong song = made_up_song(96);
  std::vector<Note> text;
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    text.push_back({.onset = 3 * static_cast<int>(random.index(48 * 4)),
                    .duration = 3,
                    .pitch = static_cast<std::int16_t>(30 + random.index(40))});
  }
  const Frames f(song, text, {.first_beat = 48, .recalled_beat = 32, .recalls = true});
  for (int i = 0; i < 16; ++i) {
    const int past = kPast + 2 * (32 - 24) + i;
    for (int c = 0; c < C::count; ++c) ASSERT_EQ(f.has(kRecalled + i, c), f.has(past, c)) << i << ' ' << c;
  }
}

// What the frames say is enough to write the text down again.
TEST(SymbolFrames, OnsetsComeBackFromTheFrames) {
  Random random(9);
  std::vector<Note> text;
  constexpr int kPlaces[] = {0, 3, 6, 9};
  for (int b = 24; b < 48; ++b) {
    const bool triplets = random.chance(0.3);
    for (int i = 0; i < 4; ++i) {
      const int step = triplets ? 4 * (i % 3) : kPlaces[i];
      if (random.chance(0.5)) {
        text.push_back(
            {.onset = b * 12 + step, .duration = 3, .pitch = static_cast<std::int16_t>(21 + random.index(88))});
      }
    }
  }
  std::sort(text.begin(), text.end(),
            [](const Note& a, const Note& b) { return std::pair(a.onset, a.pitch) < std::pair(b.onset, b.pitch); });
  text.erase(std::unique(text.begin(), text.end()), text.end());
  const Frames f(made_up_song(96), text, {.first_beat = 48});
  std::vector<std::pair<int, int>> expected, found;
  for (const Note& note : text) expected.emplace_back(note.onset, note.pitch);
  for (int frame = kPast; frame < kNow; ++frame) {
    const int half = 24 * 2 + frame - kPast;  // of the song
    const int second = f.has(frame, C::text_triplet) ? (half % 2 == 0 ? 4 : 2) : 3;
    for (int place = 0; place < 2; ++place) {
      for (int k = 0; k < C::kPitches; ++k) {
        if (f.has(frame, C::text + place * C::kPitches + k)) {
          found.emplace_back(half * 6 + (place == 0 ? 0 : second), k + C::kLowestPitch);
        }
      }
    }
  }
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST(SymbolFrames, WishesAreShownWhereTheyHold) {
  WriterSong song = made_up_song(64);
  song.textures.assign(64, {});
  song.textures[32] = {.density = 3, .fullness = 1};
  const Frames f(song, {}, {.first_beat = 32});
  EXPECT_TRUE(f.has(kNow, C::density + 3) && f.has(kNow + 1, C::fullness + 1));
  EXPECT_EQ(f.count(kNow, C::density, 7), 2);
  EXPECT_EQ(f.count(kNow + 2, C::density, 7), 0);
}

TEST(SymbolFrames, NotesOffThePianoAreLeftOut) {
  WriterSong song = made_up_song(16);
  song.melody = {{.onset = 0, .pitch = 10}, {.onset = 0, .pitch = 120}};
  const Frames f(song, {{.onset = -5, .pitch = 109}}, {.first_beat = 0});
  EXPECT_EQ(f.count(kNow, C::melody, 3 * C::kPitches), 0);
}

TEST(SymbolFrames, AnotherLayoutIsRefused) {
  FeatureSettings s = settings();
  check_symbol_layout(s, "here");
  s.symbols = C::count - 1;
  EXPECT_THROW(check_symbol_layout(s, "here"), Error);
  s = settings();
  s.frames_per_beat = 4;
  EXPECT_THROW(check_symbol_layout(s, "here"), Error);
  s = settings();
  s.kind = FeatureKind::mel;
  EXPECT_THROW(check_symbol_layout(s, "here"), Error);
}

}  // namespace
}  // namespace pop2piano
