// SPDX-License-Identifier: MIT
// A chord's notes that do not sound are likelier, notes of no chord less likely, and nothing else changes.
#include "writing/writer/chord_tones.h"

#include <vector>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;
using testing::major;

constexpr ToneWeights kWeights{.missing = 3.0F, .foreign = 1.0F};

class Tones : public ::testing::Test {
 protected:
  Tones() { song_.chords.assign(16, major(0)); }
  [[nodiscard]] ChordTones make(const std::vector<Note>& text = {}, int first_step = 0,
                                const ToneWeights& weights = kWeights) const {
    return {song_, text, first_step, vocabulary_.segment_steps(), weights};
  }
  /// What is added for a pitch at a step.
  [[nodiscard]] float added(const ChordTones& tones, int step, int pitch) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
    tones.weigh(step, vocabulary_, logits);
    return logits[static_cast<std::size_t>(vocabulary_.first_accompaniment + pitch - vocabulary_.lowest_pitch)];
  }

  VoicesVocabulary vocabulary_;
  WriterSong song_ = made_up_song(16);
};

TEST_F(Tones, WhatIsMissingIsWelcomeWhatIsForeignIsNot) {
  const ChordTones tones = make();
  EXPECT_EQ(added(tones, 0, 64), 3.0F);
  EXPECT_EQ(added(tones, 0, 62), -1.0F);
  EXPECT_EQ(added(tones, 0, 40), 0.0F);  // a low third
  EXPECT_EQ(added(tones, 0, 88), 0.0F);  // above the melody's place
}

TEST_F(Tones, WhatSoundsOrWasStruckWithinABeatIsNotMissing) {
  ChordTones tones = make();
  tones.strike(0, 52, 3);   // E, short
  tones.strike(0, 60, 30);  // C, held
  EXPECT_EQ(added(tones, 11, 64), 0.0F);
  EXPECT_EQ(added(tones, 12, 64), 3.0F);
  EXPECT_EQ(added(tones, 24, 72), 0.0F);
  EXPECT_EQ(added(tones, 30, 72), 3.0F);
  EXPECT_EQ(added(tones, 0, 67), 3.0F);
}

TEST_F(Tones, KnowsTheTextBeforeTheSegmentAndTheBeatsChord) {
  song_.chords[5] = major(2);
  const ChordTones tones = make({{.onset = 40, .duration = 12, .pitch = 64}}, 48);
  EXPECT_EQ(added(tones, 0, 64), 0.0F);
  EXPECT_EQ(added(tones, 0, 67), 3.0F);
  EXPECT_EQ(added(tones, 12, 66), 3.0F);   // F sharp of D
  EXPECT_EQ(added(tones, 12, 60), -1.0F);  // C
}

TEST_F(Tones, AThinTextureNeedNotBeComplete) {
  song_.textures.assign(16, {.density = -1, .fullness = 0});
  const float thin = added(make(), 0, 64);
  song_.textures.assign(16, {.density = -1, .fullness = 2});
  EXPECT_EQ(added(make(), 0, 64), 3.0F);
  EXPECT_GT(thin, 0.0F);
  EXPECT_LT(thin, 2.0F);
  EXPECT_EQ(added(make(), 0, 62), -1.0F);
}

TEST_F(Tones, WithoutAChordOrWeightsNothingChanges) {
  std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
  EXPECT_FALSE(make({}, 0, {}).weigh(0, vocabulary_, logits));
  song_.chords[0] = {};
  EXPECT_FALSE(make().weigh(0, vocabulary_, logits));
  song_.chords[0] = {.kind = BeatChord::Kind::none};
  EXPECT_FALSE(make().weigh(0, vocabulary_, logits));
  for (const float logit : logits) EXPECT_EQ(logit, 0.0F);
}

}  // namespace
}  // namespace pop2piano
