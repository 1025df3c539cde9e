// SPDX-License-Identifier: MIT
// Pairs through all stages: what comes out, what is done again, and that a run may be killed.
#include "learning/prepare/prepare.h"

#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "learning/dataset/record_set.h"
#include "learning/prepare/folder_lock.h"
#include "learning/prepare/pair_folders.h"
#include "learning/prepare/prepare_report.h"
#include "learning/prepare/prepare_status.h"
#include "learning/records/test_sound_font.h"
#include "prepared_pairs.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of;
using testing::PreparedPairs;

// Of a record's notes: how many have the song's key and lie where the song has them.
double share_of_the_song(const SongDescription& record) {
  const auto truth = testing::song_notes(1);
  std::size_t right = 0;
  for (const RecordNote& note : record.notes) {
    const auto beat = static_cast<std::size_t>(note.onset / kStepsPerBeat);
    const auto& times = record.beat_times;
    const double time = times[beat] + (times[beat + 1] - times[beat]) * (note.onset % kStepsPerBeat) / kStepsPerBeat;
    right += std::ranges::any_of(truth, [&](const PlayedNote& own) {
      return std::abs(own.onset - time) < 0.1 && static_cast<int>(own.pitch) == note.pitch;
    });
  }
  return static_cast<double>(right) / static_cast<double>(record.notes.size());
}

TEST_F(PreparedPairs, ACoverInAnotherTimeAndKeyBecomesARecordOfTheSong) {
  list("song\tcover\ttitle\tarranger\tlicence\none.wav\tslow.mid\tOne\tAnna\tCC0-1.0\n");
  const PrepareReport report = prepare();
  ASSERT_EQ(report.done, 1U) << last_state().reason;
  const std::vector<fs::path> folders = {folder_ / "out" / "records"};
  const RecordSet set = RecordSet::open(folders);
  ASSERT_EQ(set.size(), 1U);
  const SongView song = set.song(0);
  EXPECT_EQ(song.description.style, "Anna");
  EXPECT_EQ(song.description.licence, "CC0-1.0");
  EXPECT_EQ(song.description.extra.at("x.title"), "One");
  EXPECT_GT(song.description.notes.size(), 100U);
  EXPECT_GT(share_of_the_song(song.description), 0.9);
  const fs::path own = folder_ / "out" / "pairs" / pair_folders(folder_ / "out").at(0);
  EXPECT_TRUE(fs::exists(own / "quantised.mid"));
  EXPECT_TRUE(fs::exists(own / "published.mid"));
}

// Those of slow.mid, each exactly when it comes: a score of it would have its notes on the beats of 120 a minute.
std::vector<TimedEvent> slow_events() {
  std::vector<TimedEvent> events;
  for (const PlayedNote& note : testing::song_notes(1)) {
    const auto pitch = static_cast<std::uint8_t>(note.pitch + 3.0);
    events.push_back({1.08 * note.onset, 0x90, pitch, static_cast<std::uint8_t>(note.velocity)});
    events.push_back({1.08 * note.offset, 0x80, pitch, 0});
  }
  std::ranges::stable_sort(events, {}, &TimedEvent::seconds);
  return events;
}

TEST_F(PreparedPairs, ARecordedCoverIsTranscribedAndBecomesARecordOfTheSong) {
  const auto font = testing::test_sound_font();
  if (!font) GTEST_SKIP() << testing::kNoSoundFont;
  render_wav(slow_events(), folder_ / "slow.wav", {.soundfont = *font, .threads = 1});
  list("one.wav\tslow.wav\n");
  ASSERT_EQ(prepare().done, 1U) << last_state().reason;
  const std::string name = pair_folders(folder_ / "out").at(0);
  const StageState heard = load_state(folder_ / "out" / "pairs" / name).state.stages.at(Stage::transcribe);
  EXPECT_TRUE(heard.facts.at("transcribed").get<bool>());
  // Loud chords gain some notes that were not played.
  const double played = static_cast<double>(testing::song_notes(1).size());
  EXPECT_NEAR(heard.facts.at("notes").get<double>(), played, 0.15 * played);
  const auto aligned = load_state(folder_ / "out" / "pairs" / name).state.stages.at(Stage::align);
  EXPECT_EQ(aligned.facts.at("transposition").get<int>(), -3);
  const std::vector<fs::path> folders = {folder_ / "out" / "records"};
  const RecordSet set = RecordSet::open(folders);
  ASSERT_EQ(set.size(), 1U);
  const SongView song = set.song(0);
  EXPECT_GT(song.description.notes.size(), 100U);
  EXPECT_GT(share_of_the_song(song.description), 0.75);
}

TEST_F(PreparedPairs, OnlyWhatChangedIsMadeAgain) {
  list("one.wav\tone.mid\n");
  ASSERT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_.size(), kStageNames.size());
  const auto before = records();
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_, std::vector<std::string>{});
  options_.filter.most_density = 1.0;
  EXPECT_EQ(prepare().dropped, 1U);
  EXPECT_EQ(ran_, std::vector<std::string>{"one filter"});
  EXPECT_TRUE(records().empty());
  EXPECT_NE(last_state().reason.find("--most-density"), std::string::npos);
  options_.filter.most_density = 25.0;
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_, (std::vector<std::string>{"one filter", "one records"}));
  EXPECT_EQ(records(), before);
  options_.least_bars = 4;  // nothing else comes of it: no later stage is made again
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_, std::vector<std::string>{"one quantise"});
  const fs::path own = folder_ / "out" / "pairs" / pair_folders(folder_ / "out").at(0);
  write_file(own / "parts.json", "{}");
  write_file(own / "state.json.other", "{}");
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_, std::vector<std::string>{"one quantise"});
  write_file(own / "state.json", "{");
  EXPECT_EQ(prepare().done, 1U);
  ASSERT_EQ(remarks_.size(), 1U);
  EXPECT_NE(remarks_[0].find("state.json: is damaged"), std::string::npos);
  EXPECT_EQ(records(), before);
}

TEST_F(PreparedPairs, EveryPairThatDoesNotGoOnHasAReason) {
  testing::write_song(folder_ / "other.wav", 77);
  testing::write_float_wav(folder_ / "silent.wav", std::vector<float>(441000, 0.0F), 22050, 1);
  testing::write_float_wav(folder_ / "short.wav", std::vector<float>(22050, 0.1F), 22050, 1);
  write_file(folder_ / "page.html", std::string_view("<!doctype html><title>Sign in</title>"));
  write_file(folder_ / "empty.mid", std::string_view(""));
  testing::write_float_wav(folder_ / "stream.wav", std::vector<float>(7'200'000, 0.1F), 1000, 1);
  list(
      "one.wav\tmissing.mid\npage.html\tone.mid\nsilent.wav\tone.mid\nshort.wav\tone.mid\none.wav\tempty.mid\n"
      "one.wav\tother.wav\none.wav\tpage.html\nstream.wav\tone.mid\none.wav\tsilent.wav\njust one field\n");
  const PrepareReport report = prepare();
  EXPECT_EQ(report.done, 0U);
  EXPECT_EQ(report.dropped, 8U);
  EXPECT_EQ(report.failed, 1U);
  EXPECT_EQ(report.lines_left_out, 1U);
  std::map<std::string, std::string> kinds;
  for (const std::string& name : pair_folders(folder_ / "out")) {
    const PairState state = load_state(folder_ / "out" / "pairs" / name).state;
    const StageState* last = last_of(state);
    ASSERT_NE(last, nullptr);
    EXPECT_FALSE(last->reason.empty());
    kinds[fs::path(state.song).filename().string() + " " + fs::path(state.cover).filename().string()] = last->kind;
  }
  EXPECT_EQ(kinds["one.wav missing.mid"], "missing file");
  EXPECT_EQ(kinds["page.html one.mid"], "no sound");
  EXPECT_EQ(kinds["silent.wav one.mid"], "not usable");
  EXPECT_EQ(kinds["short.wav one.mid"], "length");
  EXPECT_EQ(kinds["one.wav empty.mid"], "not usable");
  EXPECT_EQ(kinds["one.wav other.wav"], "another song");
  EXPECT_EQ(kinds["one.wav page.html"], "no sound");
  EXPECT_EQ(kinds["stream.wav one.mid"], "length");
  EXPECT_EQ(kinds["one.wav silent.wav"], "no notes");
  const PrepareStatus status = prepare_status(folder_ / "out");
  EXPECT_EQ(status.pairs, 9U);
  EXPECT_EQ(status.dropped.at("no sound"), 2U);
  EXPECT_EQ(status.failed.at("missing file"), 1U);
  EXPECT_EQ(write_prepare_report(folder_ / "out"), 9U);
  EXPECT_THROW((void)prepare_status(folder_ / "none"), Error);
}

TEST_F(PreparedPairs, BeatsThatAreMissingAreAReasonUntilTheyAreThere) {
  list("song\tcover\tbeats\none.wav\tone.mid\tone.beats\n");
  options_.last = Stage::align;
  EXPECT_EQ(prepare().dropped, 1U);
  EXPECT_NE(last_state().reason.find("one.beats"), std::string::npos) << last_state().reason;
  std::string beats;
  for (int k = 0; k < 4 * testing::kSongBars; ++k) beats += std::to_string(0.5 * k) + "\n";
  write_file(folder_ / "one.beats", beats);
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(ran_, std::vector<std::string>{"one align"});
  EXPECT_NEAR(last_state().facts.at("tempo").get<double>(), 120.0, 0.01);
}

TEST_F(PreparedPairs, ACoverOfAnotherSongIsDropped) {
  testing::write_cover(folder_ / "two.mid", 2);
  list("one.wav\ttwo.mid\n");
  options_.filter.least_agreement = 0.4;
  EXPECT_EQ(prepare().dropped, 1U);
}

// With the limits that there are unless others are wished for.
TEST_F(PreparedPairs, AGoodPairPassesAndEachKindOfBadOneIsDroppedWithItsReason) {
  options_.filter = {};
  const std::vector<PlayedNote> own = testing::song_notes(1), other = testing::song_notes(2);
  std::vector<PlayedNote> few, part, twice = own;
  const double change = 0.68 * own.back().onset;
  std::ranges::copy_if(own, std::back_inserter(few), [](const PlayedNote& note) { return note.onset < 10.0; });
  for (const PlayedNote& note : own) {
    if (note.onset < change) part.push_back(note);
    for (const double higher : {-12.0, -1.0, 12.0}) {
      twice.push_back({note.onset, note.offset, note.pitch + higher, note.velocity});
    }
  }
  for (const PlayedNote& note : other) {
    if (note.onset >= change) part.push_back({note.onset, note.offset, note.pitch + 6.0, note.velocity});
  }
  testing::write_notes(folder_ / "few.mid", few);
  testing::write_notes(folder_ / "part.mid", part);
  testing::write_notes(folder_ / "twice.mid", sorted_by_onset(twice));
  testing::write_cover(folder_ / "two.mid", 2);
  testing::write_cover(folder_ / "high.mid", 1, 1.0, 3);
  testing::write_cover(folder_ / "fast.mid", 1, 0.3);
  Random random(1);
  std::vector<float> noise(441000);
  for (float& sample : noise) sample = static_cast<float>(0.1 * random.normal());
  testing::write_float_wav(folder_ / "noise.wav", noise, 22050, 1);
  list(
      "song\tcover\tkey\none.wav\tslow.mid\t\none.wav\tfew.mid\t\none.wav\tpart.mid\t\none.wav\ttwice.mid\t\n"
      "one.wav\ttwo.mid\t\none.wav\thigh.mid\t0\none.wav\tfast.mid\t\none.wav\tnoise.wav\t\n");
  EXPECT_EQ(prepare().done, 1U);
  std::map<std::string, std::string> reasons;
  for (const std::string& name : pair_folders(folder_ / "out")) {
    const PairState state = load_state(folder_ / "out" / "pairs" / name).state;
    reasons[fs::path(state.cover).filename().string()] = last_of(state)->kind + ": " + last_of(state)->reason;
  }
  const std::map<std::string, std::string> expected = {{"few.mid", "too few bars"},
                                                       {"part.mid", "share"},
                                                       {"twice.mid", "density"},
                                                       {"two.mid", "another song"},
                                                       {"high.mid", "melody"},
                                                       {"fast.mid", "another song"},
                                                       {"slow.mid", ""},
                                                       {"noise.wav", "not a piano"}};
  ASSERT_EQ(reasons.size(), expected.size());
  for (const auto& [cover, kind] : expected) {
    EXPECT_TRUE(reasons[cover].starts_with(kind)) << cover << " -> " << reasons[cover];
    EXPECT_EQ(reasons[cover].size() > 2, !kind.empty()) << cover << " -> " << reasons[cover];
  }
}

// However much of it seems to lie somewhere in the song.
TEST_F(PreparedPairs, ACoverOfWhichAThirdIsAnotherSongIsDropped) {
  const std::vector<PlayedNote> own = testing::song_notes(1), other = testing::song_notes(2);
  const double change = 0.6 * own.back().onset;
  std::vector<PlayedNote> part;
  for (const PlayedNote& note : own) {
    if (note.onset < change) part.push_back(note);
  }
  for (const PlayedNote& note : other) {
    if (note.onset >= change) part.push_back({note.onset, note.offset, note.pitch + 6.0, note.velocity});
  }
  testing::write_notes(folder_ / "part.mid", part);
  list("one.wav\tpart.mid\n");
  options_.filter.least_share = 0.0, options_.filter.least_total = 0;
  EXPECT_EQ(prepare().dropped, 1U);
  EXPECT_EQ(last_state().kind, "part of another song") << last_state().reason;
  options_.filter.least_third = 0.0;
  EXPECT_EQ(prepare().done, 1U) << last_state().reason;
}

TEST_F(PreparedPairs, OfTheSamePerformanceOneStays) {
  fs::create_directories(folder_ / "b");
  fs::copy_file(folder_ / "one.mid", folder_ / "b" / "again.mid");
  list("one.wav\tone.mid\none.wav\tb/again.mid\n");
  const PrepareReport report = prepare();
  EXPECT_EQ(report.done, 1U);
  EXPECT_EQ(report.dropped, 1U);
  const auto kept = records();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_TRUE(kept.begin()->first.starts_with("again-"));  // the first by name, in whatever order they came
  fs::remove_all(folder_ / "out" / "pairs" / kept.begin()->first.substr(0, kept.begin()->first.size() - 5));
  fs::remove(folder_ / "out" / "records" / kept.begin()->first);
  list("one.wav\tone.mid\n");
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_TRUE(records().begin()->first.starts_with("one-"));
}

TEST_F(PreparedPairs, PartsMakeTheWholeAndABusyPairIsLeftAlone) {
  list("one.wav\tone.mid\none.wav\tslow.mid\n");
  options_.last = Stage::transcribe;
  options_.parts = 2;
  std::size_t done = 0;
  for (options_.part = 1; options_.part <= 2; ++options_.part) done += prepare().done;
  EXPECT_EQ(done, 2U);
  options_.part = options_.parts = 1;
  const auto lock = FolderLock::try_take(folder_ / "out" / "pairs" / pair_folders(folder_ / "out").at(0));
  ASSERT_TRUE(lock.has_value());
  const PrepareReport report = prepare();
  EXPECT_EQ(report.busy, 1U);
  EXPECT_EQ(report.done, 1U);
  options_.part = 3;
  EXPECT_THROW(prepare(), Error);
}

TEST_F(PreparedPairs, ThePageShowsTitlesAsText) {
  list("song\tcover\ttitle\none.wav\tone.mid\t</script><b>&\"x\n");
  ASSERT_EQ(prepare().done, 1U);
  EXPECT_EQ(write_prepare_report(folder_ / "out"), 1U);
  const std::string page = bytes_of(folder_ / "out" / "report.html");
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script>"), std::string::npos);
  const std::string details = bytes_of(folder_ / "out" / "pairs" / pair_folders(folder_ / "out").at(0) / "page.js");
  EXPECT_TRUE(details.starts_with("show(\"one-")) << details.substr(0, 40);
  EXPECT_NE(details.find("\"notes\":[["), std::string::npos);
}

// A process that prepares and is killed after so many microseconds; whether it had ended before.
bool prepared_until(const fs::path& list, const fs::path& out, const PrepareOptions& options, unsigned microseconds) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    int code = 0;
    try {
      prepare_pairs(list, out, options, {.ended = {}, .remark = [](const std::string&) {}}, {});
    } catch (const std::exception&) {
      code = 1;
    }
    ::_exit(code);
  }
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status);
}

TEST_F(PreparedPairs, AKilledRunGoesOn) {
  list("one.wav\tone.mid\none.wav\tslow.mid\n");
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(prepare("whole").done, 2U);
  const double whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const char* wished = std::getenv("POP2PIANO_KILLS");
  const int kills = wished == nullptr ? 6 : std::atoi(wished);
  Random random(9);
  int killed = 0;
  while (killed < kills) {
    // Of runs that end, the folder is emptied, so that every kill hits work.
    const auto wait = static_cast<unsigned>(1e6 * whole * random.uniform(0.0, 0.9));
    if (prepared_until(folder_ / "list.tsv", folder_ / "out", options_, wait)) {
      EXPECT_EQ(records(), records("whole"));
      fs::remove_all(folder_ / "out");
    } else {
      ++killed;
    }
  }
  EXPECT_EQ(prepare().done, 2U);
  EXPECT_EQ(records(), records("whole"));
  EXPECT_EQ(testing::part_files(folder_ / "out"), std::vector<fs::path>{});
}

TEST_F(PreparedPairs, WhatAKilledRunLeftHalfWrittenIsRemoved) {
  list("one.wav\tone.mid\n");
  ASSERT_EQ(prepare().done, 1U);
  const fs::path own = folder_ / "out" / "pairs" / pair_folders(folder_ / "out").at(0);
  const ::pid_t child = ::fork();
  if (child == 0) {  // a file that is never committed
    OutputFile file(own / "state.json"), notes(own / "quantised.mid");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(testing::part_files(folder_ / "out").size(), 2U);
  EXPECT_EQ(prepare().done, 1U);
  EXPECT_EQ(testing::part_files(folder_ / "out"), std::vector<fs::path>{});
}

}  // namespace
}  // namespace pop2piano
