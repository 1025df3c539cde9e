// SPDX-License-Identifier: MIT
// Texture measures: closed forms, ten stretches of POP909 against the reference implementation, silence, bad input.
#include "judging/metrics/texture_metrics.h"

#include <pop2piano/error.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;
using Json = nlohmann::json;

std::vector<double> bars_of(int count, double length = 2.0) {
  std::vector<double> lines;
  for (int i = 0; i <= count; ++i) lines.push_back(i * length);
  return lines;
}

// A bass on one and a chord at the half of each bar of two seconds.
Notes plain_figure(int bars) {
  Notes notes;
  for (int b = 0; b < bars; ++b) {
    notes.push_back({2.0 * b, 2.0 * b + 0.9, 36});
    notes.push_back({2.0 * b + 1.0, 2.0 * b + 1.9, 52});
    notes.push_back({2.0 * b + 1.0, 2.0 * b + 1.9, 67});
  }
  return notes;
}

TEST(Texture, AFigureThatNeverChanges) {
  const TextureScores s = measure_texture(plain_figure(10), bars_of(10));
  EXPECT_EQ(s.bars, 10U);
  EXPECT_EQ(s.holes, 0.0);
  EXPECT_EQ(s.continuity, 1.0);
  EXPECT_EQ(s.recall, 1.0);
  EXPECT_EQ(s.recall_pitch, 1.0);
  EXPECT_EQ(s.lift, 0.0);
  EXPECT_EQ(s.bass_on_one, 1.0);
  EXPECT_EQ(s.density_variation, 0.0);
  EXPECT_EQ(s.density_jump, 0.0);
  EXPECT_EQ(s.left_onsets, 2.0);
  EXPECT_EQ(s.notes_per_bar, 3.0);
}

TEST(Texture, ABarWithoutLeftHandIsAHoleUnlessItSoundsOn) {
  Notes notes = plain_figure(8);
  std::erase_if(notes, [](const PlayedNote& n) { return n.pitch < 60 && n.onset >= 6.0 && n.onset < 8.0; });
  EXPECT_DOUBLE_EQ(*measure_texture(notes, bars_of(8)).holes, 1.0 / 8.0);
  notes.push_back({5.5, 6.7, 48});  // 0.35 of the bar
  EXPECT_DOUBLE_EQ(*measure_texture(notes, bars_of(8)).holes, 0.0);
}

TEST(Texture, RecallCountsOnlyBarsOfTheSameHarmony) {
  // A A A A B B B B A A A A: B has another chord and figure.
  Notes notes;
  for (int b = 0; b < 12; ++b) {
    const bool other = b / 4 == 1;
    notes.push_back({2.0 * b, 2.0 * b + 0.5, other ? 41.0 : 36.0});
    if (other) notes.push_back({2.0 * b + 1.5, 2.0 * b + 2.0, 45});
  }
  const TextureScores s = measure_texture(notes, bars_of(12));
  EXPECT_EQ(s.recall, 1.0);
  // Of 36 pairs at least four bars apart 16 are A with A (none is B with B); the others share one cell of two.
  EXPECT_DOUBLE_EQ(*s.any_bar, (16.0 * 1.0 + 20.0 * 0.5) / 36.0);
  EXPECT_DOUBLE_EQ(*s.lift, *s.recall - *s.any_bar);
}

TEST(Texture, AnOnsetBelongsToTheNearestCell) {
  // 40 ms late is still the first cell of 125 ms, 70 ms is the second; 15 ms early is the next bar's first.
  for (const auto& [onset, on_one] : {std::pair(0.04, 1.0), {0.07, 0.0}, {1.985, 1.0}}) {
    const TextureScores s = measure_texture(Notes{{onset, onset + 0.3, 40}}, bars_of(3));
    EXPECT_EQ(s.bass_on_one, on_one) << onset;
  }
}

TEST(Texture, SilenceHasNoMeasures) {
  const TextureScores s = measure_texture({}, bars_of(4));
  EXPECT_EQ(s.bars, 4U);
  EXPECT_FALSE(s.holes || s.continuity || s.recall || s.any_bar || s.lift || s.bass_on_one || s.notes_per_bar);
  EXPECT_EQ(measure_texture(plain_figure(2), {}).bars, 0U);
  EXPECT_FALSE(count_right_bass({}, std::vector<BassAtBeat>{{1.0, 0}}).share());
}

TEST(Texture, BadInputIsRefused) {
  EXPECT_THROW((void)measure_texture(plain_figure(2), std::vector{0.0, 2.0, 2.0}), Error);
  EXPECT_THROW((void)measure_texture(plain_figure(2), std::vector{0.0, std::numeric_limits<double>::infinity()}),
               Error);
  EXPECT_THROW((void)measure_texture(Notes{{1.0, 0.5, 40}}, bars_of(2)), Error);
  EXPECT_THROW((void)measure_texture(Notes{{std::nan(""), 0.5, 40}}, bars_of(2)), Error);
}

TEST(Texture, TheLowestNoteOfABeatIsItsBass) {
  const Notes notes = {{0.0, 2.0, 48}, {1.0, 1.5, 43}, {1.0, 1.5, 64}};
  const BassCount count =
      count_right_bass(notes, std::vector<BassAtBeat>{{0.0, 0}, {0.5, 0}, {1.0, 0}, {1.0, 7}, {5.0, 0}});
  EXPECT_EQ(count.beats, 4U);  // nothing sounds at 5 s
  EXPECT_EQ(count.right, 3U);  // at 1 s it is G, not C
}

TEST(Texture, BarsAreFourBeatsOrTwoSlowOnes) {
  BeatGrid grid;
  for (int i = 0; i < 12; ++i) {
    grid.times.push_back(0.5 * i);
    grid.numbers.push_back((i + 2) % 4 + 1);  // beat 2 is a first one
  }
  EXPECT_EQ(texture_bars(grid), (std::vector{1.0, 3.0, 5.0}));
  for (double& time : grid.times) time *= 2;
  EXPECT_EQ(texture_bars(grid), (std::vector{2.0, 4.0, 6.0, 8.0, 10.0}));
  EXPECT_TRUE(texture_bars({}).empty());
}

struct Stretch {
  BeatGrid grid;
  std::vector<BassAtBeat> basses;
  Notes notes;
};

Stretch read_stretch(const std::filesystem::path& folder, const std::string& name) {
  Stretch s;
  std::ifstream beats(folder / (name + ".beats"));
  double time = 0;
  for (int number = 0, bass = 0; beats >> time >> number >> bass;) {
    s.grid.times.push_back(time);
    s.grid.numbers.push_back(number);
    if (bass >= 0) s.basses.push_back({time, bass});
  }
  for (const TimedNote& note : timed_notes(read_midi_file(folder / (name + ".mid")))) {
    s.notes.push_back({note.onset, note.offset, static_cast<double>(note.pitch), note.velocity});
  }
  return s;
}

void expect_value(const Json& expected, const std::optional<double>& found, const std::string& what) {
  ASSERT_EQ(expected.is_null(), !found.has_value()) << what;
  // Both sum the same numbers, in another order and from times that were computed differently.
  if (found) {
    EXPECT_NEAR(expected.get<double>(), *found, 1e-9) << what;
  }
}

TEST(Texture, AsTheReferenceImplementationOnTenFiles) {
  const std::filesystem::path folder = std::filesystem::path(POP2PIANO_TEST_DATA) / "texture";
  const Json all = Json::parse(std::ifstream(folder / "expected.json"));
  ASSERT_EQ(all.size(), 10U);
  for (const auto& [name, expected] : all.items()) {
    const Stretch s = read_stretch(folder, name);
    const TextureScores scores = measure_texture(s.notes, texture_bars(s.grid));
    EXPECT_EQ(static_cast<double>(scores.bars), expected["bars"].get<double>()) << name;
    expect_value(expected["holes"], scores.holes, name + " holes");
    expect_value(expected["continuity"], scores.continuity, name + " continuity");
    expect_value(expected["recall"], scores.recall, name + " recall");
    expect_value(expected["recall_pc"], scores.recall_pitch, name + " recall_pc");
    expect_value(expected["any_bar"], scores.any_bar, name + " any_bar");
    expect_value(expected["bass_on_one"], scores.bass_on_one, name + " bass_on_one");
    expect_value(expected["density_cv"], scores.density_variation, name + " density_cv");
    expect_value(expected["density_jump"], scores.density_jump, name + " density_jump");
    expect_value(expected["lh_onsets"], scores.left_onsets, name + " lh_onsets");
    expect_value(expected["notes"], scores.notes_per_bar, name + " notes");
    const BassCount bass = count_right_bass(s.notes, s.basses);
    EXPECT_EQ(static_cast<double>(bass.beats), expected["bass_beats"].get<double>()) << name;
    EXPECT_EQ(static_cast<double>(bass.right), expected["bass_right"].get<double>()) << name;
  }
}

}  // namespace
}  // namespace pop2piano
