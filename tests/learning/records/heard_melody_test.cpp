// SPDX-License-Identifier: MIT
// Which notes of a cover are named as its melody, by what is heard of the song's.
#include "listening/melody/heard_melody.h"

#include <array>
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "learning/records/pair_records.h"
#include "listening/melody/melody_on_beat.h"
#include "music/arrange/difficulty.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

constexpr int kBeats = 32, kDescant = 93, kBass = 48;

int sung_pitch(int beat) { return std::array{60, 62, 64, 65, 67, 65, 64, 62}[static_cast<std::size_t>(beat % 8)]; }

// A note of the melody a beat, an octave above the singer, under a descant that never moves and above a bass.
std::vector<Note> descant_over_melody() {
  std::vector<Note> notes;
  for (int beat = 0; beat < kBeats; ++beat) {
    for (const int pitch : {kDescant, sung_pitch(beat) + 12, kBass}) {
      notes.push_back({.onset = beat * kStepsPerBeat,
                       .duration = kStepsPerBeat,
                       .pitch = static_cast<std::int16_t>(pitch),
                       .velocity = 80});
    }
  }
  mark_melody(notes);
  return notes;
}

// Chances of the sung melody in the first `beats`.
Matrix<float> heard_for(int beats) {
  Matrix<float> heard(static_cast<std::size_t>(kBeats * kStepsPerBeat), kMelodyChannels);
  for (int step = 0; step < beats * kStepsPerBeat; ++step) {
    const auto place = static_cast<std::size_t>(sung_pitch(step / kStepsPerBeat) - kLowestMelodyPitch);
    if (step % kStepsPerBeat == 0) heard(static_cast<std::size_t>(step), place) = 0.8F;
    heard(static_cast<std::size_t>(step), kMelodyPitches + place) = 0.7F;
  }
  return heard;
}

// Beats with a melody note: that the singer has, and others.
std::pair<int, int> named(std::span<const Note> notes) {
  std::pair<int, int> count;
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    ++(note.pitch == sung_pitch(note.onset / kStepsPerBeat) + 12 ? count.first : count.second);
  }
  return count;
}

TEST(HeardMelody, IsNotTheHighestNotes) {
  std::vector<Note> notes = descant_over_melody();
  EXPECT_EQ(named(notes), std::pair(0, kBeats));  // as the file is read
  const Matrix<float> heard = heard_for(kBeats);
  mark_heard_melody(notes, heard.view());
  EXPECT_EQ(named(notes), std::pair(kBeats, 0));
}

TEST(HeardMelody, RestsWhereNobodySings) {
  std::vector<Note> notes = descant_over_melody();
  const Matrix<float> heard = heard_for(kBeats / 2);
  mark_heard_melody(notes, heard.view());
  EXPECT_EQ(named(notes), std::pair(kBeats / 2, 0));
}

TEST(HeardMelody, WithoutASingerTheVoicesStay) {
  std::vector<Note> notes = descant_over_melody();
  const std::vector<Note> before = notes;
  const Matrix<float> silent = heard_for(0), sung = heard_for(kBeats);
  mark_heard_melody(notes, silent.view());
  EXPECT_EQ(notes, before);
  std::vector<Note> none;
  mark_heard_melody(none, sung.view());
  EXPECT_TRUE(none.empty());
}

class NamedParts : public ::testing::Test {
 protected:
  NamedParts() {
    for (int beat = 0; beat <= kBeats; ++beat) {
      grid_.times.push_back(0.5 * beat);
      grid_.numbers.push_back(beat % 4 + 1);
    }
    part_.score.grid = grid_;
    part_.score.notes = descant_over_melody();
  }
  void name() { name_melodies({&part_, 1}, heard_song(sung_, pool_), grid_, pool_); }

  const std::vector<float> sung_ = testing::tone(0.5 * kBeats, 22050, [](double t) {
    return 440.0 * std::exp2((sung_pitch(static_cast<int>(t / 0.5)) - 69) / 12.0);
  });
  ThreadPool pool_{1};
  BeatGrid grid_;
  CoverPart part_;
};

TEST_F(NamedParts, ByWhatIsHeardInTheRecording) {
  name();
  const auto [right, wrong] = named(part_.score.notes);
  EXPECT_GE(right, kBeats * 9 / 10);
  EXPECT_LE(wrong, kBeats / 10);
}

TEST_F(NamedParts, ThatTheFileNamesAreLeftAlone) {
  part_.names_melody = true;
  name();
  EXPECT_EQ(named(part_.score.notes), std::pair(0, kBeats));
}

}  // namespace
}  // namespace pop2piano
