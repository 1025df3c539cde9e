// SPDX-License-Identifier: MIT
// What the writer is told of a song: chords and melody as they were heard, and a plan that follows the loudness.
#include "writing/cover/lead_sheet.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kBeats = 64;

// Sixteen bars of C and F, the last eight louder; a melody note and two of the accompaniment to the beat.
Analysis analysis(float louder_db) {
  Analysis a;
  for (int b = 0; b < kBeats; ++b) {
    a.grid.times.push_back(0.6 * b);
    a.grid.numbers.push_back(b % 4 + 1);
    a.loudness_db.push_back(b < kBeats / 2 ? -20.0F : -20.0F + louder_db);
    a.harmony.push_back(b % 8 < 4
                            ? BeatHarmony{.quality = ChordQuality::major, .root = 0, .bass = 4, .pitch_classes = 0x91}
                            : BeatHarmony{});
    a.heard.places.push_back(b);
  }
  a.heard.grid = a.grid;
  return a;
}

std::vector<Note> notes() {
  std::vector<Note> all;
  for (int step = 0; step < kBeats * kStepsPerBeat; step += kStepsPerBeat) {
    all.push_back(
        {.onset = step, .duration = 6, .pitch = static_cast<std::int16_t>(60 + step / 12 % 7), .voice = Voice::melody});
  }
  for (int step = 0; step < kBeats * kStepsPerBeat; step += kStepsPerBeat / 2) {
    all.push_back({.onset = step, .duration = 3, .pitch = 48});
  }
  sort_notes(all);
  return all;
}

TEST(LeadSheet, TellsChordsMelodyAndBars) {
  const WriterSong song = lead_sheet_of(analysis(0), notes());
  EXPECT_NO_THROW(song.validate());
  ASSERT_EQ(song.beats(), kBeats);
  EXPECT_EQ(song.chords[1], (BeatChord{.kind = BeatChord::Kind::chord, .root = 0, .bass = 4, .pitch_classes = 0x91}));
  EXPECT_EQ(song.chords[5], (BeatChord{.kind = BeatChord::Kind::none}));
  ASSERT_EQ(song.melody.size(), static_cast<std::size_t>(kBeats));
}

TEST(LeadSheet, AKeyThatIsStruckAgainAndAgainIsHeld) {
  std::vector<Note> row;
  for (int step = 0; step < kBeats * kStepsPerBeat; step += 6) {
    row.push_back({.onset = step, .duration = 6, .pitch = 67, .voice = Voice::melody});
  }
  EXPECT_LT(lead_sheet_of(analysis(0), row).melody.size(), row.size());
}

TEST(LeadSheet, WhatIsOnTopWhileTheMelodyRestsIsTold) {
  const std::vector<Note> written = {{.onset = 0, .duration = 12, .pitch = 72, .voice = Voice::melody},
                                     {.onset = 6, .duration = 6, .pitch = 76},    // the melody sounds
                                     {.onset = 24, .duration = 6, .pitch = 69},   // on top
                                     {.onset = 24, .duration = 6, .pitch = 64},   // below it
                                     {.onset = 36, .duration = 6, .pitch = 48}};  // too low
  const WriterSong song = lead_sheet_of(analysis(0), written);
  ASSERT_EQ(song.melody.size(), 2U);
  EXPECT_EQ(song.melody[0].pitch, 72);
  EXPECT_EQ(song.melody[1].pitch, 69);
}

TEST(LeadSheet, LouderPartsAreToBeFuller) {
  const auto plan = lead_sheet_of(analysis(8), notes()).textures;
  ASSERT_EQ(plan.size(), static_cast<std::size_t>(kBeats));
  EXPECT_LT(plan.front().fullness, plan.back().fullness);
  // Nothing that nobody hears.
  const auto even = lead_sheet_of(analysis(0.2F), notes()).textures;
  EXPECT_EQ(even.front(), even.back());
}

TEST(LeadSheet, FastBeatsHoldFewerNotes) {
  const auto wished = [](double beat_seconds) {
    Analysis a = analysis(8);
    for (std::size_t b = 0; b < a.grid.size(); ++b) a.heard.grid.times[b] = beat_seconds * static_cast<double>(b);
    return lead_sheet_of(a, notes()).textures.back();
  };
  EXPECT_GT(wished(0.8).fullness, wished(0.5).fullness);
  EXPECT_EQ(wished(0.5).density, -1);
  EXPECT_EQ(wished(0.4).density, 0);
}

}  // namespace
}  // namespace pop2piano
