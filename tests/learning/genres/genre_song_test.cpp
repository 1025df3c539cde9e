// SPDX-License-Identifier: MIT
// Songs of genres: the truth that comes with them, what odd bars and upbeats do to it, that strokes fall on it.
#include "learning/genres/genre_song.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

SongForm form_of(std::string_view genre, std::uint64_t seed, FormOptions options = {}) {
  Random random(seed);
  return draw_form(genre_named(genre), options, random);
}

// How often each kind of bar comes in 40 songs of the genre.
std::map<BarKind, int> kinds_of(std::string_view genre) {
  std::map<BarKind, int> kinds;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const SongBar& bar : form_of(genre, seed).bars) ++kinds[bar.kind];
  }
  return kinds;
}

TEST(SongForm, CountsBeatsFromTheBarLines) {
  for (const Genre& genre : all_genres()) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const SongForm form = form_of(genre.name, seed);
      form.grid.validate();
      std::size_t beat = 0;
      for (const SongBar& bar : form.bars) {
        ASSERT_DOUBLE_EQ(bar.start, static_cast<double>(beat)) << genre.name;
        const int first = bar.kind == BarKind::pickup ? form.grid.beats_per_bar - bar.beats + 1 : 1;
        for (int i = 0; i < bar.beats; ++i, ++beat) ASSERT_EQ(form.grid.numbers[beat], first + i) << genre.name;
      }
      EXPECT_EQ(beat, form.grid.size()) << genre.name;
    }
  }
}

TEST(SongForm, HasUpbeatsStopsBreaksSolosAndCountsIn) {
  auto kinds = kinds_of("jazz");
  for (const BarKind kind : {BarKind::fill, BarKind::stop, BarKind::drums_alone, BarKind::no_drums, BarKind::pickup,
                             BarKind::count_in, BarKind::ending}) {
    EXPECT_GT(kinds[kind], 0) << static_cast<int>(kind);
  }
}

TEST(SongForm, PutsOtherBarsBetween) {
  bool shorter = false, longer = false;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    const SongForm form = form_of("metal", seed);
    for (const SongBar& bar : form.bars) {
      if (bar.kind == BarKind::pickup || bar.kind == BarKind::ending) continue;
      shorter = shorter || bar.beats == 2;
      longer = longer || bar.beats == 5;
    }
  }
  EXPECT_TRUE(shorter);
  EXPECT_TRUE(longer);
}

TEST(SongForm, ChangesTheTempoWithASection) {
  bool changed = false;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const SongForm form = form_of("hip-hop", seed);  // machines: what changes is the section's
    const auto [low, high] =
        std::minmax_element(form.sections.begin(), form.sections.end(),
                            [](const FormSection& a, const FormSection& b) { return a.tempo_factor < b.tempo_factor; });
    changed = changed || high->tempo_factor - low->tempo_factor > 0.05;
  }
  EXPECT_TRUE(changed);
}

TEST(SongForm, PlaysOnlyGroovesOfItsUse) {
  for (const auto name : tested_genres()) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      for (const GrooveUse use : {GrooveUse::learn, GrooveUse::test}) {
        const SongForm form = form_of(name, seed, {.use = use});
        for (const FormSection& section : form.sections) EXPECT_EQ(section.groove->use, use) << name;
      }
    }
  }
  EXPECT_THROW((void)form_of("latin", 1, {.use = GrooveUse::test}), Error);
}

// Kicks of house songs lie on the beats, but for fills and solos and the drummer's own error.
TEST(GenreSong, FourOnTheFloorLiesOnTheTruth) {
  std::size_t near = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Arrangement song = make_genre_song(genre_named("disco"), "disco", seed, {});
    for (const double kick : song.kick_times) {
      const double beat = song.performed.beat_at(kick);
      const double away = std::abs(beat - std::round(beat)) * song.performed.median_interval();
      near += away < 0.05 ? 1 : 0;
      ++all;
    }
  }
  ASSERT_GT(all, 500U);
  EXPECT_GT(static_cast<double>(near), 0.97 * static_cast<double>(all));
}

TEST(GenreSong, OneDropLeavesOneEmpty) {
  std::size_t on_one = 0, on_two = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Arrangement song = make_genre_song(genre_named("reggae"), "reggae", seed, {});
    if (song.summary.find("one drop,") == std::string::npos) continue;
    for (const double kick : song.kick_times) {
      const auto beat = static_cast<std::size_t>(std::max(0L, std::lround(song.performed.beat_at(kick))));
      if (beat >= song.performed.size()) continue;
      on_one += song.performed.numbers[beat] == 1 ? 1 : 0;
      on_two += song.performed.numbers[beat] == 2 ? 1 : 0;
    }
  }
  EXPECT_GT(on_two, 20U);
  EXPECT_LT(on_one, on_two / 3);  // other grooves of the song
}

TEST(GenreSong, IsTheSameForTheSameSeedAndSoundsInAllGenres) {
  for (const Genre& genre : all_genres()) {
    const Arrangement a = make_genre_song(genre, "x", 5, {}), b = make_genre_song(genre, "x", 5, {});
    EXPECT_EQ(a.performed.times, b.performed.times) << genre.name;
    ASSERT_EQ(a.band.size(), b.band.size()) << genre.name;
    EXPECT_FALSE(a.band.empty() && a.voices.empty()) << genre.name;
    for (std::size_t t = 0; t < a.band.size(); ++t) {
      EXPECT_EQ(a.band[t].part.notes, b.band[t].part.notes) << genre.name;
      for (const PlayedNote& note : a.band[t].part.notes) {
        ASSERT_GT(note.offset, note.onset) << genre.name;
        ASSERT_GE(note.onset, -0.1) << genre.name;
        ASSERT_LE(note.onset, a.duration) << genre.name;
        ASSERT_TRUE(note.pitch > 20 && note.pitch < 110) << genre.name << note.pitch;
      }
    }
    EXPECT_TRUE(std::is_sorted(a.song.piano.begin(), a.song.piano.end(),
                               [](const auto& x, const auto& y) { return x.onset < y.onset; }));
  }
}

// Four bars of 3/4 after an upbeat of one beat, a chord and a note on each beat, and a piano part.
SymbolicSong three_four() {
  SymbolicSong song;
  song.name = "song";
  song.grid.beats_per_bar = 3;
  for (int beat = 0; beat < 13; ++beat) {
    song.grid.times.push_back(0.5 * beat);
    song.grid.numbers.push_back((beat + 2) % 3 + 1);
    song.melody.push_back({1.0 * beat, beat + 0.9, 67, 90});
  }
  song.chords.push_back({.start = 0, .end = 13, .root = 0, .bass = 0, .pitch_classes = 1U | 1U << 4 | 1U << 7});
  song.piano.push_back({1, 4, 48, 70});
  song.piano.push_back({4, 7, 52, 70});
  return song;
}

TEST(PlayInGenre, KeepsTheSongsBarsAndTakesAGrooveOfItsMetre) {
  const SymbolicSong song = three_four();
  Random random(3);
  const SongForm form = form_of(song.grid, genre_named("waltz"), {}, random);
  EXPECT_EQ(form.grid.numbers, song.grid.numbers);
  ASSERT_EQ(form.bars.size(), 5U);
  EXPECT_EQ(form.bars[0].kind, BarKind::pickup);
  EXPECT_EQ(form.bars[0].beats, 1);
  for (std::size_t bar = 1; bar < 5; ++bar) EXPECT_EQ(form.bars[bar].beats, 3);
  EXPECT_EQ(form.sections[0].groove->beats, 3);
  form.grid.validate();
}

TEST(PlayInGenre, PlaysThePianoPartAsWrittenWhereNobodyDrums) {
  const SymbolicSong song = three_four();
  const Arrangement out = play_in_genre(song, genre_named("classical"), 4, {});
  ASSERT_FALSE(out.band.empty());
  const auto& notes = out.band.front().part.notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_DOUBLE_EQ(notes[0].pitch, 48 + out.transposition);
  EXPECT_NEAR(notes[1].onset, out.performed.time_at(4), 0.08);  // the player's own error
  EXPECT_TRUE(out.kick_times.empty());
  EXPECT_EQ(out.lead.size(), song.melody.size());
}

TEST(PlayInGenre, PlaysTheGenresGroovesElsewhere) {
  const Arrangement out = play_in_genre(three_four(), genre_named("disco"), 4, {});
  EXPECT_GE(out.kick_times.size(), 8U);
  EXPECT_THROW((void)play_in_genre(SymbolicSong{}, genre_named("disco"), 4, {}), Error);
}

}  // namespace
}  // namespace pop2piano
