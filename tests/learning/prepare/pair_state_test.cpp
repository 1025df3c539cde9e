// SPDX-License-Identifier: MIT
// States of pairs, locks and fingerprints.
#include "learning/prepare/pair_state.h"

#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/prepare/fingerprint.h"
#include "learning/prepare/folder_lock.h"
#include "scratch_folder.h"
#include "small_pair.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

TEST(PairState, ComesBackAsItWas) {
  const ScratchFolder folder;
  PairState state{.song = "s", .cover = "c \xFF", .title = "t", .arranger = "a", .stages = {}};
  state.stages[Stage::download] = {.standing = Standing::done,
                                   .inputs = "1",
                                   .result = "2",
                                   .seconds = 0.5,
                                   .program = "0.2.0",
                                   .facts = {{"seconds", 3.25}},
                                   .files = {{"cover.mid", "77"}}};
  state.stages[Stage::align] = {.standing = Standing::dropped, .kind = "share", .reason = "why"};
  save_state(state, folder.path());
  const LoadedState loaded = load_state(folder.path());
  EXPECT_EQ(loaded.problem, "");
  ASSERT_EQ(loaded.state.stages.size(), 2U);
  const StageState& download = loaded.state.stages.at(Stage::download);
  EXPECT_EQ(download.standing, Standing::done);
  EXPECT_EQ(download.facts.at("seconds"), 3.25);
  EXPECT_EQ(download.files.at("cover.mid"), "77");
  Stage last{};
  EXPECT_EQ(last_of(loaded.state, &last)->kind, "share");
  EXPECT_EQ(last, Stage::align);
}

TEST(PairState, TheSameOutcomeMayTakeAnotherTime) {
  const StageState state{.standing = Standing::failed, .inputs = "1", .seconds = 0.5, .kind = "k", .reason = "r"};
  StageState other = state;
  other.seconds = 0.7;
  EXPECT_TRUE(same_outcome(state, other));
  other.reason = "s";
  EXPECT_FALSE(same_outcome(state, other));
  other = state, other.facts["a"] = 1;
  EXPECT_FALSE(same_outcome(state, other));
}

TEST(PairState, ADamagedFileCountsAsNoneAndIsNamed) {
  const ScratchFolder folder;
  EXPECT_EQ(load_state(folder.path()).problem, "");
  for (const char* text :
       {"", "{", "[]", "{\"format\": 7}", "{\"format\": \"pop2piano.prepare/1\"}",
        "{\"format\": \"pop2piano.prepare/1\", \"song\": \"\", \"cover\": \"\", \"stages\": "
        "{\"align\": {\"state\": \"perhaps\", \"inputs\": \"\", \"seconds\": 0, \"program\": \"\"}}}"}) {
    write_file(folder / "state.json", std::string_view(text));
    const LoadedState loaded = load_state(folder.path());
    EXPECT_NE(loaded.problem.find("state.json: is damaged"), std::string::npos) << text;
    EXPECT_TRUE(loaded.state.stages.empty()) << text;
  }
}

TEST(FolderLock, IsForOne) {
  const ScratchFolder folder;
  {
    const auto first = FolderLock::try_take(folder.path());
    EXPECT_TRUE(first.has_value());
    EXPECT_FALSE(FolderLock::try_take(folder.path()).has_value());
  }
  EXPECT_TRUE(FolderLock::try_take(folder.path()).has_value());
  EXPECT_ANY_THROW((void)FolderLock::try_take(folder / "none"));
}

TEST(Fingerprint, KnowsAPerformanceAndNothingElse) {
  const auto song = testing::song_notes(1);
  std::vector<PlayedNote> again = song;
  for (std::size_t k = 0; k < again.size(); ++k) {  // as another coding would be transcribed
    again[k].onset = 1.01 * again[k].onset + 3.0;
    again[k].velocity = 50;
    if (k % 60 == 59) again[k].pitch += 12;
  }
  const auto first = fingerprint_of(song);
  EXPECT_EQ(first.size(), kFingerprintSize);
  EXPECT_GE(hashes_in_common(first, fingerprint_of(again)), kSamePerformance);
  EXPECT_LT(hashes_in_common(first, fingerprint_of(testing::song_notes(2))), kSamePerformance / 4);
  EXPECT_TRUE(fingerprint_of({}).empty());
}

}  // namespace
}  // namespace pop2piano
