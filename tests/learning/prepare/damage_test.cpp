// SPDX-License-Identifier: MIT
// What a disk and other programs do to a folder of pairs: nothing is lost, and the other pairs go on.
#include <pop2piano/error.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/output_file.h"
#include "learning/prepare/folder_lock.h"
#include "learning/prepare/prepare_report.h"
#include "learning/prepare/prepare_status.h"
#include "prepared_pairs.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class DamagedPairs : public testing::PreparedPairs {
 protected:
  DamagedPairs() {
    list("one.wav\tone.mid\none.wav\tslow.mid\n");
    EXPECT_EQ(prepare("whole").done, 2U);
    name_ = pair_folders(folder_ / "whole").at(0);
  }
  // The folder as it was after the first run, and in it the first pair's.
  fs::path anew() {
    fs::remove_all(folder_ / "out");
    fs::copy(folder_ / "whole", folder_ / "out", fs::copy_options::recursive);
    return folder_ / "out" / "pairs" / name_;
  }
  fs::path pair() const { return folder_ / "out" / "pairs" / name_; }
  void expect_the_same_records() {
    EXPECT_EQ(prepare().done, 2U);
    EXPECT_EQ(records(), records("whole"));
  }
  // Of the first pair's state.
  void change_state(const std::function<void(json& stages)>& change) {
    json state = json::parse(testing::bytes_of(pair() / "state.json"));
    change(state.at("stages"));
    write_file(pair() / "state.json", state.dump());
  }

  std::string name_;
};

TEST_F(DamagedPairs, ADamagedStateIsNamedAndThePairMadeAnew) {
  const std::string whole = testing::bytes_of(folder_ / "whole" / "pairs" / name_ / "state.json");
  for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string("\0\xFF\x80\x01", 4),
                                  std::string("{\"a\": [1]}"), std::string(1'000'000, '[')}) {
    write_file(anew() / "state.json", text);
    expect_the_same_records();
    ASSERT_EQ(remarks_.size(), 1U);
    EXPECT_NE(remarks_[0].find("state.json: is damaged"), std::string::npos) << remarks_[0];
  }
}

TEST_F(DamagedPairs, FiguresOfAnotherKindAreMadeAnew) {
  const std::vector<std::function<void(json&)>> changes = {
      [](json& stages) { stages["records"]["facts"]["bytes"] = "many"; },
      [](json& stages) { stages["records"]["facts"].erase("bytes"); },
      [](json& stages) { stages["align"]["facts"] = json::array({1}); },
      [](json& stages) { stages["align"]["facts"]["gain"] = "x"; },
      [](json& stages) {
        stages["transcribe"]["facts"]["fingerprint"] = json::array({"zz", 3});
      },
      [](json& stages) { stages["transcribe"]["facts"]["fingerprint"] = 7; }};
  for (const auto& change : changes) {
    (void)anew();
    change_state(change);
    EXPECT_EQ(write_prepare_report(folder_ / "out"), 2U);
    expect_the_same_records();
  }
}

TEST_F(DamagedPairs, WhatIsInTheWayFailsItsPairOnly) {
  const std::vector<std::function<fs::path()>> places = {
      [&] { return pair() / "state.json"; }, [&] { return pair() / "alignment.json"; },
      [&] { return pair() / "quantised.mid"; }, [&] { return folder_ / "out" / "records" / (name_ + ".p2pd"); }};
  for (const auto& place : places) {
    (void)anew();
    fs::remove(place());
    fs::create_directories(place() / "mine");
    const PrepareReport report = prepare();
    EXPECT_EQ(report.done, 1U) << place();
    EXPECT_EQ(report.failed, 1U) << place();
    const PrepareStatus status = prepare_status(folder_ / "out");
    EXPECT_EQ(status.failed.contains("in the way") || status.damaged.size() == 1, true) << place();
    EXPECT_EQ(write_prepare_report(folder_ / "out"), 2U);
    EXPECT_TRUE(fs::exists(place() / "mine"));
    fs::remove_all(place());
    expect_the_same_records();
  }
}

TEST_F(DamagedPairs, AFileWhereAPairsFolderBelongsFailsThatPairOnly) {
  fs::remove_all(anew());
  write_file(pair(), std::string_view("mine"));
  EXPECT_EQ(prepare().failed, 1U);
  ASSERT_EQ(remarks_.size(), 1U);
  EXPECT_NE(remarks_[0].find("in the way"), std::string::npos);
  fs::remove(pair());
  expect_the_same_records();
}

TEST_F(DamagedPairs, AFolderThatIsCalledLockLocks) {
  fs::remove(anew() / "lock");
  fs::create_directory(pair() / "lock");
  {
    const auto lock = FolderLock::try_take(pair());
    EXPECT_TRUE(lock.has_value());
    EXPECT_EQ(prepare().busy, 1U);
  }
  expect_the_same_records();
}

TEST_F(DamagedPairs, ThePageSaysWhichFilesAreDamaged) {
  const std::string alignment = testing::bytes_of(anew() / "alignment.json");
  write_file(pair() / "alignment.json", alignment.substr(0, 50));
  EXPECT_EQ(write_prepare_report(folder_ / "out"), 2U);
  const std::string page = testing::bytes_of(folder_ / "out" / "report.html");
  EXPECT_NE(page.find("alignment.json: is damaged"), std::string::npos);
  expect_the_same_records();
}

// A process whose files may have so many bytes, as on a disk that fills up; how it ended: 0 well, 1 with an error.
int prepared_with_room(const fs::path& list, const fs::path& out, const PrepareOptions& options, rlim_t bytes) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
    int code = ::setrlimit(RLIMIT_FSIZE, &limit) == 0 ? 0 : 2;
    try {
      prepare_pairs(list, out, options, {.ended = {}, .remark = [](const std::string&) {}}, {});
    } catch (const Error& error) {
      code = error.code() == ErrorCode::write_failed ? 1 : 3;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(DamagedPairs, AFullDiskEndsTheRunAndTheNextGoesOn) {
  for (const rlim_t bytes : {100U, 1500U, 2000U, 20000U}) {
    fs::remove_all(folder_ / "out");
    EXPECT_EQ(prepared_with_room(folder_ / "list.tsv", folder_ / "out", options_, bytes), 1) << bytes;
    EXPECT_EQ(testing::part_files(folder_ / "out"), std::vector<fs::path>{}) << bytes;
    expect_the_same_records();
    EXPECT_TRUE(remarks_.empty()) << bytes;
  }
}

TEST_F(DamagedPairs, ACoverHalfAsLongMakesRecordsOfItsHalf) {
  std::vector<PlayedNote> half = testing::song_notes(1);
  std::erase_if(half, [](const PlayedNote& note) { return note.onset >= testing::kSongBars; });
  testing::write_notes(folder_ / "half.mid", half, 1.0, 2);
  list("one.wav\thalf.mid\n");
  options_.filter.least_total = options_.least_bars = 4;
  EXPECT_EQ(prepare().done, 1U) << last_state().reason;
}

}  // namespace
}  // namespace pop2piano
