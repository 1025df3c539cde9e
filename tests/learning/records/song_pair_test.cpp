// SPDX-License-Identifier: MIT
// Records from pairs of a recording and a piano cover: the list, and what a record says.
#include "learning/records/song_pair.h"

#include <pop2piano/error.h>

#include <array>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;
using testing::tone;

std::string failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(PairList, PathsAreTheListsNeighbours) {
  const ScratchFolder folder;
  write_file(folder / "list.tsv", std::string_view("# songs\r\n\na.mp3\tcovers/b c.mid\r\n/x/y.flac\td.mid\n"));
  const auto pairs = read_pair_list(folder / "list.tsv");
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].song, folder / "a.mp3");
  EXPECT_EQ(pairs[0].cover, folder / "covers" / "b c.mid");
  EXPECT_EQ(pairs[1].song, "/x/y.flac");
  EXPECT_EQ(pair_names(pairs), (std::vector<std::string>{"b c", "d"}));
}

TEST(PairList, FaultsAreNamed) {
  const ScratchFolder folder;
  write_file(folder / "list.tsv", std::string_view("a.mp3\tb.mid\njust one\n"));
  EXPECT_NE(failure([&] { (void)read_pair_list(folder / "list.tsv"); }).find("line 2"), std::string::npos);
  write_file(folder / "list.tsv", std::string_view("# nothing\n"));
  EXPECT_NE(failure([&] { (void)read_pair_list(folder / "list.tsv"); }).find("no pair"), std::string::npos);
  EXPECT_NE(failure([&] { (void)read_pair_list(folder / "none.tsv"); }).find("no such file"), std::string::npos);
  EXPECT_NE(failure([&] { (void)read_pair_list(folder.path()); }).find("is a folder"), std::string::npos);
  const std::vector<SongPair> twice{{"a.mp3", "x/c.mid"}, {"b.mp3", "y/c.mid"}};
  EXPECT_NE(failure([&] { (void)pair_names(twice); }).find("y/c.mid"), std::string::npos);
}

// A melody of one note a beat, C5 to G5 and back, sung alone for 16 beats of half a second.
constexpr int kBeats = 16;
int melody_pitch(int beat) { return std::array{72, 74, 76, 77, 79, 77, 76, 74}[static_cast<std::size_t>(beat % 8)]; }

std::vector<float> sung_melody() {
  return tone(0.5 * kBeats, 22050,
              [](double t) { return 440.0 * std::exp2((melody_pitch(static_cast<int>(t / 0.5)) - 69) / 12.0); });
}

Score cover_of_melody(int semitones) {
  Score score;
  for (int beat = 0; beat <= kBeats; ++beat) {
    score.grid.times.push_back(0.5 * beat);
    score.grid.numbers.push_back(beat % 4 + 1);
  }
  const auto strike = [&](int beat, int steps, int pitch, Voice voice) {
    score.notes.push_back(
        {.onset = beat * kStepsPerBeat, .duration = steps, .pitch = static_cast<std::uint8_t>(pitch), .voice = voice});
  };
  for (int beat = 0; beat < kBeats; ++beat) {
    strike(beat, kStepsPerBeat, melody_pitch(beat) + semitones, Voice::melody);
    strike(beat, kStepsPerBeat, 48, Voice::accompaniment);
  }
  return score;
}

PairRecord recorded(const std::vector<float>& sound, const Score& score, const PairDescription& pair,
                    ThreadPool& pool) {
  return pair_record(heard_song(sound, pool), score, pair, pool);
}

TEST(SongPair, TheAgreementAloneIsThatOfTheRecord) {
  ThreadPool pool(1);
  const std::vector<float> sound = sung_melody();
  const HeardSong song = heard_song(sound, pool);
  for (const int semitones : {12, 1}) {
    const Score cover = cover_of_melody(semitones);
    EXPECT_EQ(melody_agreement(song, cover), pair_record(song, cover, {.name = "c"}, pool).agreement);
  }
}

TEST(SongPair, RecordHoldsTheCoverOnTheRecordingsBeats) {
  ThreadPool pool(1);
  const PairDescription pair{
      .name = "c", .licence = "CC0-1.0", .loudness = std::vector<float>(kBeats + 1, -20.0F), .keep_sound = true};
  const PairRecord made = recorded(sung_melody(), cover_of_melody(12), pair, pool);
  const std::vector<std::byte> bytes = encode_song(made.record);
  const SongView view = decode_song(bytes, "c");
  EXPECT_EQ(view.description.song, "c");
  EXPECT_EQ(view.description.licence, "CC0-1.0");
  EXPECT_EQ(view.description.beat_times.size(), kBeats + 1U);
  ASSERT_EQ(view.description.notes.size(), 2U * kBeats);
  EXPECT_EQ(view.description.notes[0],
            (RecordNote{.onset = 0, .duration = 12, .pitch = 84, .velocity = 80, .voice = 0}));
  EXPECT_EQ(view.features.rows(), static_cast<std::size_t>(kBeats) * kStepsPerBeat + 1);
  EXPECT_NE(view.record.find(kMelodyTensor), nullptr);
  EXPECT_NE(view.record.find(kAudioTensor), nullptr);
  ASSERT_TRUE(made.agreement.has_value());
  EXPECT_GT(*made.agreement, 0.8);  // in another octave
}

TEST(SongPair, FeaturesAreOfOneLevel) {
  ThreadPool pool(1);
  std::vector<float> quiet = sung_melody();
  const PairDescription pair{.name = "c", .loudness = std::vector<float>(kBeats + 1, -20.0F)};
  const PairRecord loud = recorded(quiet, cover_of_melody(12), pair, pool);
  for (float& sample : quiet) sample *= 0x1p-10F;  // 60 dB, without rounding
  const PairRecord made = recorded(quiet, cover_of_melody(12), pair, pool);
  EXPECT_EQ(encode_song(made.record), encode_song(loud.record));
}

TEST(SongPair, NotesBehindTheRecordingAreLeftOut) {
  ThreadPool pool(1);
  Score score = cover_of_melody(0);
  for (Note& note : score.notes) note.onset += 4 * kStepsPerBeat;
  const PairRecord made = recorded(sung_melody(), score, {.name = "c"}, pool);
  EXPECT_EQ(made.record.description.notes.size(), 2U * (kBeats - 4));
  EXPECT_EQ(made.record.description.notes.back().onset, (kBeats - 1) * kStepsPerBeat);
}

TEST(SongPair, AnotherMelodyDoesNotAgree) {
  ThreadPool pool(1);
  const PairRecord made = recorded(sung_melody(), cover_of_melody(1), {.name = "c"}, pool);
  ASSERT_TRUE(made.agreement.has_value());
  EXPECT_LT(*made.agreement, 0.15);
}

TEST(SongPair, WithoutMelodyOrAccompanimentThereIsNoRecord) {
  ThreadPool pool(1);
  for (const Voice voice : {Voice::melody, Voice::accompaniment}) {
    Score score = cover_of_melody(0);
    std::erase_if(score.notes, [&](const Note& note) { return note.voice != voice; });
    EXPECT_NE(failure([&] { (void)recorded(sung_melody(), score, {.name = "c"}, pool); }).find("melody"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace pop2piano
