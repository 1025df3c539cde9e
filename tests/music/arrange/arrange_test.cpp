// SPDX-License-Identifier: MIT
// arrange(), the whole step, on scores small enough to know the answer.
#include <pop2piano/arrange.h>
#include <pop2piano/error.h>

#include <algorithm>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;

BeatGrid steady(int beats) {
  BeatGrid grid;
  for (int i = 0; i < beats; ++i) {
    grid.times.push_back(0.5 * i);
    grid.numbers.push_back(i % 4 + 1);
  }
  return grid;
}

Note melody(int beat, int pitch, int beats = 1) {
  return {.onset = beat * kBeat,
          .duration = beats * kBeat,
          .pitch = static_cast<std::int16_t>(pitch),
          .voice = Voice::melody};
}

Note bass(int beat, int pitch, int beats = 4) {
  return {.onset = beat * kBeat, .duration = beats * kBeat, .pitch = static_cast<std::int16_t>(pitch)};
}

// Two bars of C major: the scale up over tonic and fifth.
Score scale() {
  Score score{.title = "Scale", .style = {}, .grid = steady(9), .key = Key{}, .notes = {}};
  const std::vector<int> pitches = {60, 62, 64, 65, 67, 69, 71, 72};
  for (int i = 0; i < 8; ++i) score.notes.push_back(melody(i, pitches[static_cast<std::size_t>(i)]));
  score.notes.push_back(bass(0, 36));
  score.notes.push_back(bass(4, 43));
  sort_notes(score.notes);
  return score;
}

std::vector<int> pitches_of(const Score& score, Voice voice) {
  std::vector<int> pitches;
  for (const Note& note : score.notes) {
    if (note.voice == voice) pitches.push_back(note.pitch);
  }
  return pitches;
}

void expect_error(const Score& score, const PianoOptions& options, ErrorCode code) {
  try {
    (void)arrange(score, options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
  }
}

TEST(Arrange, WhatIsPlayableStaysAndGetsHandsAndVelocities) {
  const Score source = scale();
  const PianoScore piano = arrange(source);
  EXPECT_EQ(piano.level, 5);
  EXPECT_TRUE(piano.changes.empty());
  ASSERT_EQ(piano.score.notes.size(), source.notes.size());
  EXPECT_EQ(piano.score.title, "Scale");
  EXPECT_FALSE(piano.score.chords.empty());
  for (const Note& note : piano.score.notes) {
    EXPECT_EQ(note.hand, note.voice == Voice::melody ? Hand::right : Hand::left);
    EXPECT_GT(note.velocity, 0);
  }
}

TEST(Arrange, MovesToTheKeyThatWasAskedFor) {
  const auto first = [](const PianoOptions& options) {
    const PianoScore piano = arrange(scale(), options);
    return std::pair(pitches_of(piano.score, Voice::melody).front(), to_string(*piano.score.key));
  };
  EXPECT_EQ(first({.transpose = -3}), std::pair(57, std::string("A major")));
  EXPECT_EQ(first({.key = "Bb"}), std::pair(58, std::string("Bb major")));
  EXPECT_EQ(first({.key = "F#"}), std::pair(54, std::string("Gb major")));
  Score sharp = scale();
  for (Note& note : sharp.notes) note.pitch = static_cast<std::int16_t>(note.pitch + 1);
  sharp.key = Key{.fifths = -5};
  EXPECT_EQ(to_string(*arrange(sharp, {.key = "easy"}).score.key), "C major");
  sharp.key.reset();  // it is found
  EXPECT_EQ(pitches_of(arrange(sharp, {.key = "C"}).score, Voice::melody), pitches_of(scale(), Voice::melody));
}

TEST(Arrange, EasyLevelsSayWhatTheyLeftOut) {
  Score source = scale();
  for (int i = 0; i < 8; ++i) source.notes.push_back(bass(i, 55, 1));
  sort_notes(source.notes);
  const PianoScore piano = arrange(source, {.level = 1});
  EXPECT_EQ(piano.level, 1);
  EXPECT_EQ(pitches_of(piano.score, Voice::melody), pitches_of(source, Voice::melody));
  EXPECT_FALSE(piano.changes.empty());
  for (std::size_t i = 1; i < piano.changes.size(); ++i) {
    EXPECT_LE(piano.changes[i - 1].before.onset, piano.changes[i].before.onset);
  }
}

TEST(Arrange, VelocitiesAreAsPlayedOrFollowTheLoudness) {
  const std::vector<float> louder = {-40, -40, -40, -40, -10, -10, -10, -10, -10};
  const PianoScore followed = arrange(scale(), {}, louder);
  EXPECT_LT(followed.score.notes.front().velocity, followed.score.notes.back().velocity);
  Score played = scale();
  for (std::size_t i = 0; i < played.notes.size(); ++i) {
    played.notes[i].velocity = static_cast<std::int16_t>(100 - 5 * i);
  }
  const PianoScore kept = arrange(played, {}, louder);
  for (std::size_t i = 0; i < played.notes.size(); ++i) {
    EXPECT_EQ(kept.score.notes[i].velocity, played.notes[i].velocity) << i;
  }
  for (Note& note : played.notes) note.velocity = 64;  // a program wrote it
  EXPECT_EQ(arrange(played, {}, louder).score.notes, followed.score.notes);
  for (const Note& note : arrange(played, {.velocity = 33}, louder).score.notes) EXPECT_EQ(note.velocity, 33);
}

TEST(Arrange, HoldsRepeatedStrikesOnlyWhereAsked) {
  Score source{.title = {}, .style = {}, .grid = steady(9), .key = Key{}, .notes = {}};
  for (int i = 0; i < 16; ++i) {
    source.notes.push_back({.onset = i * kBeat / 2, .duration = kBeat / 2, .pitch = 72, .voice = Voice::melody});
  }
  EXPECT_EQ(arrange(source).score.notes.size(), 16U);
  const PianoScore held = arrange(source, {.repeated_melody = RepeatedMelody::held});
  EXPECT_EQ(held.score.notes.size(), 2U);  // two downbeats
  ASSERT_EQ(held.changes.size(), 14U);
  EXPECT_EQ(held.changes.front().reason, ChangeReason::held);
}

TEST(Arrange, PutsAnyNotesInOrderFirst) {
  Score mixed = scale();
  std::reverse(mixed.notes.begin(), mixed.notes.end());
  mixed.notes.push_back(mixed.notes.back());  // a double
  EXPECT_EQ(arrange(mixed).score.notes, arrange(scale()).score.notes);
}

TEST(Arrange, RefusesWhatIsNoScoreAndNoOption) {
  Score score = scale();
  expect_error(score, {.transpose = 1, .key = "C"}, ErrorCode::invalid_argument);
  expect_error(score, {.transpose = 25}, ErrorCode::invalid_argument);
  expect_error(score, {.key = "H"}, ErrorCode::invalid_argument);
  expect_error(score, {.key = ""}, ErrorCode::invalid_argument);
  expect_error(score, {.level = 0}, ErrorCode::invalid_argument);
  expect_error(score, {.hand_span = 25}, ErrorCode::invalid_argument);
  expect_error(score, {.velocity = 0}, ErrorCode::invalid_argument);
  expect_error(score, {.velocity = 128}, ErrorCode::invalid_argument);
  score.notes.front().pitch = 200;
  expect_error(score, {}, ErrorCode::invalid_argument);
  score.notes.clear();
  expect_error(score, {}, ErrorCode::nothing_found);
  score = scale();
  score.grid.times[3] = 0;
  expect_error(score, {}, ErrorCode::invalid_argument);
}

TEST(Arrange, KnowsTheNamesOfKeys) {
  EXPECT_EQ(pitch_class_of("C"), 0);
  EXPECT_EQ(pitch_class_of("f#"), 6);
  EXPECT_EQ(pitch_class_of("Cb"), 11);
  for (const char* wrong : {"", "H", "C##", "easy", "7"}) EXPECT_THROW((void)pitch_class_of(wrong), Error) << wrong;
}

}  // namespace
}  // namespace pop2piano
