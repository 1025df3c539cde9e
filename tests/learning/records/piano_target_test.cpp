// SPDX-License-Identifier: MIT
#include "learning/records/piano_target.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

SymbolicSong song_of(std::vector<SymbolicNote> melody, std::vector<SymbolicNote> piano) {
  SymbolicSong song;
  song.melody = std::move(melody);
  song.piano = std::move(piano);
  return song;
}

TEST(QuantisedStep, PrefersSixteenthsUnlessATripletIsClearlyNearer) {
  EXPECT_EQ(quantised_step(0.25), 3);
  EXPECT_EQ(quantised_step(1.0 / 3), 4);
  EXPECT_EQ(quantised_step(3.55 / 12), 3);  // triplet nearer by 0.1 only
  EXPECT_EQ(quantised_step(3.66 / 12), 3);  // by 0.32
  EXPECT_EQ(quantised_step(3.70 / 12), 4);  // by 0.40
  EXPECT_EQ(quantised_step(-0.25), -3);
  EXPECT_EQ(quantised_step(2.01), 24);
}

TEST(QuantisedStep, AlwaysLandsOnTheGridWithinTwoSteps) {
  Random random(2);
  for (int i = 0; i < 10000; ++i) {
    const double beats = random.uniform(-4.0, 100.0);
    const int step = quantised_step(beats);
    EXPECT_TRUE(step % 3 == 0 || step % 4 == 0) << beats;
    EXPECT_LE(std::abs(step - 12 * beats), 1.5 + 1e-9) << beats;
  }
}

TEST(PianoTarget, MelodyWinsOverTheSameNoteOfTheAccompaniment) {
  const auto notes = piano_target(song_of({{1.0, 1.4, 72, 90}}, {{1.01, 2.0, 72, 50}, {1.0, 2.0, 48, 60}}));
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0], (RecordNote{12, 12, 72, 90, 0}));
  EXPECT_EQ(notes[1], (RecordNote{12, 12, 48, 60, 1}));
}

TEST(PianoTarget, OrdersByOnsetThenVoiceThenPitchFromAboveAndFoldsIntoThePiano) {
  const auto notes = piano_target(song_of({{2, 3, 110, 80}}, {{2, 3, 40, 80}, {2, 3, 52, 80}, {0, 1, 10, 80}}));
  ASSERT_EQ(notes.size(), 4U);
  EXPECT_EQ(notes[0].pitch, 22);
  EXPECT_EQ(notes[1].pitch, 98);
  EXPECT_EQ(notes[2].pitch, 52);
  EXPECT_EQ(notes[3].pitch, 40);
  EXPECT_GE(piano_target(song_of({{0, 0.001, 60, 80}}, {}))[0].duration, 1);
}

TEST(Style, ThirdsOfDensityTimesTexture) {
  EXPECT_EQ(kStyleNames[static_cast<std::size_t>(style_of({.notes_per_beat = 2, .notes_per_onset = 1.2}))],
            "sparse-broken");
  EXPECT_EQ(kStyleNames[static_cast<std::size_t>(style_of({.notes_per_beat = 4, .notes_per_onset = 2.5}))],
            "flowing-chords");
  EXPECT_EQ(kStyleNames[static_cast<std::size_t>(style_of({.notes_per_beat = 7, .notes_per_onset = 2.5}))],
            "dense-chords");
}

TEST(Style, TextureCountsTheAccompanimentOnly) {
  const std::vector<RecordNote> notes = {
      {0, 12, 72, 80, 0}, {0, 12, 48, 80, 1}, {0, 12, 52, 80, 1}, {12, 12, 48, 80, 1}};
  const Texture texture = accompaniment_texture(notes);
  EXPECT_DOUBLE_EQ(texture.notes_per_beat, 1.5);
  EXPECT_DOUBLE_EQ(texture.notes_per_onset, 1.5);
  EXPECT_DOUBLE_EQ(accompaniment_texture({}).notes_per_beat, 0.0);
}

}  // namespace
}  // namespace pop2piano
