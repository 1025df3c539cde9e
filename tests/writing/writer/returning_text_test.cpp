// SPDX-License-Identifier: MIT
// Where sections return, and that what was written there is preferred.
#include "writing/writer/returning_text.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"
#include "writing/writer/returns.h"

namespace pop2piano {
namespace {

using testing::made_up_song;
using testing::major;

constexpr float kWeight = 2.0F;

TEST(Returns, AVisitRepeatsTheEarlierOneOfItsLetter) {
  const WriterSong song = made_up_song(96);  // the chords come back every 32 beats
  const std::vector<SectionVisit> visits = {{0, 32, 0}, {32, 64, 1}, {64, 96, 0}};
  const auto returns = returning_beats(song, visits);
  for (int b = 0; b < 64; ++b) EXPECT_EQ(returns[static_cast<std::size_t>(b)], -1) << b;
  for (int b = 64; b < 96; ++b) EXPECT_EQ(returns[static_cast<std::size_t>(b)], b - 64) << b;
  EXPECT_EQ(returning_beats(song, {}), std::vector<int>(96, -1));
}

TEST(Returns, AVisitThatBeginsABarLateIsMovedIntoPlace) {
  const WriterSong song = made_up_song(96);
  const std::vector<SectionVisit> visits = {{0, 32, 0}, {32, 68, 1}, {68, 96, 0}};
  const auto returns = returning_beats(song, visits);
  for (int b = 68; b < 96; ++b) EXPECT_EQ(returns[static_cast<std::size_t>(b)], b - 64) << b;
}

// Two bars; the second is the first again, which had a chord on one and a note on three.
class Returning : public ::testing::Test {
 protected:
  Returning() {
    song_ = made_up_song(8);
    song_.melody.clear();
    for (BeatChord& chord : song_.chords) chord = major(0);
    song_.returns = {-1, -1, -1, -1, 0, 1, 2, 3};
    text_ = {{.onset = 0, .duration = 12, .pitch = 52},
             {.onset = 0, .duration = 12, .pitch = 48},
             {.onset = 24, .duration = 24, .pitch = 55}};
  }
  [[nodiscard]] ReturningText make() const { return {vocabulary_, song_, text_, 4 * kStepsPerBeat, kWeight}; }
  [[nodiscard]] float at(std::span<const float> logits, int id) const { return logits[static_cast<std::size_t>(id)]; }
  [[nodiscard]] int position(int step) const { return vocabulary_.first_position + step; }
  [[nodiscard]] int pitch(int p) const { return vocabulary_.first_accompaniment + p - vocabulary_.lowest_pitch; }
  [[nodiscard]] std::vector<float> zeros() const {
    return std::vector<float>(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
  }

  VoicesVocabulary vocabulary_;
  WriterSong song_;
  std::vector<Note> text_;
};

TEST_F(Returning, TheNextOnsetIsTheOneThatWasThere) {
  auto logits = zeros();
  EXPECT_TRUE(make().weigh(-1, 128, 0, logits));
  EXPECT_EQ(at(logits, position(0)), 0.0F);
  EXPECT_EQ(at(logits, position(6)), -2 * kWeight);   // leaves one out, and was not there
  EXPECT_EQ(at(logits, position(24)), -kWeight);      // leaves one out
  EXPECT_EQ(at(logits, position(48)), -2 * kWeight);  // behind what returns: leaves both out
  EXPECT_EQ(at(logits, kVoicesEnd), -2 * kWeight);
}

TEST_F(Returning, PitchesFollowFromHighToLowAndThenTheOnsetEnds) {
  auto logits = zeros();
  make().weigh(0, 128, -1, logits);
  EXPECT_EQ(at(logits, pitch(52)), 0.0F);
  EXPECT_EQ(at(logits, pitch(48)), -kWeight);
  logits = zeros();
  make().weigh(0, 52, 1, logits);
  EXPECT_EQ(at(logits, pitch(48)), 0.0F);
  EXPECT_EQ(at(logits, position(24)), -kWeight);  // a pitch is missing
  logits = zeros();
  make().weigh(0, 48, 1, logits);
  EXPECT_EQ(at(logits, pitch(40)), -kWeight);
  EXPECT_EQ(at(logits, position(24)), 0.0F);
}

TEST_F(Returning, LengthsReturn) {
  auto logits = zeros();
  EXPECT_TRUE(make().weigh_durations(24, 55, logits));
  const auto& d = vocabulary_.durations;
  for (std::size_t i = 0; i < d.size(); ++i)
    EXPECT_EQ(logits[static_cast<std::size_t>(vocabulary_.first_duration) + i], d[i] == 24 ? 0.0F : -kWeight);
  EXPECT_FALSE(make().weigh_durations(24, 57, logits));  // an ornament
}

TEST_F(Returning, AnotherChordAnotherBassAndTheMelodysKeyAreFree) {
  song_.chords[4] = major(5);
  song_.chords[6] = major(0, 4);
  EXPECT_FALSE(make().empty());
  auto logits = zeros();
  make().weigh(-1, 128, 0, logits);
  EXPECT_EQ(at(logits, position(0)), 0.0F);
  EXPECT_EQ(at(logits, position(6)), 0.0F);
  EXPECT_EQ(at(logits, position(12)), -kWeight);  // nothing was there
  EXPECT_EQ(at(logits, position(24)), 0.0F);
  song_.chords[4] = major(0);
  song_.melody = {{.onset = 48, .duration = 12, .pitch = 52, .voice = Voice::melody}};
  logits = zeros();
  make().weigh(0, 128, -1, logits);
  EXPECT_EQ(at(logits, pitch(48)), 0.0F);
  song_.returns.clear();
  EXPECT_TRUE(make().empty());
}

TEST_F(Returning, TonesThatOnlyTheFormerChordHadAreForgotten) {
  song_.chords[4].pitch_classes = 1U << 0 | 1U << 3 | 1U << 7;  // minor now
  auto logits = zeros();
  make().weigh(0, 128, -1, logits);
  EXPECT_EQ(at(logits, pitch(48)), 0.0F);
  EXPECT_EQ(at(logits, pitch(52)), -kWeight);
}

}  // namespace
}  // namespace pop2piano
