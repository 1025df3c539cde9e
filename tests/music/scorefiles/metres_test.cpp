// SPDX-License-Identifier: MIT
// What a score says of its bars and rhythm is what comes out again: in MusicXML, and in MIDI.
#include <pop2piano/arrange.h>

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "music/score/metre.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"
#include "music/written_bars.h"

namespace pop2piano {
namespace {

using testing::BarsReader;
using testing::musicxml_of;
using testing::PartText;
using testing::WrittenBars;

using Onsets = std::vector<std::pair<double, int>>;

Score read(const std::string& text) {
  return score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "test").score;
}

WrittenBars written(const Score& score) { return BarsReader(score_to_musicxml(arrange(score, {}).score)).run(); }

/// Onsets of all notes in quarters, from their ticks.
Onsets onsets_of(const MidiFile& file) {
  Onsets onsets;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_note_on()) continue;
      const double quarters = static_cast<double>(event.tick) / file.ticks_per_quarter;
      onsets.emplace_back(std::round(quarters * 1e6) / 1e6, event.data[0]);
    }
  }
  std::sort(onsets.begin(), onsets.end());
  return onsets;
}

struct Signature {
  double quarter = 0.0;
  std::string metre;
  friend bool operator==(const Signature&, const Signature&) = default;
};

std::vector<Signature> signatures_of(const MidiFile& file) {
  std::vector<Signature> found;
  for (const MidiEvent& event : file.tracks.front().events) {
    if (!event.is_meta(midi_meta::kTimeSignature)) continue;
    found.push_back({static_cast<double>(event.tick) / file.ticks_per_quarter,
                     std::to_string(static_cast<int>(event.payload[0])) + "/" +
                         std::to_string(1 << static_cast<int>(event.payload[1]))});
  }
  return found;
}

/// MusicXML in and out, MIDI out and in, MusicXML out: bars, metres and onsets of the first reading every time.
void expect_kept(const std::string& text, const std::string& what) {
  const WrittenBars source = BarsReader(text).run();
  const Score score = read(text);
  const WrittenBars out = written(score);
  EXPECT_EQ(out.lengths, source.lengths) << what;
  EXPECT_EQ(out.metres, source.metres) << what;
  EXPECT_EQ(out.onsets, source.onsets) << what;
  EXPECT_EQ(out.faults, std::vector<std::string>{}) << what;
  EXPECT_EQ(BarsReader(score_to_musicxml(score, {.exact_durations = true})).run().onsets, source.onsets) << what;
}

const std::vector<std::pair<int, int>> kMetres = {{2, 4}, {3, 4}, {4, 4},  {5, 4},  {6, 4},  {3, 8}, {5, 8},
                                                  {6, 8}, {7, 8}, {9, 8},  {12, 8}, {2, 2},  {3, 2}, {4, 2},
                                                  {1, 8}, {4, 8}, {3, 16}, {7, 16}, {11, 8}, {15, 8}};

constexpr int kDivisions = 16;  // of a quarter, so that a whole note has 64

std::vector<int> units(int count, int denominator) {
  return std::vector<int>(static_cast<std::size_t>(count), 64 / denominator);
}

TEST(Metres, EveryMetreComesOutAsItWentIn) {
  for (const auto& [numerator, denominator] : kMetres) {
    const std::string metre = std::to_string(numerator) + "/" + std::to_string(denominator);
    PartText part(kDivisions);
    for (int bar = 0; bar < 4; ++bar) part.measure(bar == 0 ? metre : "", units(numerator, denominator));
    const std::string text = musicxml_of({part});
    expect_kept(text, metre);
    const Score score = read(text);
    const MidiFile midi = score_to_midi(score);
    EXPECT_EQ(signatures_of(midi), (std::vector<Signature>{{0.0, metre}})) << metre;
    EXPECT_EQ(onsets_of(midi), BarsReader(text).run().onsets) << metre;
    const WrittenBars again = written(score_from_midi(midi, "test").score);
    EXPECT_EQ(again.onsets, BarsReader(text).run().onsets) << metre;
    EXPECT_EQ(again.metres, std::vector<std::string>(4, metre)) << metre;
  }
}

TEST(Metres, OneTempoForUnequalBeats) {
  PartText part(kDivisions);
  part.measure("7/8", units(7, 8)).measure("", units(7, 8));
  const Score score = read(musicxml_of({part}));
  const MidiFile midi = score_to_midi(score, {.tempo = MidiTempo::constant});
  const MidiTempoMap map(midi);
  EXPECT_EQ(map.segments().size(), 1U);
  EXPECT_EQ(onsets_of(midi), BarsReader(musicxml_of({part})).run().onsets);
}

TEST(Metres, BeatsSoundAtTheirTimeInEveryMetre) {
  PartText part(kDivisions);
  part.measure("6/8", units(6, 8)).measure("5/8", units(5, 8)).measure("2/4", units(4, 8));
  const Score score = read(musicxml_of({part}));
  const std::vector<TimedNote> notes = timed_notes(score_to_midi(score));
  ASSERT_EQ(notes.size(), 15U);
  for (std::size_t i = 0; i < notes.size(); ++i) EXPECT_NEAR(notes[i].onset, 0.25 * static_cast<double>(i), 1e-5);
}

TEST(Metres, ChangesOfMetre) {
  PartText part(kDivisions);
  for (const auto& [numerator, denominator] :
       {std::pair(4, 4), {6, 8}, {6, 8}, {2, 4}, {7, 8}, {3, 2}, {12, 8}, {3, 4}}) {
    part.measure(std::to_string(numerator) + "/" + std::to_string(denominator), units(numerator, denominator));
  }
  expect_kept(musicxml_of({part}), "changes");
  const MidiFile midi = score_to_midi(read(musicxml_of({part})));
  EXPECT_EQ(
      signatures_of(midi),
      (std::vector<Signature>{
          {0.0, "4/4"}, {4.0, "6/8"}, {10.0, "2/4"}, {12.0, "7/8"}, {15.5, "3/2"}, {21.5, "12/8"}, {27.5, "3/4"}}));
  EXPECT_EQ(written(score_from_midi(midi, "test").score).metres, BarsReader(musicxml_of({part})).run().metres);
}

TEST(Metres, Pickups) {
  for (const auto& [metre, bar, pickup] : {std::tuple("4/4", 8, 2),
                                           {"4/4", 8, 1},
                                           {"3/4", 6, 5},
                                           {"6/8", 6, 1},
                                           {"3/8", 3, 1},
                                           {"12/8", 12, 5},
                                           {"2/2", 8, 3}}) {
    PartText part(kDivisions);
    part.measure(metre, units(pickup, 8), " implicit=\"yes\"")
        .measure("", units(bar, 8))
        .measure("", units(bar - pickup, 8));
    const std::string text = musicxml_of({part}), out = score_to_musicxml(read(text));
    expect_kept(text, metre);
    EXPECT_NE(out.find("<measure number=\"0\" implicit=\"yes\">"), std::string::npos) << metre;
    const Score again = score_from_midi(score_to_midi(read(text)), "test").score;
    EXPECT_EQ(BarsReader(score_to_musicxml(again)).run().onsets, BarsReader(text).run().onsets) << metre;
  }
}

TEST(Metres, BarsTooShortOrTooFull) {
  PartText part(kDivisions);
  part.measure("4/4", units(8, 8))
      .measure("", units(5, 8))  // short
      .measure("", units(8, 8))
      .measure("", units(3, 16))  // less than a beat
      .measure("", units(10, 8))  // too full
      .measure("", units(6, 8))   // one bar in two parts, as at a repeat
      .measure("", units(2, 8))
      .measure("6/8", units(5, 8))
      .measure("", units(1, 8))
      .measure("", units(7, 8));
  expect_kept(musicxml_of({part}), "irregular");
  const MidiFile midi = score_to_midi(read(musicxml_of({part})));
  EXPECT_EQ(onsets_of(midi), BarsReader(musicxml_of({part})).run().onsets);
  EXPECT_EQ(signatures_of(midi)[1], (Signature{4.0, "5/8"}));
}

TEST(Metres, EmptyBarsAreBars) {
  PartText part(kDivisions);
  part.measure("3/4", {}).measure("", {-48}).measure("", {16, 16, 16}).measure("", {}).measure("", {-48});
  const WrittenBars out = written(read(musicxml_of({part})));
  EXPECT_EQ(out.lengths, std::vector<double>(5, 3.0));
  EXPECT_EQ(out.onsets.front().first, 6.0);
}

TEST(Metres, NoPartRulesTheOthers) {
  PartText first(kDivisions), second(kDivisions), third(kDivisions);
  first.measure("4/4", {}).measure("", {16}).measure("", units(4, 4));
  second.measure("", units(4, 4)).measure("", units(4, 4)).measure("", {}).measure("", units(2, 4));
  third.measure("", {-64}).measure("", {-16, 16}).measure("", {});
  const Score score = read(musicxml_of({first, second, third}));
  EXPECT_EQ(written(score).lengths, (std::vector<double>{4, 4, 4, 2}));
  std::set<double> onsets;
  for (const auto& [quarter, pitch] : written(score).onsets) onsets.insert(quarter);
  EXPECT_EQ(onsets, (std::set<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));
}

TEST(Metres, WholeMeasureRestsSayNothingOfTheLength) {
  std::string text =
      musicxml_of({PartText(kDivisions).measure("3/4", {16, 16, 16}), PartText(kDivisions).measure("3/4", {-64})});
  text.replace(text.rfind("<rest/>"), 7, "<rest measure=\"yes\"/>");
  EXPECT_EQ(written(read(text)).lengths, std::vector<double>{3.0});
}

TEST(Metres, CompositeAndMissingTimeSignatures) {
  PartText sum(kDivisions), none(kDivisions);
  sum.measure("3+2/8", units(5, 8)).measure("", units(5, 8));
  EXPECT_EQ(written(read(musicxml_of({sum}))).metres, std::vector<std::string>(2, "5/8"));
  none.measure("", units(3, 4)).measure("", units(7, 8));
  EXPECT_EQ(written(read(musicxml_of({none}))).metres, (std::vector<std::string>{"3/4", "7/8"}));
}

TEST(Metres, CompoundBarsHaveDottedBeats) {
  PartText part(kDivisions);
  part.measure("6/8", {24, 8, 8, 8}).measure("", {48}).measure("", {16, 8, 24});
  const std::string out = score_to_musicxml(read(musicxml_of({part})));
  EXPECT_EQ(out.find("time-modification"), std::string::npos);
  EXPECT_NE(out.find("<beat-unit-dot"), std::string::npos);
  EXPECT_NE(out.find("<sound tempo=\"120\""), std::string::npos);  // quarters a minute
  pugi::xml_document document;
  document.load_string(out.c_str());
  std::string beams;
  for (const auto& found : document.select_nodes("//measure[1]//beam"))
    beams += found.node().text().get() + std::string(" ");
  EXPECT_EQ(beams, "begin continue end ");
}

/// A song on the beats of its recording: each has strikes at `steps`.
Score heard(int beats, int per_bar, const std::vector<int>& steps) {
  MidiFile file;
  file.tracks.emplace_back();
  BeatGrid grid;
  grid.beats_per_bar = per_bar;
  for (int beat = 0; beat <= beats; ++beat) {
    grid.times.push_back(0.6 * beat + 0.01 * (beat % 2));
    grid.numbers.push_back(beat % per_bar + 1);
  }
  for (int beat = 0; beat < beats; ++beat) {
    for (const int step : steps) {
      const auto tick = static_cast<std::int64_t>(960 * grid.time_at(beat + step / 12.0));  // 120 quarters a minute
      file.tracks[0].events.push_back(midi_note_on(tick, 0, 60 + (beat + step) % 7, 80));
      file.tracks[0].events.push_back(midi_note_off(tick + 90, 0, 60 + (beat + step) % 7));
    }
  }
  return score_from_midi(file, "song", {.grid = grid}).score;
}

TEST(Metres, SongsInDottedBeatsAreWrittenSo) {
  for (const auto& [per_bar, metre] : {std::pair(2, "6/8"), {3, "9/8"}, {4, "12/8"}}) {
    const PianoScore piano = arrange(heard(24, per_bar, {0, 4, 8}), {});
    const std::string text = score_to_musicxml(piano.score);
    const WrittenBars out = BarsReader(text).run();
    EXPECT_EQ(out.metres, std::vector<std::string>(static_cast<std::size_t>(24 / per_bar), metre));
    EXPECT_EQ(out.lengths.front(), 1.5 * per_bar);
    EXPECT_EQ(text.find("time-modification"), std::string::npos) << metre;
    EXPECT_NE(text.find("<beat-unit-dot"), std::string::npos) << metre;
    EXPECT_EQ(out.faults, std::vector<std::string>{});
    const MidiFile midi = score_to_midi(piano.score);
    EXPECT_EQ(signatures_of(midi), (std::vector<Signature>{{0.0, metre}}));
    EXPECT_LT(midi_beat_error(midi, piano.score.grid), 1e-5);
  }
}

TEST(Metres, SwungAndStraightSongsKeepQuarters) {
  for (const std::vector<int>& steps : {std::vector<int>{0, 8}, {0, 6}, {0, 3, 6, 9}}) {
    EXPECT_TRUE(heard(24, 4, steps).grid.lengths.empty());
  }
}

TEST(FineRhythm, RunsOfEveryKind) {
  for (const int parts : {5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 20, 24}) {  // of a quarter
    PartText part(840 * 12);
    const std::vector<int> run(static_cast<std::size_t>(4 * parts), 840 * 12 / parts);
    part.measure("4/4", run).measure("", run);
    const std::string text = musicxml_of({part});
    expect_kept(text, std::to_string(parts) + " to a quarter");
    EXPECT_EQ(onsets_of(score_to_midi(read(text))).size(), static_cast<std::size_t>(8 * parts));
  }
}

TEST(FineRhythm, MixedWithinABeatAndInDottedBeats) {
  PartText part(5040), compound(5040);
  part.measure("4/4", {630, 630, 1260, 1260, 1260, 1008, 1008, 1008, 1008, 1008, 5040, 1680, 1680, 840, 840});
  compound.measure("6/8", {1512, 1512, 1512, 1512, 1512, 630, 630, 630, 630, 2520, 2520});
  compound.measure("", {2520, 315, 315, 315, 315, 1260, 2520, 3780, 3780});
  expect_kept(musicxml_of({part}), "mixed");
  expect_kept(musicxml_of({compound}), "compound");
}

TEST(FineRhythm, WrittenMidiIsNotQuantised) {
  for (const int parts : {5, 6, 7, 8, 12, 16}) {
    MidiFile file;
    file.tracks.emplace_back();
    for (int i = 0; i < 4 * parts; ++i) {
      const std::int64_t on = i * 480 / parts, off = (i + 1) * 480 / parts;
      file.tracks[0].events.push_back(midi_note_on(on, 0, 60 + i % 7, 80));
      file.tracks[0].events.push_back(midi_note_off(off, 0, 60 + i % 7));
    }
    const Imported imported = score_from_midi(file, "test");
    EXPECT_EQ(imported.deviation, 0.0) << parts;
    const WrittenBars out = written(imported.score);
    ASSERT_EQ(out.onsets.size(), static_cast<std::size_t>(4 * parts)) << parts;
    EXPECT_EQ(out.lengths, std::vector<double>{4.0}) << parts;
    EXPECT_EQ(out.faults, std::vector<std::string>{}) << parts;
    for (std::size_t i = 0; i < out.onsets.size(); ++i) {
      EXPECT_NEAR(out.onsets[i].first, static_cast<double>(i) / parts, 1e-5) << parts;
    }
  }
}

TEST(Dynamics, TheLoudestPieceHasAMark) {
  Score score = read(musicxml_of({PartText(kDivisions).measure("4/4", {16, 16, 16, 16})}));
  for (Note& note : score.notes) note.velocity = 127;
  EXPECT_NE(score_to_musicxml(score).find("<ff"), std::string::npos);
}

TEST(FineRhythm, NotesThatAreMergedAreCounted) {
  const PartText part = PartText(kDivisions).measure("4/4", {16, 16, 16, 16});
  const std::string text = musicxml_of({part, part});
  const Imported imported = score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "test");
  EXPECT_EQ(imported.score.notes.size(), 4U);
  ASSERT_EQ(imported.left_out.size(), 1U);
  EXPECT_EQ(imported.left_out[0].what, "doubled notes");
  EXPECT_EQ(imported.left_out[0].count, 4U);
}

}  // namespace
}  // namespace pop2piano
