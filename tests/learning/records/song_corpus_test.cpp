// SPDX-License-Identifier: MIT
// Folders of MIDI, MusicXML and ABC files as corpora, and the accompaniment of songs without a piano.
#include "learning/records/song_corpus.h"

#include <pop2piano/error.h>

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/band/accompaniment.h"
#include "learning/records/lead_sheets.h"
#include "learning/records/piano_target.h"
#include "learning/records/tiny_corpus.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::little_abc;
using testing::ScratchFolder;
using testing::write_named_midi;

std::string failure(const SongCorpus& corpus, int number) {
  try {
    (void)corpus.read(number);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SongCorpus, FilesAreNumberedByName) {
  ScratchFolder folder;
  write_named_midi(folder / "b" / "two.mid", "Vocals");
  write_named_midi(folder / "a.MID", "melody");
  write_file(folder / "c.abc", little_abc(1) + "\n" + little_abc(2));
  write_file(folder / "notes.txt", std::string_view("nothing"));
  const auto corpus = open_corpus(folder.path(), {.licence = "CC0-1.0"});
  ASSERT_EQ(corpus->numbers(), (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(corpus->name_of(1), corpus->label() + "/a.MID");
  EXPECT_EQ(corpus->name_of(2), corpus->label() + "/b/two.mid");
  EXPECT_EQ(corpus->name_of(4), corpus->label() + "/c.abc#2");
  for (const int number : corpus->numbers()) {
    const SymbolicSong song = corpus->read(number);
    EXPECT_EQ(song.name, corpus->name_of(number));
    EXPECT_EQ(song.licence, "CC0-1.0");
    EXPECT_FALSE(song.melody.empty());
    EXPECT_FALSE(song.chords.empty());
  }
  EXPECT_THROW((void)corpus->read(5), Error);
  EXPECT_THROW((void)corpus->read(0), Error);
}

TEST(SongCorpus, Pop909IsKnownByItsFolders) {
  ScratchFolder folder;
  testing::write_tiny_song(folder.path(), 13);
  const auto corpus = open_corpus(folder.path());
  EXPECT_EQ(corpus->name_of(13), "pop909/013");
  EXPECT_EQ(corpus->split_of(13), "validation");
  EXPECT_EQ(corpus->read(13).licence, "MIT");
}

TEST(SongCorpus, EmptyFoldersAndAbsentOnesAreErrors) {
  ScratchFolder folder;
  EXPECT_THROW((void)open_corpus(folder.path()), Error);
  EXPECT_THROW((void)open_corpus(folder / "absent"), Error);
}

TEST(SongCorpus, EverySplitIsDrawnFromNames) {
  ScratchFolder folder;
  std::string book;
  for (int i = 1; i <= 200; ++i) book += little_abc(i) + "\n";
  write_file(folder / "book.abc", book);
  const auto corpus = open_corpus(folder.path());
  std::map<std::string, int> counts;
  for (const int number : corpus->numbers()) ++counts[std::string(corpus->split_of(number))];
  EXPECT_GT(counts["train"], 160);
  EXPECT_GT(counts["test"], 0);
  EXPECT_GT(counts["validation"], 0);
}

TEST(SongCorpus, MidiMelodyByNameAndPianoAndChords) {
  ScratchFolder folder;
  write_named_midi(folder / "song.mid", "Lead Vocal");
  const SymbolicSong song = open_corpus(folder.path())->read(1);
  EXPECT_EQ(song.melody.size(), 16U);
  EXPECT_EQ(song.piano.size(), 12U);
  EXPECT_EQ(song.melody[0].pitch, 67);
  ASSERT_NE(chord_at(song, 0.5), nullptr);
  EXPECT_EQ(chord_at(song, 0.5)->root, 0);
  EXPECT_EQ(chord_at(song, 5.5)->root, 5);
}

TEST(SongCorpus, WithoutAMelodyTrackSaysSo) {
  ScratchFolder folder;
  write_named_midi(folder / "song.mid", "Track 1");
  EXPECT_NE(failure(*open_corpus(folder.path()), 1).find("no melody track"), std::string::npos);
  EXPECT_NE(failure(*open_corpus(folder.path()), 1).find("--melody-track"), std::string::npos);
  EXPECT_EQ(open_corpus(folder.path(), {.melody_track = "track 1"})->read(1).melody.size(), 16U);
  EXPECT_NE(failure(*open_corpus(folder.path(), {.melody_track = "flute"}), 1).find("\"flute\""), std::string::npos);
}

TEST(SongCorpus, SongsThatCannotServeAreRefused) {
  ScratchFolder folder;
  write_file(folder / "a.mid", std::string_view("no MIDI"));
  write_file(folder / "b.abc", std::string_view("no melody"));
  write_file(folder / "c.abc", std::string_view("X:1\nK:C\nCDEFGABc|\n"));
  write_file(folder / "d.abc", std::string_view("X:1\nK:C\n\"C\"CDE|\n"));
  write_file(folder / "e.musicxml", std::string_view("<html/>"));
  const auto corpus = open_corpus(folder.path());
  ASSERT_EQ(corpus->numbers().size(), 5U);
  EXPECT_NE(failure(*corpus, 1), "");
  EXPECT_NE(failure(*corpus, 2).find("X:"), std::string::npos);
  EXPECT_NE(failure(*corpus, 3).find("chord symbols"), std::string::npos);
  EXPECT_NE(failure(*corpus, 4).find("at least 8 notes"), std::string::npos);
  EXPECT_NE(failure(*corpus, 5), "");
}

TEST(Accompaniment, HasTheSixTexturesWithinTheChords) {
  ScratchFolder folder;
  write_file(folder / "song.abc", little_abc(1));
  SymbolicSong song = open_corpus(folder.path())->read(1);
  EXPECT_TRUE(song.piano.empty());
  std::set<int> styles;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    song.piano = accompaniment(song, Random(seed));
    for (const SymbolicNote& note : song.piano) {
      const SongChord* chord = chord_at(song, note.onset + 0.01);
      ASSERT_NE(chord, nullptr);
      EXPECT_NE(chord->pitch_classes >> (note.pitch % 12) & 1U, 0U);
      EXPECT_GE(note.pitch, 24);
      EXPECT_LE(note.pitch, 76);
      EXPECT_GT(note.offset, note.onset);
    }
    styles.insert(style_of(accompaniment_texture(piano_target(song))));
  }
  EXPECT_EQ(styles, (std::set<int>{1, 2, 3, 4, 5, 6}));
}

}  // namespace
}  // namespace pop2piano
