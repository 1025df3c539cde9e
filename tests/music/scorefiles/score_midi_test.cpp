// SPDX-License-Identifier: MIT
#include "music/scorefiles/score_midi.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include "music/random_score.h"
#include "music/score/bars.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::random_score;

constexpr int kTicksPerStep = 40;

BeatGrid steady_grid(double first, double interval, int beats, int first_number = 1, int beats_per_bar = 4) {
  BeatGrid grid;
  grid.beats_per_bar = beats_per_bar;
  for (int i = 0; i < beats; ++i) {
    grid.times.push_back(first + i * interval);
    grid.numbers.push_back((first_number - 1 + i) % beats_per_bar + 1);
  }
  return grid;
}

/// (tick, numerator) of the time signatures.
std::vector<std::pair<int, int>> metres(const MidiFile& file) {
  std::vector<std::pair<int, int>> found;
  for (const MidiEvent& event : file.tracks.at(0).events) {
    if (event.is_meta(midi_meta::kTimeSignature)) found.emplace_back(event.tick, event.payload[0]);
  }
  return found;
}

/// Lowest tempo that the file holds in microseconds per quarter, and the highest.
std::pair<std::uint32_t, std::uint32_t> tempo_range(const MidiFile& file) {
  std::uint32_t low = 0xFFFFFF, high = 0;
  for (const MidiEvent& event : file.tracks.at(0).events) {
    if (!event.is_meta(midi_meta::kTempo)) continue;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(event.payload[i]); };
    const auto value = static_cast<std::uint32_t>(byte(0) << 16 | byte(1) << 8 | byte(2));
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return {low, high};
}

MidiFile through_bytes(const MidiFile& file) { return parse_midi(serialize_midi(file), "score"); }

TEST(ScoreMidi, LeadInHasThePlausibleNumberOfBeatsAndAPickup) {
  Score score;
  score.grid = steady_grid(2.7, 0.5, 32);
  score.notes = {{.onset = 0, .duration = 12, .pitch = 60}};
  const MidiFile file = score_to_midi(score);
  EXPECT_EQ(timed_notes(file).at(0).onset_tick, 5 * 480);
  EXPECT_NEAR(timed_notes(file).at(0).onset, 2.7, 1e-6);
  EXPECT_EQ(metres(file), (std::vector<std::pair<int, int>>{{0, 1}, {480, 4}}));
  EXPECT_EQ(tempo_range(file), (std::pair<std::uint32_t, std::uint32_t>{500000, 540000}));
}

TEST(ScoreMidi, ChangesOfMetreStandWhereTheDownbeatsAre) {
  Score score;
  score.grid = steady_grid(0.0, 0.5, 14);
  score.grid.numbers = {3, 4, 1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1};
  const MidiFile file = score_to_midi(score);
  EXPECT_EQ(metres(file), (std::vector<std::pair<int, int>>{{0, 2}, {960, 4}, {6 * 480, 3}, {9 * 480, 4}}));
}

TEST(ScoreMidi, BeatsBeforeTheRecordingAreLeftOutButTheirNotesAreNot) {
  Score score;
  score.grid = steady_grid(-1.2, 0.5, 20);
  score.notes = {{.onset = -24, .duration = 6, .pitch = 50},
                 {.onset = 0, .duration = 12, .pitch = 60},
                 {.onset = 36, .duration = 12, .pitch = 62}};
  const MidiFile file = score_to_midi(score);
  const auto notes = timed_notes(file);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_NEAR(notes[2].onset, 0.3, 1e-6);
  EXPECT_EQ(notes[0].onset_tick, 0);
  EXPECT_LT(midi_beat_error(file, score.grid), 1e-6);
}

TEST(ScoreMidi, VerySlowAndVeryFastBeatsAreStillExact) {
  Score score;
  score.grid = {.times = {0.0, 0.5, 40.5, 41.0, 41.0001, 41.0002, 41.7, 42.2},
                .numbers = {1, 2, 3, 4, 1, 2, 3, 4},
                .confidence = {}};
  score.notes = {{.onset = 18, .duration = 6, .pitch = 60},
                 {.onset = 36, .duration = 6, .pitch = 62},
                 {.onset = 60, .duration = 6, .pitch = 64},
                 {.onset = 72, .duration = 6, .pitch = 65}};
  const MidiFile file = through_bytes(score_to_midi(score));
  EXPECT_LT(midi_beat_error(file, score.grid), 1e-6);
  EXPECT_NEAR(timed_notes(file).at(0).onset, 20.5, 1e-5);
  EXPECT_NEAR(timed_notes(file).at(1).onset, 41.0, 1e-6);
  EXPECT_NEAR(timed_notes(file).at(2).onset, 41.0002, 1e-3);  // shares a quarter
  EXPECT_NEAR(timed_notes(file).at(3).onset, 41.7, 1e-6);
}

/// Every tempo lies within what all programs play, so that the file sounds the same with a limit of 300 or 999.
void expect_playable(const MidiFile& file) {
  const auto [fastest, slowest] = tempo_range(file);
  EXPECT_GE(fastest, 200'000U);    // 300 a minute
  EXPECT_LE(slowest, 3'000'000U);  // 20
}

TEST(ScoreMidi, AShortLeadInSharesTheFirstQuarter) {
  for (const double lead_in : {0.0006, 0.003, 0.008, 0.05, 0.12, 0.199}) {
    for (const double interval : {0.286, 0.5, 1.1, 2.5}) {
      Score score;
      score.grid = steady_grid(lead_in, interval, 16);
      score.notes = {{.onset = 0, .duration = 6, .pitch = 60}, {.onset = 12, .duration = 6, .pitch = 62}};
      const MidiFile file = through_bytes(score_to_midi(score));
      expect_playable(file);
      EXPECT_EQ(metres(file), (std::vector<std::pair<int, int>>{{0, 4}})) << lead_in;
      EXPECT_NEAR(timed_notes(file).at(0).onset, lead_in, 1e-3) << lead_in << " " << interval;
      EXPECT_NEAR(timed_notes(file).at(1).onset, lead_in + interval, 1e-5) << lead_in << " " << interval;
      EXPECT_EQ(timed_notes(file).at(1).onset_tick, 480);
    }
  }
}

TEST(ScoreMidi, BeatsFasterThanAQuarterMayBeAreShorterNotes) {
  for (const auto& [interval, denominator] : {std::pair(0.14, 3), std::pair(0.07, 4), std::pair(3.5, 1)}) {
    Score score;
    score.grid = steady_grid(0.0, interval, 32, 1, 3);
    score.notes = {{.onset = 12 * 12, .duration = 6, .pitch = 60}};
    for (const MidiTempo tempo : {MidiTempo::song, MidiTempo::constant}) {
      const MidiFile file = through_bytes(score_to_midi(score, {.tempo = tempo}));
      expect_playable(file);
      EXPECT_EQ(metres(file), (std::vector<std::pair<int, int>>{{0, 3}}));
      EXPECT_TRUE(std::any_of(file.tracks[0].events.begin(), file.tracks[0].events.end(), [&](const MidiEvent& event) {
        return event.is_meta(midi_meta::kTimeSignature) && event.payload[1] == denominator;
      }));
      const double start = tempo == MidiTempo::song ? 12 * interval : 0.0;
      EXPECT_NEAR(timed_notes(file).at(0).onset, start, 1e-4);
    }
  }
}

TEST(ScoreMidiProperty, NoTempoThatAProgramWouldLimitAndEveryNoteAtItsTime) {
  Random random(19);
  for (int round = 0; round < 300; ++round) {
    Score score = random_score(random, 8 + random.index(60), random.index(80));
    const double lead_in = random.uniform(0.0, 0.4) - score.grid.times.front();
    for (double& time : score.grid.times) time += lead_in;
    if (random.chance(0.5)) {  // a beat that comes at once after another, as a tracker's or a user's
      score.grid.times[2 + random.index(4)] = score.grid.times[1] + random.uniform(1e-4, 0.2);
      std::sort(score.grid.times.begin(), score.grid.times.end());
    }
    const MidiFile file = through_bytes(score_to_midi(score));
    const MidiTempoMap map(file);
    expect_playable(file);
    for (const TimedNote& note : timed_notes(file)) {
      const double nearest = std::round(score.grid.beat_at(note.onset) * kStepsPerBeat) / kStepsPerBeat;
      const double tick = map.seconds_at(static_cast<double>(note.onset_tick + 1)) - note.onset;
      ASSERT_NEAR(note.onset, std::max(0.0, score.grid.time_at(nearest)), tick + 1e-4) << "round " << round;
    }
  }
}

TEST(ScoreMidi, SwungNotesAreWhereTheySound) {
  Score score;
  score.grid = steady_grid(0.0, 0.6, 16);
  score.swing = {.ratio = 1.5};
  score.notes = {{.onset = 6, .duration = 6, .pitch = 60},
                 {.onset = 18, .duration = 18, .pitch = 62},
                 {.onset = 36, .duration = 4, .pitch = 64},
                 {.onset = 40, .duration = 4, .pitch = 65},
                 {.onset = 51, .duration = 3, .pitch = 66}};
  const auto notes = timed_notes(through_bytes(score_to_midi(score)));
  ASSERT_EQ(notes.size(), 5U);
  EXPECT_NEAR(notes[0].onset, 0.36, 1e-3);
  EXPECT_NEAR(notes[0].offset, 0.6, 1e-3);
  EXPECT_NEAR(notes[1].offset, 1.8, 1e-3);
  EXPECT_NEAR(notes[2].offset, 2.0, 1e-3);  // thirds stay
  EXPECT_NEAR(notes[3].onset, 2.0, 1e-3);
  EXPECT_NEAR(notes[4].onset, 2.4 + 0.18, 1e-3);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    EXPECT_NEAR(score.time_at(score.notes[i].onset), notes[i].onset, 1e-3);
  }
  score.swing = {.ratio = 2.0, .pair = 6};
  score.notes = {{.onset = 3, .duration = 3, .pitch = 60}, {.onset = 6, .duration = 6, .pitch = 61}};
  const auto sixteenths = timed_notes(score_to_midi(score, {.tempo = MidiTempo::constant}));
  EXPECT_EQ(sixteenths.at(0).onset_tick, 160);
  EXPECT_EQ(sixteenths.at(1).onset_tick, 240);
}

TEST(ScoreMidi, BeatErrorSeesAShiftedBeat) {
  Score score;
  score.grid = steady_grid(1.0, 0.5, 16);
  const MidiFile file = score_to_midi(score);
  BeatGrid shifted = score.grid;
  shifted.times[5] += 0.02;
  EXPECT_NEAR(midi_beat_error(file, shifted), 0.02, 1e-6);
  shifted.times[5] = shifted.times[6] - 0.21;
  EXPECT_GT(midi_beat_error(file, shifted), 1.0);
}

TEST(ScoreMidi, ConstantTempoStartsWithTheFirstBarThatSounds) {
  Score score;
  score.grid = steady_grid(0.4, 0.501, 32, 4);
  score.notes = {{.onset = 5 * 12 + 6, .duration = 6, .pitch = 60}, {.onset = 9 * 12, .duration = 48, .pitch = 62}};
  const MidiFile file = score_to_midi(score, {.tempo = MidiTempo::constant});
  EXPECT_EQ(metres(file), (std::vector<std::pair<int, int>>{{0, 4}}));
  EXPECT_EQ(tempo_range(file), (std::pair<std::uint32_t, std::uint32_t>{500000, 500000}));
  EXPECT_EQ(timed_notes(file).at(0).onset_tick, 6 * kTicksPerStep);
  EXPECT_EQ(timed_notes(file).at(1).onset_tick, 4 * 480);
}

TEST(ScoreMidi, CarriesTitleKeyTracksAndVelocity) {
  Score score;
  score.title = "\"Ünïcode\" <&> 歌";
  score.key = Key{-3, true};
  score.grid = steady_grid(0.0, 0.5, 8);
  score.notes = {{.onset = 0, .duration = 6, .pitch = 72, .velocity = 90, .hand = Hand::right},
                 {.onset = 0, .duration = 6, .pitch = 40, .velocity = 0, .hand = Hand::left}};
  const testing::ScratchFolder folder;
  write_midi(folder / "a.mid", score);
  const MidiFile file = read_midi_file(folder / "a.mid");
  ASSERT_EQ(file.tracks.size(), 3U);
  EXPECT_EQ(file.tracks[0].name(), score.title);
  EXPECT_EQ(file.tracks[1].name(), "Right hand");
  EXPECT_EQ(file.tracks[2].name(), "Left hand");
  const auto& events = file.tracks[0].events;
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const MidiEvent& event) {
    return event.is_meta(midi_meta::kKeySignature) && event.payload == std::string("\xFD\x01", 2);
  }));
  const auto notes = timed_notes(file);
  EXPECT_EQ(notes.at(0).velocity, 90);
  EXPECT_EQ(notes.at(1).velocity, 80);
  EXPECT_EQ(timed_notes(score_to_midi(score, {.constant_velocity = 77})).at(0).velocity, 77);
}

TEST(ScoreMidi, WithoutNotesItIsStillAFile) {
  Score score;
  score.grid = steady_grid(1.0, 0.5, 8);
  EXPECT_TRUE(timed_notes(through_bytes(score_to_midi(score))).empty());
  EXPECT_TRUE(timed_notes(through_bytes(score_to_midi(score, {.tempo = MidiTempo::constant}))).empty());
}

TEST(ScoreMidi, WhatNoFileCanHoldIsRefused) {
  Score score;
  score.grid = steady_grid(1.0, 0.5, 8);
  for (const Note& bad :
       {Note{.onset = 2'000'000'000}, Note{.duration = 0}, Note{.pitch = 128}, Note{.velocity = -1}}) {
    score.notes = {bad};
    EXPECT_THROW((void)score_to_midi(score), Error);
  }
  score.notes.clear();
  score.grid.times[3] = 0.0;
  EXPECT_THROW((void)score_to_midi(score), Error);
}

TEST(ScoreMidiProperty, EveryBeatFallsOnABeatAndEveryNoteIsReadBack) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    const Score score = random_score(random, 8 + random.index(200), random.index(300));
    const MidiFile file = through_bytes(score_to_midi(score));
    ASSERT_LT(midi_beat_error(file, score.grid), 2e-6) << "round " << round;
    ASSERT_TRUE(file.warnings.empty());
    const auto first = std::lower_bound(score.grid.times.begin(), score.grid.times.end(), -0.0005);
    const bool shared = *first > 0.0005 && *first < 0.2;  // a quarter with the time before it
    const double first_tick = shared ? 0.0 : std::round(MidiTempoMap(file).tick_at(*first) / 480) * 480;
    const int exact_from = shared ? 480 : 0;
    const int shift = static_cast<int>(first_tick) - static_cast<int>(first - score.grid.times.begin()) * 480;
    using Row = std::tuple<int, int, int, int, int>;
    std::vector<Row> expected, found;
    for (const Note& note : score.notes) {
      const int on = std::max(0, note.onset * kTicksPerStep + shift), off = note.offset() * kTicksPerStep + shift;
      if (on > exact_from) expected.emplace_back(on, off, note.pitch, note.velocity, note.hand == Hand::right ? 1 : 2);
    }
    for (const TimedNote& note : timed_notes(file)) {
      if (note.onset_tick > exact_from)
        found.emplace_back(note.onset_tick, note.offset_tick, note.pitch, note.velocity, note.track);
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found, expected) << "round " << round;
  }
}

TEST(Bars, NumbersContinueOnBothSides) {
  const BeatGrid grid = steady_grid(0, 1, 4, 3);
  EXPECT_EQ(beat_number(grid, -1), 2);
  EXPECT_EQ(beat_number(grid, -2), 1);
  EXPECT_EQ(beat_number(grid, -3), 4);
  EXPECT_EQ(beat_number(grid, -7), 4);
  EXPECT_EQ(beat_number(grid, 4), 3);
  EXPECT_EQ(beat_number(grid, 6), 1);
  EXPECT_EQ(bar_start(grid, 1), -2);
}

TEST(Bars, CoverTheRangeWithoutGaps) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    const BeatGrid grid = testing::random_grid(random, 2 + random.index(40));
    const int first = static_cast<int>(random.index(30)) - 15, last = first + 1 + static_cast<int>(random.index(60));
    int position = first;
    for (const Bar& bar : bars_between(grid, first, last)) {
      EXPECT_EQ(bar.first_beat, position);
      EXPECT_GE(bar.beats, 1);
      EXPECT_LE(bar.beats, kMaxBeatsPerBar);
      EXPECT_TRUE(bar.pickup || beat_number(grid, position) == 1 || bar.beats == std::min(grid.beats_per_bar, 16) ||
                  position == first);
      position += bar.beats;
    }
    EXPECT_GE(position, last);
  }
}

TEST(Bars, EndlessBarsAreCut) {
  BeatGrid grid = steady_grid(0, 1, 100, 1, 200);
  for (const Bar& bar : bars_between(grid, 0, 100)) EXPECT_LE(bar.beats, kMaxBeatsPerBar);
}

}  // namespace
}  // namespace pop2piano
