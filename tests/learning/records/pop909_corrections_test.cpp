// SPDX-License-Identifier: MIT
// Corrected bar lines and chords laid over a song, its earlier versions, and songs as records without sound.
#include "learning/records/pop909_corrections.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_set.h"
#include "learning/records/pop909.h"
#include "learning/records/symbolic_records.h"
#include "learning/records/synthesize.h"
#include "learning/records/test_sound_font.h"
#include "learning/records/tiny_corpus.h"
#include "music/scorefiles/midi_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;
using testing::write_tiny_song;

constexpr int kTicks = 480;

MidiTrack& add_track(MidiFile& file) { return file.tracks.emplace_back(); }

void add_note(MidiTrack& track, double beat, double beats, int pitch) {
  const auto tick = [](double b) { return static_cast<std::int64_t>(b * kTicks + 0.5); };
  track.events.push_back(midi_note_on(tick(beat), 0, pitch, 90));
  track.events.push_back(midi_note_off(tick(beat + beats), 0, pitch));
}

void write_sorted(const std::filesystem::path& path, MidiFile file) {
  for (MidiTrack& track : file.tracks) {
    std::stable_sort(track.events.begin(), track.events.end(),
                     [](const MidiEvent& a, const MidiEvent& b) { return a.tick < b.tick; });
    track.length = track.events.empty() ? 0 : track.events.back().tick;
  }
  write_midi_file(path, file);
}

/// The song's notes `shift` beats later, and in each bar of `metre` beats a chord with the bass in its third.
void write_corrections(const std::filesystem::path& path, const SymbolicSong& song, double shift, int metre,
                       int quarter_as_power_of_two = 2) {
  MidiFile file;
  file.ticks_per_quarter = kTicks;
  add_track(file).events.push_back(midi_time_signature(0, metre, quarter_as_power_of_two));
  MidiTrack& notes = add_track(file);
  for (const auto* voice : {&song.melody, &song.piano}) {
    for (const SymbolicNote& n : *voice) add_note(notes, n.onset + shift, n.offset - n.onset, n.pitch);
  }
  MidiTrack& chords = add_track(file);
  for (int bar = 0; bar < 8; ++bar) {
    for (const int pitch : {52, 55, 60}) add_note(chords, bar * metre, metre, pitch);
  }
  write_sorted(path, file);
}

class Corrections : public ::testing::Test {
 protected:
  Corrections() {
    write_tiny_song(folder_.path(), 1);
    song_ = read_pop909(folder_.path(), 1);
  }
  ScratchFolder folder_;
  SymbolicSong song_;
};

TEST_F(Corrections, BeatsBarsAndChordsAreTheCorrectedOnes) {
  write_corrections(folder_ / "c.mid", song_, 2.5, 3);
  const SymbolicSong corrected = corrected_song(song_, folder_ / "c.mid");
  EXPECT_EQ(corrected.grid.beats_per_bar, 3);
  EXPECT_EQ(corrected.grid.numbers[0], 1);
  EXPECT_EQ(corrected.grid.numbers[3], 1);
  // The corrected beat 0 lies 2.5 beats before the song's, which is at 0.25 s; beats last half a second.
  EXPECT_NEAR(corrected.grid.times[0], 0.25 - 1.25, 1e-9);
  ASSERT_EQ(corrected.piano.size(), song_.piano.size());
  for (std::size_t i = 0; i < song_.piano.size(); ++i) {
    ASSERT_NEAR(corrected.piano[i].onset, song_.piano[i].onset + 2.5, 1e-6);
  }
  ASSERT_EQ(corrected.chords.size(), 8U);
  EXPECT_EQ(corrected.chords[1].root, 0);
  EXPECT_EQ(corrected.chords[1].bass, 4);
  EXPECT_EQ(corrected.chords[1].start, 3.0);
  EXPECT_EQ(corrected.chords[1].end, 6.0);
}

/// The song as it is, and a chord to the bar, on beat `first` of every `metre`, struck again `again` beats later.
void write_chords(const std::filesystem::path& path, const SymbolicSong& song, int first, int metre, int again) {
  MidiFile file;
  file.ticks_per_quarter = kTicks;
  add_track(file).events.push_back(midi_time_signature(0, metre, 2));
  MidiTrack& notes = add_track(file);
  for (const auto* voice : {&song.melody, &song.piano}) {
    for (const SymbolicNote& n : *voice) add_note(notes, n.onset, n.offset - n.onset, n.pitch);
  }
  MidiTrack& chords = add_track(file);
  for (int bar = 0; bar < 20; ++bar) {
    const int at = first + bar * metre;
    for (const int pitch : {48, 52, 55}) {
      add_note(chords, at, again, pitch + bar % 2 * 5);
      add_note(chords, at + again, metre - again, pitch + bar % 2 * 5);
    }
  }
  write_sorted(path, file);
}

// The number of the first beat where chords begin on beat `first` of the file, and the song's bars on beat `own`.
int number_of_first_beat(SymbolicSong song, int first, int own, const std::filesystem::path& path, int again = 2) {
  const int metre = song.grid.beats_per_bar;
  for (std::size_t i = 0; i < song.grid.size(); ++i)
    song.grid.numbers[i] = (static_cast<int>(i) + metre - own) % metre + 1;
  write_chords(path, song, first, metre, again);
  return corrected_song(song, path).grid.numbers[0];
}

TEST_F(Corrections, ChordsAndTheSongsOwnBarsOutvoteTheBeginningOfTheFile) {
  ASSERT_EQ(song_.grid.beats_per_bar, 4);
  EXPECT_EQ(number_of_first_beat(song_, 1, 1, folder_ / "c.mid"), 4);  // a pickup of one beat
  EXPECT_EQ(number_of_first_beat(song_, 2, 2, folder_ / "c.mid"), 3);
  EXPECT_EQ(number_of_first_beat(song_, 0, 1, folder_ / "c.mid"), 1);     // the correction
  EXPECT_EQ(number_of_first_beat(song_, 1, 0, folder_ / "c.mid"), 1);     // chords alone
  EXPECT_EQ(number_of_first_beat(song_, 1, 3, folder_ / "c.mid"), 1);     // all three differ
  EXPECT_EQ(number_of_first_beat(song_, 3, 2, folder_ / "c.mid", 3), 1);  // no change where it is struck again
}

TEST_F(Corrections, ABandPlaysTheCorrectedBars) {
  const auto font = testing::test_sound_font();
  if (!font) GTEST_SKIP() << testing::kNoSoundFont;
  std::filesystem::create_directories(folder_ / "corrections");
  write_corrections(folder_ / "corrections" / "001.mid", song_, 2.0, 3);
  ThreadPool pool(1);
  const SynthesisOptions options{
      .sound_fonts = {*font}, .songs = {1}, .features = KeepFeatures::none, .corrections = folder_ / "corrections"};
  EXPECT_EQ(synthesize_corpus(folder_.path(), folder_ / "out", options, pool).made, 1U);
  const RecordReader reader(folder_ / "out" / "pop909-v000-001-001.p2pd");
  const SongDescription song = reader.song(0).description;
  EXPECT_EQ(song.beats_per_bar, 3);
  EXPECT_NE(song.recipe.find("bars corrected"), std::string::npos);
  const std::filesystem::path none = folder_ / "none";
  SynthesisOptions missing = options;
  missing.corrections = none;
  EXPECT_THROW(synthesize_corpus(folder_.path(), folder_ / "out2", missing, pool), Error);
}

TEST_F(Corrections, WhatDoesNotBelongIsRefused) {
  SymbolicSong other = song_;
  for (auto* voice : {&other.melody, &other.piano}) {
    for (SymbolicNote& note : *voice) note.pitch += 1 + static_cast<int>(note.onset) % 3;
  }
  write_corrections(folder_ / "other.mid", other, 0, 4);
  write_corrections(folder_ / "eighths.mid", song_, 0, 6, 3);
  MidiFile bare;
  bare.ticks_per_quarter = kTicks;
  add_note(add_track(bare), 0, 1, 60);
  write_sorted(folder_ / "bare.mid", bare);
  std::ofstream(folder_ / "text.mid") << "no MIDI at all";
  for (const char* name : {"other.mid", "eighths.mid", "bare.mid", "text.mid", "absent.mid"}) {
    EXPECT_THROW((void)corrected_song(song_, folder_ / name), Error) << name;
  }
}

TEST(ChordRoot, IsTheBassWhereThatMakesAUsualChord) {
  const auto set = [](std::initializer_list<int> pitch_classes) {
    unsigned bits = 0;
    for (const int pc : pitch_classes) bits |= 1U << pc;
    return bits;
  };
  EXPECT_EQ(chord_root(set({0, 4, 7}), 0), 0);
  EXPECT_EQ(chord_root(set({0, 4, 7}), 4), 0);     // C/E
  EXPECT_EQ(chord_root(set({9, 0, 4, 7}), 9), 9);  // Am7
  EXPECT_EQ(chord_root(set({9, 0, 4, 7}), 0), 0);  // C6
  EXPECT_EQ(chord_root(set({2, 7, 9}), 2), 2);     // Dsus4, not Gsus2
  EXPECT_EQ(chord_root(set({1, 2}), 2), 2);        // no chord: the bass
}

class Versions : public Corrections {
 protected:
  /// Whole beats of the song's own seconds, each piano note changed by `change`.
  void write_version(const std::string& name, const std::function<void(SymbolicNote&)>& change) {
    MidiFile file;
    file.ticks_per_quarter = kTicks;
    for (const auto& [title, voice] : {std::pair("Melody", &song_.melody), {"cau", &song_.piano}}) {
      MidiTrack& track = add_track(file);
      track.events.push_back(midi_text(0, midi_meta::kTrackName, title));
      for (SymbolicNote note : *voice) {
        if (voice == &song_.piano) change(note);
        add_note(track, note.onset + 0.5, note.offset - note.onset, note.pitch);  // the first beat is at 0.25 s
      }
    }
    std::filesystem::create_directories(folder_ / "versions");
    write_sorted(folder_ / "versions" / name, file);
  }
};

TEST_F(Versions, OnlyThoseThatDifferAndLieOnTheBeats) {
  EXPECT_TRUE(earlier_versions(song_, folder_ / "absent").empty());
  write_version("v1.mid", [](SymbolicNote&) {});
  write_version("v2.mid", [](SymbolicNote& n) { n.pitch += static_cast<int>(n.onset) % 2; });
  write_version("v3.mid", [](SymbolicNote& n) { n.pitch += static_cast<int>(n.onset) % 2; });
  write_version("v4.mid", [](SymbolicNote& n) { n.onset += 0.1; });
  std::ofstream(folder_ / "versions" / "v5.mid") << "damaged";
  const auto versions = earlier_versions(song_, folder_ / "versions");
  ASSERT_EQ(versions.size(), 1U);
  EXPECT_EQ(versions.front().melody.size(), song_.melody.size());
  EXPECT_EQ(versions.front().piano.size(), song_.piano.size());
  EXPECT_EQ(versions.front().chords.size(), song_.chords.size());
}

TEST_F(Versions, RecordsHoldBeatsChordsAndNotes) {
  write_tiny_song(folder_.path(), 7);
  write_tiny_song(folder_.path(), 2);
  std::filesystem::create_directories(folder_ / "001" / "versions");
  write_version("v.mid", [](SymbolicNote& n) { n.pitch += static_cast<int>(n.onset) % 2; });
  std::filesystem::rename(folder_ / "versions" / "v.mid", folder_ / "001" / "versions" / "v.mid");
  std::filesystem::create_directories(folder_ / "corrections");
  write_corrections(folder_ / "corrections" / "001.mid", song_, 1.0, 4);
  std::ofstream(folder_ / "002" / "chord_midi.txt") << "this is no chord\n";
  ThreadPool pool(2);
  const auto report = write_symbolic_records(folder_.path(), folder_ / "out",
                                             {.corpus = {}, .corrections = folder_ / "corrections", .style = {}}, pool);
  EXPECT_EQ(report.songs, 2U);
  EXPECT_EQ(report.versions, 1U);
  EXPECT_EQ(report.corrected, 1U);
  EXPECT_EQ(report.halved, 0U);
  EXPECT_EQ(report.left_out.size(), 2U);  // 002 is no song, 007 has no corrections
  const std::filesystem::path file = folder_ / "out" / "pop909.p2pd";
  const RecordSet set = RecordSet::open({&file, 1});
  ASSERT_EQ(set.size(), 2U);
  const SongView first = set.song(0), second = set.song(1);
  EXPECT_EQ(first.description.split, "train");
  EXPECT_EQ(second.description.split, "test");
  EXPECT_EQ(first.features.rows(), 0U);
  const TensorView* chords = first.record.find(kChordTensor);
  ASSERT_NE(chords, nullptr);
  EXPECT_EQ(chords->shape, (std::vector<std::uint64_t>{first.description.beat_times.size(), 3}));
  EXPECT_EQ(chords->as<std::int32_t>(ElementType::i32)[2], 4);  // the bass of C/E
  // The song's beat 0 is the corrected beat 1.
  EXPECT_EQ(first.description.notes.front().onset, kStepsPerBeat);
  const std::filesystem::path versions = folder_ / "out" / "pop909-versions.p2pd";
  EXPECT_EQ(RecordSet::open({&versions, 1}).song(0).description.variant, 1);
}

TEST_F(Corrections, SlowSongsAreCountedInHalvesToo) {
  // Half the tempo: beats of one second.
  std::ofstream beats(folder_ / "001" / "beat_midi.txt");
  for (int b = 0; b < 32; ++b) beats << 0.25 + b << ' ' << (b % 2 == 0) << ".0 " << (b % 4 == 0) << ".0\n";
  beats.close();
  ThreadPool pool(1);
  const auto report = write_symbolic_records(folder_.path(), folder_ / "out", {}, pool);
  EXPECT_EQ(report.songs, 1U);
  EXPECT_EQ(report.halved, 1U);
  const std::filesystem::path file = folder_ / "out" / "pop909-halved.p2pd";
  const RecordSet set = RecordSet::open({&file, 1});
  EXPECT_NEAR(set.song(0).description.beat_times[1] - set.song(0).description.beat_times[0], 0.5, 1e-9);
}

}  // namespace
}  // namespace pop2piano
