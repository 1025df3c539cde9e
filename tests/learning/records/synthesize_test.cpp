// SPDX-License-Identifier: MIT
// From a corpus folder to shards; needs an installed sound font.
#include "learning/records/synthesize.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "base/core/half.h"
#include "base/core/output_file.h"
#include "learning/band/arranger.h"
#include "learning/dataset/record_set.h"
#include "learning/genres/genre.h"
#include "learning/records/beat_songs.h"
#include "learning/records/lead_sheets.h"
#include "learning/records/record_midi.h"
#include "learning/records/test_sound_font.h"
#include "learning/records/tiny_corpus.h"
#include "learning/studio/mixdown.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Synthesize : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto font = testing::test_sound_font();
    if (!font) GTEST_SKIP() << testing::kNoSoundFont;
    options_.sound_fonts = {*font};
    options_.songs_per_shard = 1;
    for (const int number : {1, 2}) testing::write_tiny_song(corpus_.path(), number, 16);
  }

  SynthesisReport run(const std::filesystem::path& out, int threads) {
    ThreadPool pool(threads);
    return synthesize_corpus(corpus_.path(), out, options_, pool);
  }

  ScratchFolder corpus_, out_;
  SynthesisOptions options_;
};

TEST_F(Synthesize, RecordsAreTheSameHoweverManyThreadsAndAreKept) {
  EXPECT_EQ(run(out_ / "one", 1).made, 2U);
  EXPECT_EQ(run(out_ / "two", 2).made, 2U);
  for (const char* name : {"pop909-v000-001-001.p2pd", "pop909-v000-002-002.p2pd"}) {
    EXPECT_TRUE(bytes_of(out_ / "one" / name) == bytes_of(out_ / "two" / name)) << name;
  }
  std::filesystem::remove(out_ / "one" / "pop909-v000-002-002.p2pd");
  const SynthesisReport again = run(out_ / "one", 1);
  EXPECT_EQ(again.present, 1U);
  EXPECT_EQ(again.made, 1U);
  options_.seed = 2;  // other records: nothing may be kept
  EXPECT_EQ(run(out_ / "one", 1).made, 2U);
}

TEST_F(Synthesize, RecordHoldsBeatsNotesAndFeaturesThatFit) {
  options_.audio = KeepAudio::flac;
  (void)run(out_.path(), 2);
  const std::filesystem::path folder = out_.path();
  const RecordSet set = RecordSet::open(std::span(&folder, 1));
  ASSERT_EQ(set.size(), 2U);
  EXPECT_TRUE(verify_records(set).empty());
  const SongView view = set.song(0);
  const SongDescription& song = view.description;
  EXPECT_LE(song.beat_times.front(), 0.0);
  EXPECT_EQ(view.features.rows(), (song.beat_times.size() - 1) * 12 + 1);
  EXPECT_EQ(view.features.columns(), 512U);
  EXPECT_FALSE(song.notes.empty());
  EXPECT_EQ(song.loudness.size(), song.beat_times.size());
  EXPECT_NE(view.record.find(kAudioTensor), nullptr);
  const auto melody = view.record.find(kLeadTensor)->as<float>(ElementType::f32);
  EXPECT_EQ(melody.size(), view.features.rows());
  const TensorView* harmony = view.record.find(kHarmonyTensor);
  ASSERT_NE(harmony, nullptr);
  EXPECT_EQ(harmony->shape, (std::vector<std::uint64_t>{(song.beat_times.size() - 1) * 4 + 1, 216}));
  // Where the piano plays, the band sounds: those frames are louder than the floor.
  float largest = -100;
  for (const std::uint16_t half : view.features.row(static_cast<std::size_t>(song.notes.front().onset) + 24)) {
    largest = std::max(largest, half_to_float(half));
  }
  EXPECT_GT(largest, -8.0F);
  const MidiFile midi = record_midi(song);
  EXPECT_EQ(timed_notes(midi).size(), song.notes.size());
  const MidiTempoMap map(midi);
  for (const MidiTempoMap::Segment& segment : map.segments()) {  // 20 to 300 a minute
    EXPECT_GE(segment.seconds_per_tick * midi.ticks_per_quarter, 0.2 - 1e-9);
    EXPECT_LE(segment.seconds_per_tick * midi.ticks_per_quarter, 3.0 + 1e-9);
  }
}

TEST_F(Synthesize, ThinSongsHaveFewPlayersAndNoDrums) {
  const auto corpus = open_corpus(corpus_.path(), {});
  const SymbolicSong song = corpus->read(1);
  std::size_t alone = 0, accompanied = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Arrangement thin = arrange(song, seed, {.thin_share = 1.0});
    EXPECT_TRUE(thin.machines.empty());
    std::size_t players = 0;
    for (const BandTrack& track : thin.band) {
      EXPECT_FALSE(track.part.instrument.percussion);
      players += track.role == Role::lead || track.role == Role::harmony ? 0 : 1;
    }
    EXPECT_LE(players, 4U);
    (players == 0 ? alone : accompanied)++;
    // The melody is the same one, whoever plays with it.
    EXPECT_EQ(thin.lead.size(), arrange(song, seed, {}).lead.size());
  }
  EXPECT_GT(alone, 2U);
  EXPECT_GT(accompanied, 30U);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

// What changes with two channels is where tracks lie and how the room sounds: without both the fold is the mono mix.
TEST_F(Synthesize, AStereoMixIsFoldedAndIsTheMonoMixWhenAllIsInTheMiddle) {
  const SymbolicSong song = open_corpus(corpus_.path(), {})->read(1);
  BandSynth synth(options_.sound_fonts);
  Arrangement mono = arrange(song, 3, {}), spread = arrange(song, 3, {.stereo_share = 1});
  ASSERT_EQ(spread.mastering.channels, 2);
  for (Arrangement* a : {&mono, &spread}) {
    a->mastering.noise_db = -200;
    a->mastering.mp3_quality = a->mastering.ogg_quality = 0;
    for (auto& track : a->band) track.strip.reverb_send_db = -90;
    for (auto& track : a->voices) track.strip.reverb_send_db = -90;
    for (auto& track : a->machines) track.strip.reverb_send_db = -90;
  }
  Arrangement middle = mono;
  middle.mastering.channels = 2;
  const auto expected = mix_down(mono, synth);
  EXPECT_LT(largest_difference(mix_down(middle, synth), expected), 2e-3);
  EXPECT_GT(largest_difference(mix_down(spread, synth), expected), 0.02);
  for (const float x : mix_down(spread, synth)) ASSERT_LE(std::abs(x), 1.0F);
}

TEST_F(Synthesize, DamagedSongsAreNamedAndLeftOut) {
  std::ofstream(corpus_.path() / "002" / "beat_midi.txt") << "x\n";
  const SynthesisReport report = run(out_.path(), 2);
  EXPECT_EQ(report.made, 1U);
  ASSERT_EQ(report.failed.size(), 1U);
  EXPECT_NE(report.failed[0].find("song 002"), std::string::npos);
}

TEST_F(Synthesize, FilesOfAnyKindBecomeRecordsAndAreKept) {
  ScratchFolder files;
  testing::write_named_midi(files / "a.mid", "Melody");
  write_file(files / "b.abc", testing::little_abc(1));
  testing::write_named_midi(files / "c.mid", "Track 7");
  options_.corpus.licence = "CC0-1.0";
  options_.songs_per_shard = 8;
  const auto run_files = [&](const std::filesystem::path& out, int threads) {
    ThreadPool pool(threads);
    return synthesize_corpus(files.path(), out, options_, pool);
  };
  const SynthesisReport report = run_files(out_ / "one", 1);
  EXPECT_EQ(report.made, 2U);
  ASSERT_EQ(report.failed.size(), 1U);
  EXPECT_NE(report.failed[0].find("no melody track"), std::string::npos);
  EXPECT_EQ(run_files(out_ / "one", 2).present, 2U);
  EXPECT_EQ(run_files(out_ / "two", 2).made, 2U);
  const std::filesystem::path one = out_ / "one", two = out_ / "two";
  const RecordSet set = RecordSet::open(std::span(&one, 1)), again = RecordSet::open(std::span(&two, 1));
  ASSERT_EQ(set.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(std::ranges::equal(set.encoded(i), again.encoded(i)));
    EXPECT_EQ(set.song(i).description.licence, "CC0-1.0");
    EXPECT_GT(set.song(i).description.notes.size(), 20U);
  }
}

TEST_F(Synthesize, ACorpusWithoutMelodiesIsOneError) {
  ScratchFolder files;
  testing::write_named_midi(files / "a.mid", "Track 1");
  testing::write_named_midi(files / "b.mid", "Track 1");
  ThreadPool pool(1);
  try {
    (void)synthesize_corpus(files.path(), out_.path(), options_, pool);
    FAIL() << "rendered songs without a melody";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("none of 2 songs"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("no melody track"), std::string::npos) << error.what();
  }
}

TEST_F(Synthesize, RefusesWhatCannotWork) {
  options_.variants = 0;
  EXPECT_THROW((void)run(out_.path(), 1), Error);
  options_.variants = 1;
  options_.thin_share = 1.5;
  EXPECT_THROW((void)run(out_.path(), 1), Error);
  options_.thin_share = 0.2;
  options_.stereo_share = -0.1;
  EXPECT_THROW((void)run(out_.path(), 1), Error);
  options_.stereo_share = 0.6;
  options_.sound_fonts = {corpus_.path() / "001" / "001.mid"};
  EXPECT_THROW((void)run(out_.path(), 1), Error);
}

TEST_F(Synthesize, PlaysTheSongsInGenresInTurn) {
  options_.genres = {"disco", "reggae"};
  EXPECT_EQ(run(out_.path(), 2).made, 2U);
  const std::filesystem::path folder = out_.path();
  const RecordSet set = RecordSet::open(std::span(&folder, 1));
  ASSERT_EQ(set.size(), 2U);
  EXPECT_EQ(set.song(0).description.extra.at(kGenreKey), "reggae");  // number 1
  EXPECT_EQ(set.song(1).description.extra.at(kGenreKey), "disco");
  EXPECT_NE(set.song(0).description.recipe.find("genres disco+reggae"), std::string::npos);
  options_.genres = {"polka"};
  EXPECT_THROW((void)run(out_ / "none", 1), Error);
}

TEST_F(Synthesize, SongsOfGenresCarryTheirBeatsAndGenre) {
  ThreadPool pool(1);
  const BeatSongOptions songs{.sound_fonts = options_.sound_fonts, .count = 2, .seed = 3, .genres = {"disco", "folk"}};
  EXPECT_EQ(write_beat_songs(out_.path(), songs, pool, {}), 2U);
  const std::filesystem::path folder = out_.path();
  const RecordSet set = RecordSet::open(std::span(&folder, 1));
  ASSERT_EQ(set.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const SongDescription& song = set.song(i).description;
    EXPECT_EQ(song.extra.at(kGenreKey), i == 0 ? "disco" : "folk");
    EXPECT_EQ(song.split, "train");
    EXPECT_GT(song.beat_times.size(), 40U);
    EXPECT_EQ(song.beat_times.size(), song.beat_numbers.size());
    EXPECT_NE(set.song(i).record.find(kAudioTensor), nullptr);
  }
  EXPECT_EQ(write_beat_songs(out_.path(), songs, pool, {}), 0U);  // the shard is there
  BeatSongOptions wrong = songs;
  wrong.genres = {"polka"};
  EXPECT_THROW((void)write_beat_songs(out_ / "none", wrong, pool, {}), Error);
}

TEST_F(Synthesize, SongsOfMetresArePlayedByWhoIsAskedFor) {
  ThreadPool pool(1);
  const BeatSongOptions songs{
      .sound_fonts = options_.sound_fonts, .count = 2, .seed = 3, .players = players_named("voice alone")};
  EXPECT_EQ(write_beat_songs(out_.path(), songs, pool, {}), 2U);
  const std::filesystem::path folder = out_.path();
  const RecordSet set = RecordSet::open(std::span(&folder, 1));
  ASSERT_EQ(set.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NE(set.song(i).description.extra.at("x.arrangement").find("voice alone"), std::string::npos);
  }
  EXPECT_EQ(players_named("kazoo"), std::nullopt);
  EXPECT_EQ(players_named(""), std::nullopt);
  EXPECT_NE(players_names().find("drums alone, accompaniment"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano
