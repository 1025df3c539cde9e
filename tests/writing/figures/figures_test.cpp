// SPDX-License-Identifier: MIT
// Figures: bars of a small bank, their file, which of them are chosen, and how they are laid over other chords.
#include <pop2piano/error.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "numbers/weights/safetensors.h"
#include "scratch_folder.h"
#include "writing/figures/figure_bank.h"
#include "writing/figures/figure_costs.h"
#include "writing/figures/figure_text.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;
constexpr BeatChord kC{.kind = BeatChord::Kind::chord, .root = 0, .bass = 0, .pitch_classes = 0x91};
constexpr BeatChord kG{.kind = BeatChord::Kind::chord, .root = 7, .bass = 7, .pitch_classes = 0x884};
constexpr BeatChord kAMinor{.kind = BeatChord::Kind::chord, .root = 9, .bass = 9, .pitch_classes = 0x211};

BeatChord moved_chord(BeatChord chord, int semitones) {
  chord.root = (chord.root + semitones + 12) % 12;
  chord.bass = (chord.bass + semitones + 12) % 12;
  chord.pitch_classes = moved_classes(chord.pitch_classes, semitones);
  return chord;
}

// Bars of four beats, a chord each.
WriterSong song_of(const std::vector<BeatChord>& bars, int beats_per_bar = 4) {
  WriterSong song;
  song.beats_per_bar = beats_per_bar;
  for (const BeatChord& chord : bars) {
    for (int beat = 0; beat < beats_per_bar; ++beat) {
      song.beat_numbers.push_back(beat + 1);
      song.chords.push_back(chord);
    }
  }
  return song;
}

Note note(int onset, int duration, int pitch, Voice voice = Voice::accompaniment) {
  return {.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch), .voice = voice};
}

// In each bar root, fifth and tenth of its chord, each `apart` steps behind the other, in the octave from C3 on.
std::vector<Note> rolled(const std::vector<BeatChord>& bars, int apart) {
  std::vector<Note> text;
  for (std::size_t bar = 0; bar < bars.size(); ++bar) {
    const int start = static_cast<int>(bar) * 4 * kBeat, root = 48 + bars[bar].root;
    for (int beat = 0; beat < 4; ++beat) {
      const int pitches[] = {root, root + 7, root + 16, root + 7};
      text.push_back(note(start + beat * kBeat + (beat % 2 == 1 ? apart : 0), kBeat - apart, pitches[beat]));
    }
  }
  return text;
}

// Two songs: the first plays on the beat, the second behind it.
FigureBars two_songs() {
  const std::vector<BeatChord> first = {kC, kG, kAMinor, kG}, second = {kC, kAMinor, kG, kC};
  FigureBars bars;
  bars.add(song_of(first), rolled(first, 0), 0.6);
  bars.add(song_of(second), rolled(second, 6), 0.6);
  return bars;
}

std::vector<ChosenFigure> choose(const FigureBank& bank, const WriterSong& song, const std::vector<Note>& sketch = {},
                                 const FigureWeights& weights = {}) {
  ThreadPool pool(1);
  return choose_figures(bank, {.song = song, .sketch = sketch, .beat_seconds = 0.6}, figure_places(song), weights,
                        pool);
}

std::vector<std::size_t> bars_of(const std::vector<ChosenFigure>& chosen) {
  std::vector<std::size_t> bars;
  for (const ChosenFigure& figure : chosen) bars.push_back(figure.bar);
  return bars;
}

TEST(FigureBars, WholeBarsOfFourWithThreeNotesAreTaken) {
  WriterSong song = song_of({kC, kG, kC, kC});
  song.beat_numbers = {3, 4, 1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3};  // an upbeat, a bar of three, one cut off
  song.melody = {note(2 * kBeat, 6, 72, Voice::melody), note(3 * kBeat + 6, 6, 75, Voice::melody)};
  std::vector<Note> text = {note(2 * kBeat, 400, 48), note(3 * kBeat, 3, 55), note(4 * kBeat, 3, 60)};
  for (int beat = 6; beat < 11; ++beat) text.push_back(note(beat * kBeat, 3, 50));
  FigureBars bars;
  bars.add(song, text, 0.5);
  ASSERT_EQ(bars.bars.size(), 1U);
  const FigureBar& bar = bars.bars[0];
  EXPECT_FALSE(bar.follows);
  EXPECT_EQ(bar.melody, (std::array<std::uint8_t, 4>{1, 4, 0, 0}));
  EXPECT_EQ(bar.melody_pitch, 74);  // 73.5
  EXPECT_EQ(bars.chords[bar.chords[0]], kC);
  EXPECT_EQ(bars.chords[bar.chords[2]], kG);
  ASSERT_EQ(bars.notes.size(), 3U);
  EXPECT_EQ(bars.notes[0], (FigureNote{0, 255, 48}));
  EXPECT_EQ(bars.notes[2], (FigureNote{24, 3, 60}));
}

TEST(FigureBars, AFileGivesBackWhatWasWritten) {
  const testing::ScratchFolder folder;
  const FigureBars bars = two_songs();
  save_figures(bars, folder / "figures.safetensors", {{"source", "a test"}});
  const FigureBars read = load_figures(folder / "figures.safetensors");
  EXPECT_EQ(read.chords, bars.chords);
  EXPECT_EQ(read.beat_seconds, bars.beat_seconds);
  EXPECT_EQ(read.notes, bars.notes);
  ASSERT_EQ(read.bars.size(), bars.bars.size());
  for (std::size_t i = 0; i < bars.bars.size(); ++i) {
    EXPECT_EQ(read.bars[i].song, bars.bars[i].song);
    EXPECT_EQ(read.bars[i].follows, i % 4 != 0);
    EXPECT_EQ(read.bars[i].chords, bars.bars[i].chords);
    EXPECT_EQ(read.bars[i].end_note, bars.bars[i].end_note);
  }
}

// Each change makes a file that cannot be; the error names it and the array.
TEST(FigureBars, DamagedFilesAreRefused) {
  using Change = std::function<void(FigureBars&)>;
  const std::map<std::string, Change> changes = {
      {"chords", [](FigureBars& b) { b.chords[0].root = 12; }},
      {"songs", [](FigureBars& b) { b.beat_seconds[1] = -1.0F; }},
      {"bars", [](FigureBars& b) { b.bars[3].song = 2; }},
      {"beats", [](FigureBars& b) { b.bars[2].chords[1] = 99; }},
      {"notes", [](FigureBars& b) { b.notes[5].onset = kFigureSteps; }},
      {"notes: more",
       [](FigureBars& b) {
         b.notes.push_back({0, 1, 60});
       }},
  };
  const testing::ScratchFolder folder;
  for (const auto& [array, change] : changes) {
    FigureBars bars = two_songs();
    change(bars);
    const auto file = folder / "damaged.safetensors";
    save_figures(bars, file, {});
    try {
      (void)load_figures(file);
      ADD_FAILURE() << array << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::malformed);
      EXPECT_NE(std::string(error.what()).find("damaged.safetensors: " + array), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW((void)load_figures(folder / "missing.safetensors"), Error);
  write_safetensors(folder / "other.safetensors", {}, {});
  EXPECT_THROW((void)load_figures(folder / "other.safetensors"), Error);
  EXPECT_THROW(FigureBank(FigureBars{}, "an empty one"), Error);
}

TEST(FigureBank, KnowsWhichBarsStrikeAKey) {
  const FigureBank bank(two_songs(), "two songs");
  ASSERT_EQ(bank.size(), 8U);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t bar = 0; bar < bank.size(); ++bar) {
    const auto notes = bank.notes_of(bar);
    if (std::ranges::any_of(notes, [](const FigureNote& n) { return n.onset == 0 && n.pitch == 55; }))
      expected.push_back(bar);
  }
  const auto found = bank.striking(0, 55);
  EXPECT_EQ(std::vector<std::uint32_t>(found.begin(), found.end()), expected);
  EXPECT_EQ(expected.size(), 3U);  // the bars over G
  EXPECT_TRUE(bank.striking(-1, 55).empty());
  EXPECT_TRUE(bank.striking(kFigureSteps, 55).empty());
  EXPECT_TRUE(bank.striking(0, 128).empty());
}

TEST(FigureBank, SlowSongsAreCountedInHalvesToo) {
  const std::vector<BeatChord> chords = {kC, kG};
  std::vector<Note> text = rolled(chords, 0);
  for (int beat = 0; beat < 8; ++beat) text.push_back(note(beat * kBeat + 6, 5, 76));
  sort_notes(text);
  WriterSong song = song_of(chords);
  song.melody = {note(3, 3, 80, Voice::melody), note(kBeat, 3, 80, Voice::melody)};
  FigureBars bars;
  bars.add(song, text, 0.9);
  const FigureBank bank(std::move(bars), "one slow song");
  ASSERT_EQ(bank.size(), 6U);  // two bars, and their four halves
  EXPECT_FLOAT_EQ(bank.beat_seconds(bank.bar(2).song), 0.45F);
  EXPECT_FALSE(bank.bar(2).follows);
  EXPECT_TRUE(bank.bar(3).follows && bank.bar(4).follows && bank.bar(5).follows);
  EXPECT_EQ(bank.bar(2).melody, (std::array<std::uint8_t, 4>{4, 0, 1, 0}));
  EXPECT_EQ(bank.bar(3).melody_pitch, 0);
  EXPECT_EQ(bank.chords()[bank.bar(4).chords[0]], kG);
  ASSERT_EQ(bank.notes_of(2).size(), 4U);
  EXPECT_EQ(bank.notes_of(2)[1], (FigureNote{12, 10, 76}));
}

TEST(FigurePlaces, AreBarsPairsOfShortOnesAndPartsOfLongOnes) {
  const auto ends = [](const WriterSong& song) {
    std::vector<int> result;
    for (const FigurePlace& place : figure_places(song)) result.push_back(place.end);
    return result;
  };
  EXPECT_EQ(ends(song_of({kC, kC})), (std::vector{4, 8}));
  EXPECT_EQ(ends(song_of({kC, kC, kC}, 2)), (std::vector{4, 6}));
  WriterSong uneven = song_of({kC, kC, kC});
  uneven.beat_numbers = {3, 4, 1, 2, 3, 4, 5, 6, 1, 2, 1, 2};
  EXPECT_EQ(ends(uneven), (std::vector{2, 6, 8, 10, 12}));
}

constexpr FigureWeights kNothingReturns{.reuse = 0.0F, .figure = 0.0F};

TEST(FigureChoice, TheSameChordsInAnotherKeyAreFound) {
  const FigureBank bank(two_songs(), "two songs");
  for (const int semitones : {0, 3, -4}) {
    std::vector<BeatChord> chords;
    for (const BeatChord& chord : {kC, kAMinor, kG, kC}) chords.push_back(moved_chord(chord, semitones));
    const auto chosen = choose(bank, song_of(chords), {}, kNothingReturns);
    EXPECT_EQ(bars_of(chosen), (std::vector<std::size_t>{4, 5, 6, 7})) << semitones;
    for (const ChosenFigure& figure : chosen) EXPECT_EQ(figure.shift, semitones);
  }
}

TEST(FigureChoice, ABarReturnsWithItsChord) {
  const FigureBank bank(two_songs(), "two songs");
  const FigureWeights weights{.repeat = 16.0F};
  const WriterSong song = song_of({kC, kAMinor, kG, kC});
  EXPECT_EQ(bars_of(choose(bank, song, {}, weights)), (std::vector<std::size_t>{4, 5, 6, 4}));
  const auto chosen = choose(bank, song_of({kC, kAMinor, kG, moved_chord(kC, 2)}), {}, weights);
  EXPECT_EQ(bars_of(chosen), (std::vector<std::size_t>{4, 5, 6, 4}));
  EXPECT_EQ(chosen.back().shift, 2);
}

TEST(FigureChoice, ABarIsPlayedOnceMoreWithTheNextChord) {
  FigureBars bars;
  bars.add(song_of({kC}), rolled({kC}, 0), 0.6);
  bars.add(song_of({kG}), rolled({kG}, 6), 0.6);
  const FigureBank bank(std::move(bars), "two bars");
  const WriterSong song = song_of({kC, kG, kG, kC});
  const auto chosen = choose(bank, song, {}, kNothingReturns);
  ASSERT_EQ(chosen.size(), 4U);
  for (const ChosenFigure& figure : chosen) EXPECT_EQ(figure.bar, chosen.front().bar);
  EXPECT_EQ((chosen[1].shift - chosen[0].shift + 12) % 12, 7);
  EXPECT_EQ(chosen[3].shift, chosen[0].shift);
}

TEST(FigureChoice, OfTheSameChordsWhatIsLikeTheSketchIsTaken) {
  const FigureBank bank(two_songs(), "two songs");
  const std::vector<BeatChord> chords = {kC};
  EXPECT_EQ(bars_of(choose(bank, song_of(chords), rolled(chords, 6)))[0] / 4, 1U);
  EXPECT_EQ(bars_of(choose(bank, song_of(chords), rolled(chords, 0))), (std::vector<std::size_t>{0}));
}

TEST(FigureChoice, TripletsAreForMelodiesInTriplets) {
  const std::vector<BeatChord> chords = {kC};
  FigureBars bars;
  bars.add(song_of(chords), std::vector{note(0, 12, 48), note(8, 4, 55), note(16, 8, 64), note(24, 12, 55)}, 0.6);
  bars.add(song_of({kAMinor}), rolled({kAMinor}, 6), 0.6);  // straight, over another chord
  const FigureBank bank(std::move(bars), "two bars");
  EXPECT_EQ(bank.triplets(0), 3U);
  EXPECT_EQ(bank.triplets(1), 0U);
  WriterSong song = song_of(chords);
  EXPECT_EQ(bars_of(choose(bank, song)), (std::vector<std::size_t>{1}));
  song.melody = {note(4, 8, 72, Voice::melody), note(20, 4, 72, Voice::melody)};
  EXPECT_EQ(bars_of(choose(bank, song)), (std::vector<std::size_t>{0}));
}

TEST(FigureChoice, WhatReturnsIsTheSame) {
  const FigureBank bank(two_songs(), "two songs");
  WriterSong song = song_of({kC, kG, kAMinor, kAMinor, kC, kG});
  song.returns.assign(24, -1);
  for (int beat = 0; beat < 8; ++beat) song.returns[static_cast<std::size_t>(16 + beat)] = beat;
  const auto chosen = choose(bank, song);
  EXPECT_EQ(chosen[4], chosen[0]);
  EXPECT_EQ(chosen[5], chosen[1]);
}

// A bank of songs as they fall, and a song that asks for them.
class ManyFigures : public ::testing::Test {
 protected:
  ManyFigures() {
    Random random(7);
    FigureBars bars;
    for (int i = 0; i < 12; ++i) {
      const std::vector<BeatChord> chords = drawn(random, 40);
      std::vector<Note> text;
      for (int step = 0; step < 160 * kBeat; step += 3 * (1 + static_cast<int>(random.index(3))))
        text.push_back(note(step, 1 + static_cast<int>(random.index(60)), 30 + static_cast<int>(random.index(60))));
      bars.add(song_of(chords), text, random.uniform(0.4, 1.0));
    }
    bank_ = std::make_unique<FigureBank>(std::move(bars), "drawn");
    song_ = song_of(drawn(random, 30));
    for (int step = 0; step < 120 * kBeat; step += 6 * (1 + static_cast<int>(random.index(6))))
      song_.melody.push_back(
          note(step, 6 + static_cast<int>(random.index(20)), 55 + static_cast<int>(random.index(30)), Voice::melody));
  }
  static std::vector<BeatChord> drawn(Random& random, int bars) {
    std::vector<BeatChord> chords;
    const BeatChord kinds[] = {kC, kG, kAMinor, BeatChord{.kind = BeatChord::Kind::none}};
    for (int bar = 0; bar < bars; ++bar) {
      const BeatChord& chord = kinds[random.index(4)];
      chords.push_back(chord.root < 0 ? chord : moved_chord(chord, static_cast<int>(random.index(12))));
    }
    return chords;
  }
  [[nodiscard]] std::vector<Note> write(const WriterSong& song, int threads = 1, std::uint64_t seed = 0) const {
    ThreadPool pool(threads);
    return write_figures(*bank_, {.song = song, .sketch = {}, .beat_seconds = 0.6, .seed = seed}, {}, pool);
  }

  std::unique_ptr<FigureBank> bank_;
  WriterSong song_;
};

TEST_F(ManyFigures, ThreadsChangeNothing) { EXPECT_EQ(write(song_, 1), write(song_, 3)); }

TEST_F(ManyFigures, NotesLieOnTheSongAndUnderTheMelody) {
  const std::vector<Note> text = write(song_);
  EXPECT_GT(text.size(), 100U);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_TRUE(text[i].onset >= 0 && text[i].onset < song_.beats() * kBeat);
    EXPECT_TRUE(text[i].pitch >= 21 && text[i].pitch <= 108 && text[i].duration >= 1);
    EXPECT_TRUE(i == 0 || text[i].onset >= text[i - 1].onset);
    int highest = 128;
    for (const Note& sung : song_.melody) {
      if (sung.onset > text[i].onset || sung.offset() <= text[i].onset) continue;
      EXPECT_NE(sung.pitch, text[i].pitch);
      highest = highest == 128 ? sung.pitch : std::max<int>(highest, sung.pitch);
    }
    EXPECT_LT(text[i].pitch, highest);
  }
}

TEST_F(ManyFigures, WhatIsStruckLowestAtABeatIsItsBass) {
  song_.melody.clear();
  const std::vector<Note> text = write(song_);
  int right = 0, struck = 0;
  for (int beat = 0; beat < song_.beats(); ++beat) {
    const int bass = song_.chords[static_cast<std::size_t>(beat)].bass, step = beat * kBeat;
    const Note* lowest = nullptr;
    for (const Note& n : text)
      if (n.onset <= step && n.offset() > step && (lowest == nullptr || n.pitch < lowest->pitch)) lowest = &n;
    if (bass < 0 || lowest == nullptr || lowest->onset != step) continue;
    ++struck;
    right += lowest->pitch % 12 == bass ? 1 : 0;
  }
  EXPECT_GT(struck, 10);
  EXPECT_EQ(right, struck);
}

TEST_F(ManyFigures, BarsThatStayKeepTheirNotesAndAnotherSeedWritesOthers) {
  WriterSong again = song_;
  again.kept = write(song_);
  again.again.assign(static_cast<std::size_t>(song_.beats()), false);
  for (std::size_t beat = 40; beat < 56; ++beat) again.again[beat] = true;
  const auto outside = [](std::vector<Note> text) {
    std::erase_if(text, [](const Note& n) { return n.onset >= 40 * kBeat && n.onset < 56 * kBeat; });
    return text;
  };
  const std::vector<Note> one = write(again, 1, 1), two = write(again, 1, 2);
  EXPECT_EQ(outside(one), outside(again.kept));
  EXPECT_EQ(outside(two), outside(again.kept));
  EXPECT_NE(one, two);
  EXPECT_NE(one, again.kept);
  EXPECT_NE(two, again.kept);
  EXPECT_EQ(one, write(again, 2, 1));
}

TEST_F(ManyFigures, OtherMetresKeepTheSketch) {
  const std::vector<Note> sketch = {note(0, 6, 40), note(12, 6, 50)};
  WriterSong waltz = song_of({kC, kG}, 3);
  ThreadPool pool(1);
  EXPECT_FALSE(has_figures(waltz));
  EXPECT_EQ(write_figures(*bank_, {.song = waltz, .sketch = sketch}, {}, pool), sketch);
}

TEST_F(ManyFigures, Cancels) {
  CancelToken cancel;
  cancel.cancel();
  ThreadPool pool(1);
  EXPECT_THROW((void)write_figures(*bank_, {.song = song_, .sketch = {}}, {}, pool, {.cancel = &cancel}), Error);
}

TEST(FigureText, TonesAreLedToTheirLikes) {
  EXPECT_EQ(led_pitch_class(0, kC, kG), 7);
  EXPECT_EQ(led_pitch_class(4, kC, kAMinor), 0);  // third to minor third
  EXPECT_EQ(led_pitch_class(2, kC, kG), 9);       // a second stays one
  BeatChord seventh = kC;
  seventh.pitch_classes |= 1U << 10U;
  EXPECT_EQ(led_pitch_class(10, seventh, kG), 7);  // no seventh there: the nearest tone
}

// One bar of a bank as it is laid over a song.
std::vector<Note> laid(const std::vector<Note>& bar, const WriterSong& song) {
  FigureBars bars;
  bars.add(song_of({kC}), bar, 0.6);
  const FigureBank bank(std::move(bars), "one bar");
  return figure_text(bank, song, std::vector<FigurePlace>{{0, 4}}, std::vector<ChosenFigure>{{0, 0}});
}

TEST(FigureText, WhatClashesWithTheChordIsShortOrLedIntoIt) {
  // F and B beside the E and C of the chord, for a quarter and for an eighth; the D beside none of its tones by a
  // semitone.
  const std::vector<Note> text =
      laid({note(0, 60, 48), note(12, 12, 65), note(24, 6, 65), note(30, 12, 59), note(42, 12, 62)}, song_of({kC}));
  ASSERT_EQ(text.size(), 5U);
  EXPECT_EQ(text[1].pitch, 64);
  EXPECT_EQ(text[2].pitch, 65);
  EXPECT_EQ(text[3].pitch, 60);
  EXPECT_EQ(text[4].pitch, 62);
}

TEST(FigureText, NeighboursAreNotStruckTogether) {
  WriterSong song = song_of({kC});
  song.melody = {note(36, 12, 69, Voice::melody)};
  // E and a short F at once; the melody's A over a short G sharp, which C does not have, and over G.
  const std::vector<Note> text =
      laid({note(0, 60, 48), note(12, 6, 65), note(12, 12, 64), note(36, 6, 68), note(36, 6, 67)}, song);
  ASSERT_EQ(text.size(), 3U);
  EXPECT_EQ(text[1].pitch, 64);
  EXPECT_EQ(text[2].pitch, 67);
}

TEST(FigureText, ANewBassIsStruckAndLow) {
  WriterSong song = song_of({kC});
  song.chords[2] = song.chords[3] = kG;
  // A bass in the right hand's range goes down; where nothing low sounds it is added, until the left hand's next note.
  const std::vector<Note> high = laid({note(0, 12, 60), note(12, 12, 64), note(24, 24, 67)}, song);
  ASSERT_EQ(high.size(), 3U);
  EXPECT_EQ(high[0], note(0, 12, 48));
  EXPECT_EQ(high[2], note(24, 24, 43));
  const std::vector<Note> silent = laid({note(0, 12, 48), note(12, 6, 64), note(30, 6, 67), note(36, 6, 55)}, song);
  ASSERT_EQ(silent.size(), 5U);
  EXPECT_EQ(silent[2], note(24, 12, 43));
}

TEST(FigureText, WhileTheMelodyRestsNothingClimbsOverIt) {
  FigureBars bars;
  bars.add(song_of({kC}), std::vector{note(0, 6, 48), note(24, 6, 84), note(36, 6, 72)}, 0.6);
  const FigureBank bank(std::move(bars), "one bar");
  WriterSong song = song_of({kC, kC});
  song.melody = {note(0, 12, 67, Voice::melody), note(60, 12, 74, Voice::melody)};
  const std::vector<Note> text =
      figure_text(bank, song, std::vector<FigurePlace>{{0, 4}}, std::vector<ChosenFigure>{{0, 0}});
  ASSERT_EQ(text.size(), 3U);
  EXPECT_EQ(text[1].pitch, 72);  // 84 would lie over 74, the next of the melody
  EXPECT_EQ(text[2].pitch, 72);
}

TEST(FigureText, NotesEndBeforeChordsThatTheyClashWith) {
  const std::vector<BeatChord> chords = {kC, kC};
  FigureBars bars;
  bars.add(song_of(chords), std::vector{note(0, 48, 48), note(0, 90, 64), note(24, 12, 55)}, 0.6);
  const FigureBank bank(std::move(bars), "one bar");
  WriterSong song = song_of({kC, kAMinor});
  song.chords[2] = song.chords[3] = kG;
  const std::vector<FigurePlace> places = {{0, 4}};
  const std::vector<Note> text = figure_text(bank, song, places, std::vector<ChosenFigure>{{0, 0}});
  ASSERT_EQ(text.size(), 4U);
  EXPECT_EQ(text[0], note(0, 60, 64));  // a beat into the bar that is not its own
  EXPECT_EQ(text[1], note(0, 24, 48));
  EXPECT_EQ(text[2].pitch % 12, 7);      // the bass of G
  EXPECT_EQ(text[3], note(48, 24, 45));  // that of A minor, to which the bank has no note
}

}  // namespace
}  // namespace pop2piano
