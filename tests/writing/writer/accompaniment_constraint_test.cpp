// SPDX-License-Identifier: MIT
// What may stand in an accompaniment, and how the bass that was told counts.
#include "writing/writer/accompaniment_constraint.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;
using testing::major;

constexpr float kWeight = 1.5F, kPassed = kWeight / 2;

class Constraint : public ::testing::Test {
 protected:
  [[nodiscard]] AccompanimentConstraint make(const WriterSong& song, const std::vector<Note>& text = {},
                                             int first_beat = 0) const {
    return {vocabulary_, song, text, first_beat * kStepsPerBeat, kWeight};
  }
  [[nodiscard]] int position(int step) const { return vocabulary_.first_position + step; }
  [[nodiscard]] int pitch(int p) const { return vocabulary_.first_accompaniment + p - vocabulary_.lowest_pitch; }
  /// Of so many steps, which the table has.
  [[nodiscard]] int duration(int steps) const {
    const auto& d = vocabulary_.durations;
    return vocabulary_.first_duration + static_cast<int>(std::find(d.begin(), d.end(), steps) - d.begin());
  }
  [[nodiscard]] std::vector<float> weighed(const AccompanimentConstraint& c) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
    c.weigh(logits);
    return logits;
  }
  [[nodiscard]] std::vector<std::uint8_t> allowed(const AccompanimentConstraint& c) const {
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(vocabulary_.size()), 2);
    c.allowed(mask);
    return mask;
  }
  static float at(const std::vector<float>& logits, int id) { return logits[static_cast<std::size_t>(id)]; }

  VoicesVocabulary vocabulary_;
};

TEST_F(Constraint, NoMelodyAndNothingThatTheMelodyStrikes) {
  WriterSong song = made_up_song(16);
  song.melody = {{.onset = 12, .pitch = 60, .voice = Voice::melody}};
  auto c = make(song);
  c.accept(position(6));
  const auto before = allowed(c);
  EXPECT_EQ(before[static_cast<std::size_t>(pitch(60))], 1);
  for (int id = vocabulary_.first_melody; id < vocabulary_.first_accompaniment; ++id) {
    EXPECT_EQ(before[static_cast<std::size_t>(id)], 0);
  }
  for (const int token : {pitch(60), duration(3), position(12)}) c.accept(token);
  const auto here = allowed(c);
  EXPECT_EQ(here[static_cast<std::size_t>(pitch(60))], 0);
  EXPECT_EQ(here[static_cast<std::size_t>(pitch(61))], 1);
}

TEST_F(Constraint, ABeatIsNotLeftWithoutItsBass) {
  WriterSong song = made_up_song(16);
  song.chords.assign(16, major(0, 4));  // C over E
  auto c = make(song);
  c.accept(position(0));
  for (const float logit : weighed(c)) EXPECT_EQ(logit, 0.0F);  // the first note of the beat is free
  for (const int token : {pitch(60), duration(12)}) c.accept(token);
  const auto logits = weighed(c);
  EXPECT_EQ(at(logits, pitch(48)), -kWeight);
  EXPECT_EQ(at(logits, pitch(52)), 0.0F);  // the bass
  EXPECT_EQ(at(logits, pitch(64)), 0.0F);  // not the lowest
  EXPECT_EQ(at(logits, position(6)), -kWeight);
  EXPECT_EQ(at(logits, kVoicesEnd), -kWeight - kPassed);  // the end passes a bar line
  for (const int token : {pitch(40), duration(24)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(6)), 0.0F);
  EXPECT_EQ(at(weighed(c), pitch(36)), -kWeight);
  // Between beats any note is free; up to the next bar nothing else than the bass sounds.
  for (const int token : {position(6), pitch(50), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), pitch(36)), 0.0F);
  EXPECT_EQ(at(weighed(c), position(48)), 0.0F);
  EXPECT_EQ(at(weighed(c), position(49)), -kPassed);
  for (const int token : {position(12), pitch(67), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(18)), 0.0F);
  for (const int token : {position(24), pitch(67), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(30)), -kWeight);
}

TEST_F(Constraint, ANoteEndsBeforeItWouldBeTheLowestUnderAnotherBass) {
  WriterSong song = made_up_song(16);
  song.chords.assign(16, major(7));
  for (std::size_t b = 0; b < 2; ++b) song.chords[b] = major(0);
  auto c = make(song);
  for (const int token : {position(0), pitch(48)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), duration(24)), 0.0F);  // to the third beat, whose bass is G
  EXPECT_EQ(at(weighed(c), duration(30)), -kWeight);
  EXPECT_EQ(at(weighed(c), duration(96)), -kWeight);
  // Above a lower note it may go on for as long as that.
  c.accept(duration(48));
  for (const int token : {position(6), pitch(52)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), duration(42)), 0.0F);
  EXPECT_EQ(at(weighed(c), duration(48)), -kWeight);
  // The bass of all beats to come may lie as long as it likes.
  c.accept(duration(3));
  for (const int token : {position(24), pitch(43)}) c.accept(token);
  for (const float logit : weighed(c)) EXPECT_EQ(logit, 0.0F);
}

TEST_F(Constraint, WhereABarOrABassBeginsItIsLow) {
  WriterSong song = made_up_song(16);
  song.chords.assign(16, major(0, 4));
  for (std::size_t b = 2; b < 4; ++b) song.chords[b] = major(7);
  auto c = make(song);
  for (const int token : {position(0), pitch(64), duration(6)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(6)), -kWeight);  // E, but above middle C
  for (const int token : {position(12), pitch(64), duration(6)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(18)), 0.0F);          // within the bar it may lie there
  EXPECT_EQ(at(weighed(c), position(25)), -kPassed);      // past the beat at which G begins
  EXPECT_EQ(at(weighed(c), position(49)), -2 * kPassed);  // and the next bar's
  for (const int token : {position(24), pitch(43), duration(24)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(48)), 0.0F);
}

TEST_F(Constraint, KnowsWhatSoundsIntoTheSegmentAndWhereItsBeatsLie) {
  WriterSong song = made_up_song(32);
  song.chords.assign(32, major(2));
  song.chords[10].bass = -1;
  const std::vector<Note> text = {{.onset = 7 * 12, .duration = 36, .pitch = 38}};
  auto c = make(song, text, 8);
  for (const int token : {position(0), pitch(60), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(3)), 0.0F);
  for (const int token : {position(24), pitch(60), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(30)), 0.0F);  // no bass was told for beat 10
  for (const int token : {position(36), pitch(60), duration(3)}) c.accept(token);
  EXPECT_EQ(at(weighed(c), position(40)), -kWeight);
  // Beats before the song and behind it have no bass.
  auto early = make(song, {}, -4);
  for (const int token : {position(0), pitch(60), duration(3)}) early.accept(token);
  EXPECT_EQ(at(weighed(early), position(48)), 0.0F);
  EXPECT_EQ(at(weighed(early), kVoicesEnd), -kPassed);
}

TEST_F(Constraint, ACloneGoesItsOwnWay) {
  WriterSong song = made_up_song(16);
  song.chords.assign(16, major(0));
  auto c = make(song);
  c.accept(position(0));
  const auto copy = c.clone();
  for (const int token : {pitch(64), duration(12)}) copy->accept(token);
  std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
  EXPECT_TRUE(copy->weigh(logits));
  EXPECT_EQ(at(logits, kVoicesEnd), -kWeight - kPassed);
  for (const float logit : weighed(c)) EXPECT_EQ(logit, 0.0F);
}

}  // namespace
}  // namespace pop2piano
