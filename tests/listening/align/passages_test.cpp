// SPDX-License-Identifier: MIT
// Which passages of a song a cover plays, and at what times.
#include "listening/align/passages.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "listening/align/analysis_sound.h"
#include "listening/align/beat_prior.h"
#include "listening/align/class_rises.h"
#include "listening/align/cover_alignment.h"
#include "listening/align/onset_evidence.h"
#include "listening/align/random_profiles.h"
#include "listening/align/tempo_path.h"

namespace pop2piano {
namespace {

using testing::random_song;

Matrix<float> frames_of(const Matrix<float>& song, std::initializer_list<std::pair<std::size_t, std::size_t>> parts) {
  Matrix<float> cover;
  for (const auto& [first, last] : parts) {
    for (std::size_t k = first; k < last; ++k) cover.append_row(song.row(k));
  }
  return cover;
}

TEST(Passages, ACutIsTwoPassages) {
  Random random(5);
  const Matrix<float> song = random_song(random, 900);
  const Passages found = find_passages(frames_of(song, {{0, 300}, {500, 900}}), song);
  ASSERT_EQ(found.paths.size(), 2U);
  EXPECT_NEAR(static_cast<double>(found.paths[0].back().second), 299.0, 3.0);
  EXPECT_NEAR(static_cast<double>(found.paths[1].front().second), 500.0, 3.0);
  EXPECT_EQ(found.paths[1].back(), std::pair(std::size_t{699}, std::size_t{899}));
}

TEST(Passages, APassagePlayedOnceMoreGoesBack) {
  Random random(7);
  const Matrix<float> song = random_song(random, 700);
  const Passages found = find_passages(frames_of(song, {{0, 400}, {200, 700}}), song);
  ASSERT_EQ(found.paths.size(), 2U);
  EXPECT_NEAR(static_cast<double>(found.paths[1].front().second), 200.0, 3.0);
}

TEST(Passages, WhatIsNotInTheSongIsLeftOut) {
  Random random(11);
  const Matrix<float> song = random_song(random, 600);
  Matrix<float> foreign(300, kPitchClasses);  // two neighbouring semitones that change, no chords
  for (std::size_t k = 0; k < foreign.rows(); ++k) {
    const std::size_t c = k / 7 % 12;
    foreign(k, c) = foreign(k, (c + 1) % 12) = 1.0F;
  }
  EXPECT_TRUE(find_passages(foreign, song).paths.empty());
  Matrix<float> cover = foreign;  // an introduction of its own
  for (std::size_t k = 0; k < song.rows(); ++k) cover.append_row(song.row(k));
  const Passages found = find_passages(cover, song);
  ASSERT_EQ(found.paths.size(), 1U);
  EXPECT_NEAR(static_cast<double>(found.paths[0].front().first), 300.0, 10.0);
  EXPECT_EQ(passage_gain(cover, song), found.gain);
  EXPECT_TRUE(find_passages({}, song).paths.empty());
}

// Sixteen seconds in which the recording is silent (its singer rests) and the cover goes on.
TEST(Passages, SilenceSpeaksForNoPlace) {
  Random random(13);
  Matrix<float> song = random_song(random, 700);
  const Matrix<float> cover = song;
  for (std::size_t k = 300; k < 380; ++k) std::ranges::fill(song.row(k), 0.0F);
  const Passages found = find_passages(cover, song);
  ASSERT_EQ(found.paths.size(), 1U);
  EXPECT_NEAR(static_cast<double>(found.paths[0][340].second), 340.0, 40.0);
  EXPECT_EQ(found.paths[0].back(), std::pair(std::size_t{699}, std::size_t{699}));
}

TEST(TempoPath, FollowsACurveThroughOnsetsThatAreHeard) {
  std::vector<double> onsets, rough, truth;
  for (int k = 0; k < 200; ++k) {
    onsets.push_back(0.25 * k);
    truth.push_back(10.0 + 0.27 * k + 0.4 * std::sin(0.03 * k));
    rough.push_back(truth.back() + 0.3 * std::sin(0.05 * k));
  }
  const auto likeness = [&](std::size_t, double seconds) {  // any of the onsets, not this one
    const auto next = std::ranges::lower_bound(truth, seconds);
    double nearest = next == truth.end() ? 1.0 : *next - seconds;
    if (next != truth.begin()) nearest = std::min(nearest, seconds - *std::prev(next));
    return static_cast<float>(4.0 * std::exp(-nearest * nearest / 0.0008) - 1.0);
  };
  const std::vector<double> path = tempo_path(onsets, rough, likeness);
  for (std::size_t k = 0; k < path.size(); ++k) ASSERT_NEAR(path[k], truth[k], 0.03) << k;
  EXPECT_TRUE(tempo_path({}, {}, likeness).empty());
}

struct MadeUpCover {
  std::vector<PlayedNote> song, cover;
  std::vector<double> times;  // [cover notes] seconds in the song
};

// Chords and a melody in eighths; the cover leaves out what lies between 40 and 60 s, is a tone lower and slower, and
// breathes.
MadeUpCover made_up_cover() {
  MadeUpCover made;
  Random random(17);
  std::size_t root = 0;
  for (int eighth = 0; eighth < 480; ++eighth) {
    const double time = 0.25 * eighth;
    if (eighth % 6 == 0) root = random.index(12);
    std::vector<double> pitches{72.0 + static_cast<double>(random.index(12))};
    if (eighth % 2 == 0) pitches.insert(pitches.end(), {48.0 + double(root), 52.0 + double(root), 55.0 + double(root)});
    for (const double pitch : pitches) {
      made.song.push_back({time, time + 0.24, pitch, 80});
      if (time >= 40.0 && time < 60.0) continue;
      const double there = time < 40.0 ? time : time - 20.0;
      const double moved = 2.0 + 1.08 * there + 0.5 * std::sin(0.2 * there);
      made.cover.push_back({moved, moved + 0.24, pitch - 2.0, 70});
      made.times.push_back(time);
    }
  }
  return made;
}

SoundFeatures heard(std::vector<float> sound, ThreadPool& pool) {
  SoundFeatureExtractor extractor;
  extractor.begin(std::move(sound));
  extractor.find_onsets();
  extractor.find_profiles(pool);
  extractor.find_rises(pool);
  return extractor.features();
}

TEST(CoverAlignment, FindsKeyCutAndTimes) {
  const MadeUpCover made = made_up_cover();
  ThreadPool pool(1);
  const SoundFeatures song = heard(analysis_sound(made.song, 22050), pool);
  const CoverAlignment found = align_cover(made.cover, song, pool);
  EXPECT_EQ(found.transposition, 2);
  ASSERT_EQ(found.passages.size(), 2U);
  std::vector<double> errors;
  for (std::size_t k = 0; k < made.cover.size(); ++k) {
    const AlignedPassage* passage = found.passage_at(made.cover[k].onset);
    if (passage != nullptr) errors.push_back(std::abs(passage->time.at(made.cover[k].onset) - made.times[k]));
  }
  EXPECT_GT(static_cast<double>(errors.size()), 0.95 * static_cast<double>(made.cover.size()));
  std::ranges::sort(errors);
  EXPECT_LT(errors[errors.size() / 2], 0.012);
  EXPECT_LT(errors[errors.size() * 9 / 10], 0.03);
  EXPECT_LE(found.passages.front().begin, made.cover.front().onset);
  EXPECT_GT(found.passages.back().end, made.cover.back().onset);
  EXPECT_TRUE(align_cover({}, song, pool).passages.empty());
  SoundFeatures without = song;
  without.rises = {};
  EXPECT_THROW((void)align_cover(made.cover, without, pool), Error);
}

// Noise that is louder than the notes comes an eighth behind each of them: what begins there has no pitch.
TEST(CoverAlignment, ADrumBetweenTheNotesIsNotTakenForThem) {
  std::vector<PlayedNote> notes;
  Random random(23);
  for (int beat = 0; beat < 160; ++beat) {
    const auto root = static_cast<double>(48 + random.index(12));
    for (const double above : {0.0, 4.0, 7.0, 12.0}) notes.push_back({0.5 * beat, 0.5 * beat + 0.45, root + above, 60});
  }
  std::vector<float> sound = analysis_sound(notes, 22050);
  for (int beat = 0; beat < 159; ++beat) {
    const auto first = static_cast<std::size_t>((0.5 * beat + 0.25) * 22050.0);
    for (std::size_t k = 0; k < 1500; ++k) {
      sound[first + k] += static_cast<float>(0.2 * random.normal()) * (1.0F - static_cast<float>(k) / 1500.0F);
    }
  }
  ThreadPool pool(1);
  const SoundFeatures song = heard(sound, pool);
  const OnsetEvidence evidence(song);
  double here = 0.0, between = 0.0;
  for (std::size_t k = 0; k < notes.size(); k += 4) {
    const std::array<std::size_t, 1> root = {static_cast<std::size_t>(std::lround(notes[k].pitch)) % 12};
    here += static_cast<double>(evidence.at(root, notes[k].onset));
    between += static_cast<double>(evidence.at(root, notes[k].onset + 0.25));
  }
  EXPECT_GT(here, 160.0);
  EXPECT_LT(between, 0.5 * here);
  const CoverAlignment found = align_cover(notes, song, pool);
  ASSERT_EQ(found.passages.size(), 1U);
  for (const double time : {10.0, 40.0, 70.0}) EXPECT_NEAR(found.passages[0].time.at(time), time, 0.05);
}

TEST(BeatPrior, ChordsLieOnTheBeatAndNothingIsKnownWithoutBeats) {
  const std::vector<double> beats = {1.0, 1.5, 2.0};
  const BeatPrior prior(beats);
  const BeatPrior::Kind chord{.notes = 4, .bass = true}, single{.notes = 1, .bass = false};
  EXPECT_GT(prior.at(chord, 1.5), 2.0F);
  EXPECT_LT(prior.at(chord, 1.75), 0.0F);
  EXPECT_GT(prior.at(single, 1.75), prior.at(single, 1.5));
  EXPECT_NEAR(prior.at(chord, 1.999), prior.at(chord, 1.5), 0.2);
  for (const double outside : {0.5, 2.0, 3.0}) EXPECT_EQ(prior.at(chord, outside), 0.0F);
  EXPECT_EQ(BeatPrior({}).at(chord, 1.0), 0.0F);
}

// A band that plays its chord on the beat and, louder, between: by what begins the cover's chords lie between.
TEST(CoverAlignment, TheSongsBeatsDecideWhereOnsetsDoNot) {
  std::vector<PlayedNote> band, cover;
  Random random(29);
  double root = 40.0;
  std::vector<double> beats;
  for (int half = 0; half < 320; ++half) {
    if (half % 8 == 0) root = static_cast<double>(40 + random.index(12));
    const double time = 0.25 * half;
    const bool on_beat = half % 2 == 0;
    for (const double above : {0.0, 4.0, 7.0}) {
      band.push_back({time, time + 0.2, root + above, on_beat ? 74 : 90});
      if (on_beat) cover.push_back({time, time + 0.45, root + above, 60});
    }
    if (on_beat) beats.push_back(time);
  }
  const std::vector<float> sound = analysis_sound(band, 22050);
  ThreadPool pool(1);
  SoundFeatures song = heard(sound, pool);
  const auto error_at = [&](double time) {
    const CoverAlignment found = align_cover(cover, song, pool);
    const AlignedPassage* passage = found.passage_at(time);
    return passage == nullptr ? 1e9 : std::abs(passage->time.at(time) - time);
  };
  EXPECT_GT(error_at(40.0), 0.2);
  song.beats = beats;
  for (const double time : {10.0, 40.0, 70.0}) EXPECT_LT(error_at(time), 0.05) << time;
}

TEST(ClassRises, AToneRisesInItsOwnClassWhereItBegins) {
  const std::vector<PlayedNote> notes = {{1.0, 1.8, 60.0, 80}, {2.0, 2.8, 69.0, 80}};
  ThreadPool pool(2);
  const Matrix<float> rises = class_rises(analysis_sound(notes, 22050), 0.0, pool);
  for (const auto& [second, pitch_class] : {std::pair{1.0, 0}, std::pair{2.0, 9}}) {
    const auto row = rises.row(static_cast<std::size_t>(second * kProfileRate));
    EXPECT_EQ(std::ranges::max_element(row) - row.begin(), pitch_class);
  }
  EXPECT_EQ(class_rises({}, 0.0, pool).rows(), 0U);
}

// A song that is like itself throughout, but ends in another key: in that one a cover gains much, since so little of
// the song is like it, if what counts as nothing is asked for each key by itself.
TEST(CoverAlignment, ASongThatEndsInAnotherKeyKeepsItsOwn) {
  constexpr std::array<int, 5> kScale = {60, 62, 64, 67, 69};
  Random random(3);
  std::vector<PlayedNote> notes;
  for (int beat = 0; beat < 240; ++beat) {
    const std::size_t silent = random.index(kScale.size());
    for (std::size_t k = 0; k < kScale.size(); ++k) {
      if (k == silent) continue;
      notes.push_back({0.5 * beat, 0.5 * beat + 0.5, static_cast<double>(kScale[k] + (beat < 200 ? 0 : 6)), 70});
    }
  }
  ThreadPool pool(1);
  const SoundFeatures song = heard(analysis_sound(notes, 22050), pool);
  for (PlayedNote& note : notes) note.pitch -= 3.0;
  EXPECT_EQ(align_cover(notes, song, pool).transposition, 3);
}

}  // namespace
}  // namespace pop2piano
