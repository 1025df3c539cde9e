// SPDX-License-Identifier: MIT
// `pop2piano evaluate set` on MIDI files of every kind, and on songs, melodies and covers that cannot be measured: each
// gives figures, "undefined" or one clear error, and the rest of the set goes on.
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

std::string header(std::uint32_t format, std::uint32_t tracks, std::uint32_t division, std::uint32_t length = 6) {
  return "MThd" + big_endian(length, 4) + big_endian(format, 2) + big_endian(tracks, 2) + big_endian(division, 2);
}

std::string track(const std::string& events, std::uint32_t length = 0) {
  return "MTrk" + big_endian(length > 0 ? length : static_cast<std::uint32_t>(events.size()), 4) + events;
}

const std::string kEnd("\0\xff\x2f\0", 4);

struct Writing {
  bool running_status = false, note_offs = true, sysex = false;
};

// Forty notes of different lengths.
std::string notes(const Writing& how = {}) {
  std::string events;
  if (how.sysex) events += std::string("\0\xf0\x05\x7e\x7f\x09\x01\xf7", 8);
  for (int i = 0; i < 40; ++i) {
    const char delta = static_cast<char>(i % 3 == 0 ? 120 : 60), pitch = static_cast<char>(60 + i % 8);
    events += delta;
    if (!how.running_status || i == 0) events += '\x90';
    events += {pitch, 80};
    if (how.sysex && i % 8 == 0) events += std::string("\0\xf0\x03\x01\x02\xf7", 6);
    if (!how.note_offs) continue;
    events += static_cast<char>(60);
    if (!how.running_status) events += '\x90';
    events += {pitch, 0};
  }
  return events + kEnd;
}

class EvaluateBadInput : public ::testing::Test {
 protected:
  // Exit code and the document that is printed.
  std::pair<int, json> set_of(const std::string& rows) {
    write_file(folder_ / "set.tsv", "song\tcover\tmelody\n" + rows);
    const Outcome outcome =
        run_program({"evaluate", "set", "set.tsv", "--json", "--threads", "2"}, {.working_folder = folder_.path()});
    last_error_ = outcome.err;
    return {outcome.exit_code, json::parse(outcome.out.substr(0, outcome.out.find('\n')))};
  }

  const ScratchFolder folder_;
  std::string last_error_;
};

TEST_F(EvaluateBadInput, MidiOfEveryKindIsMeasured) {
  const std::map<std::string, std::string> files = {
      {"format0", header(0, 1, 120) + track(notes())},
      {"format1", header(1, 2, 120) + track(kEnd) + track(notes())},
      {"format2", header(2, 2, 120) + track(notes()) + track(notes())},
      {"running", header(0, 1, 120) + track(notes({.running_status = true}))},
      {"no_offs", header(0, 1, 120) + track(notes({.note_offs = false}))},
      {"smpte", header(0, 1, 0xE728) + track(notes())},  // 25 frames of 40 ticks
      {"two_gigabytes", header(0, 1, 120) + track(notes(), 0x7FFFFFFF)},
      {"truncated", (header(0, 1, 120) + track(notes())).substr(0, 200)},
      {"sysex", header(0, 1, 120) + track(notes({.sysex = true}))},
      {"no_division", header(0, 1, 0) + track(notes())},
      {"more_tracks_said", header(1, 0xFFFF, 120) + track(notes())},
  };
  std::string rows;
  for (const auto& [name, bytes] : files) {
    write_file(folder_ / (name + ".mid"), bytes);
    rows += "\t" + name + ".mid\t\n";
  }
  const auto [code, found] = set_of(rows);
  EXPECT_EQ(code, 0) << last_error_;
  ASSERT_EQ(found.at("songs").size(), files.size());
  for (const json& cover : found.at("songs")) {
    EXPECT_FALSE(cover.contains("error")) << cover;
    EXPECT_TRUE(cover.at("notes_per_second").is_number()) << cover;
    EXPECT_TRUE(cover.at("lowest_pitch") == 60.0) << cover;
  }
}

TEST_F(EvaluateBadInput, WhatIsNoMidiIsAnErrorOfThatCover) {
  const std::map<std::string, std::string> files = {
      {"empty", ""},
      {"text", "hello\n"},
  };
  std::string rows = "\tgood.mid\t\n";
  write_file(folder_ / "good.mid", header(0, 1, 120) + track(notes()));
  for (const auto& [name, bytes] : files) {
    write_file(folder_ / (name + ".mid"), bytes);
    rows += "\t" + name + ".mid\t\n";
  }
  const auto [code, found] = set_of(rows + "\tmissing.mid\t\n");
  EXPECT_EQ(code, 1);
  EXPECT_EQ(found.at("failed"), files.size() + 1);
  EXPECT_NE(last_error_.find("3 of 4 covers could not be measured"), std::string::npos) << last_error_;
  EXPECT_TRUE(found.at("songs")[0].at("rgc").is_number());
  for (std::size_t i = 1; i < found.at("songs").size(); ++i) {
    const json& cover = found.at("songs")[i];
    const auto error = cover.at("error").get<std::string>();
    EXPECT_NE(error.find(cover.at("cover").get<std::string>()), std::string::npos) << error;
    EXPECT_TRUE(cover.at("rgc").is_null());
  }
}

TEST_F(EvaluateBadInput, SilentShortAndBrokenSongsDoNotStopTheOthers) {
  write_file(folder_ / "good.mid", header(0, 1, 120) + track(notes()));
  write_file(folder_ / "without_notes.mid", header(0, 1, 120) + track(kEnd));
  write_file(folder_ / "long_header.mid", header(0, 1, 120, 0x7FFFFFFF) + track(notes()));
  write_float_wav(folder_ / "song.wav", simple_song(20.0, 120.0), 22050, 1);
  write_float_wav(folder_ / "silent.wav", std::vector<float>(22050 * 20, 0.0F), 22050, 1);
  write_float_wav(folder_ / "short.wav", std::vector<float>(500, 0.1F), 22050, 1);
  write_file(folder_ / "text.wav", "no sound");
  write_file(folder_ / "back.tsv", "0\t1\t60\n3\t2\t62\n");
  write_file(folder_ / "words.tsv", "a\tb\tc\td\nx\ty\tz\tw\n");
  const auto [code, found] = set_of(
      "song.wav\tgood.mid\t\nsong.wav\twithout_notes.mid\t\nsilent.wav\tgood.mid\t\nshort.wav\tgood.mid\t\n"
      "song.wav\tsilent.wav\t\ntext.wav\tgood.mid\t\nsong.wav\tgood.mid\tback.tsv\nsong.wav\tgood.mid\twords.tsv\n"
      "song.wav\tlong_header.mid\t\n");
  EXPECT_EQ(code, 1);
  EXPECT_EQ(found.at("failed"), 3);
  const json& songs = found.at("songs");
  EXPECT_TRUE(songs[0].at("qmax").is_number());
  EXPECT_EQ(songs[1].at("undefined").at("mca"), "the cover has no notes");
  EXPECT_TRUE(songs[1].at("qmax").is_null());
  for (const char* name : {"qmax", "chord_majmin", "wpd", "onset_correlation", "offset_ms"}) {
    EXPECT_EQ(songs[2].at("undefined").at(name), "the song is silent") << name;
    EXPECT_EQ(songs[4].at("undefined").at(name), "the cover is silent") << name;
  }
  EXPECT_TRUE(songs[3].at("qmax").is_null());
  EXPECT_FALSE(songs[3].contains("error"));
  EXPECT_EQ(songs[8].at("undefined").at("rgc"), "the cover has no notes");
  EXPECT_NE(songs[8].at("remarks")[0].get<std::string>().find("expected 1 tracks, found 0"), std::string::npos);
  EXPECT_NE(songs[5].at("error").get<std::string>().find("text.wav"), std::string::npos);
  EXPECT_NE(songs[6].at("error").get<std::string>().find("back.tsv, line 2"), std::string::npos);
  EXPECT_NE(songs[7].at("error").get<std::string>().find("words.tsv"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano::testing
