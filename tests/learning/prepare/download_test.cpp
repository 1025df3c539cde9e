// SPDX-License-Identifier: MIT
// Downloads by a program that behaves as yt-dlp does: a script that says what it is told to.
#include "learning/prepare/download.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/prepare/stopped.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

class DownloadsTest : public ::testing::Test {
 protected:
  DownloadsTest() {
    options_.program = (folder_ / "fake").string();
    options_.pause = 0.0;
    options_.retries = 2;
    std::filesystem::create_directories(folder_ / "media");
  }
  // What the program does, as a script; "$last" is the address.
  void script(const std::string& body) {
    const auto file = folder_ / "fake";
    write_file(file, "#!/bin/sh\nprintf '%s\\n' \"$*\" >>" + (folder_ / "calls").string() + "\nfor last; do :; done\n" +
                         body + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  std::filesystem::path fetch(DownloadOf what = DownloadOf::song) {
    return Downloads(folder_ / "media", options_, monitor_).fetch("https://example.org/v", what);
  }
  std::string stopped(Standing standing, const std::string& kind) {
    try {
      (void)fetch();
    } catch (const Stopped& error) {
      EXPECT_EQ(error.standing(), standing);
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
    return "";
  }
  std::string calls() {
    std::ifstream in(folder_ / "calls");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::size_t call_count() {
    const std::string text = calls();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  const testing::ScratchFolder folder_;
  DownloadOptions options_;
  Monitor monitor_;
};

TEST_F(DownloadsTest, TheFileIsKeptByItsAddress) {
  script("echo sound >sound.webm");
  const std::filesystem::path file = fetch();
  EXPECT_EQ(file.filename(), "sound.webm");
  EXPECT_EQ(fetch(), file);
  EXPECT_EQ(call_count(), 1U);
  EXPECT_NE(calls().find("--match-filter duration >= 150 & duration <= 300"), std::string::npos) << calls();
  EXPECT_NE(calls().find("-- https://example.org/v\n"), std::string::npos) << calls();
  EXPECT_EQ(calls().find("--cookies"), std::string::npos);
  std::filesystem::remove(file);  // by somebody else
  EXPECT_EQ(fetch(), file);
  EXPECT_EQ(call_count(), 2U);
}

TEST_F(DownloadsTest, ADamagedNoteCountsAsNone) {
  script("echo sound >sound.webm");
  const std::filesystem::path file = fetch();
  std::size_t before = call_count();
  for (const char* text : {"", "{", "7", "{\"address\": 3}", "{\"address\": \"https://example.org/v\", \"file\": {}}",
                           "{\"address\": \"https://example.org/v\", \"file\": \"sound.webm\", \"bytes\": \"6\"}"}) {
    write_file(file.parent_path() / "download.json", std::string_view(text));
    EXPECT_EQ(fetch(), file) << text;
    EXPECT_EQ(call_count(), ++before) << text;
  }
}

TEST_F(DownloadsTest, WhatIsInTheWayIsNamed) {
  script("echo sound >sound.webm");
  const std::filesystem::path own = fetch().parent_path();
  std::filesystem::remove_all(own);
  write_file(own, std::string_view("mine"));
  EXPECT_NE(stopped(Standing::failed, kInTheWay).find(own.string()), std::string::npos);
  std::filesystem::remove(own);
  std::filesystem::create_directories(own / "download.json");
  EXPECT_NE(stopped(Standing::failed, kInTheWay).find("download.json"), std::string::npos);
  EXPECT_EQ(call_count(), 1U);
}

TEST_F(DownloadsTest, CookiesAreHandedOnAndCoversMayHaveAnyLength) {
  script("echo sound >sound.m4a");
  options_.cookies = folder_ / "cookies.txt";
  (void)fetch(DownloadOf::cover);
  EXPECT_NE(calls().find("--cookies " + (folder_ / "cookies.txt").string()), std::string::npos) << calls();
  EXPECT_EQ(calls().find("--match-filter"), std::string::npos) << calls();
}

TEST_F(DownloadsTest, WhatIsGoneIsNotAskedForAgain) {
  script("echo 'WARNING: x'; echo \"ERROR: [youtube] v: Private video. Sign in\" >&2; exit 1");
  EXPECT_NE(stopped(Standing::dropped, "gone").find("Private video"), std::string::npos);
  EXPECT_NE(stopped(Standing::dropped, "gone").find("Private video"), std::string::npos);
  EXPECT_EQ(call_count(), 1U);
}

TEST_F(DownloadsTest, WhatIsTooLongIsAskedForAgainWithOtherLimits) {
  script("echo '[download] v does not pass filter (duration >= 150), skipping ..'");
  EXPECT_NE(stopped(Standing::dropped, "length").find("does not pass filter"), std::string::npos);
  options_.longest = 900.0;
  (void)stopped(Standing::dropped, "length");
  EXPECT_EQ(call_count(), 2U);
}

TEST_F(DownloadsTest, WhatFailsForNowIsTriedAgain) {
  script(
      "if [ -e ../../../second ]; then echo sound >sound.opus; else touch ../../../second; "
      "echo 'ERROR: HTTP Error 429: Too Many Requests' >&2; exit 1; fi");
  EXPECT_EQ(fetch().filename(), "sound.opus");
  EXPECT_EQ(call_count(), 2U);
}

TEST_F(DownloadsTest, WithoutANetworkTheNextRunTriesAgain) {
  script("echo 'ERROR: Temporary failure in name resolution' >&2; exit 1");
  EXPECT_NE(stopped(Standing::failed, "download").find("name resolution"), std::string::npos);
  EXPECT_EQ(call_count(), 3U);  // two retries
  (void)stopped(Standing::failed, "download");
  EXPECT_EQ(call_count(), 6U);
  script("true");  // says that all is well, and leaves nothing
  (void)stopped(Standing::failed, "download");
}

// A network that wants a login answers every address with its page.
TEST_F(DownloadsTest, AWebPageInPlaceOfSoundIsAskedForAgainInTheNextRun) {
  script("printf '\\n<!DOCTYPE html>\\n<title>Sign in</title>' >sound.webm");
  EXPECT_NE(stopped(Standing::failed, "web page").find("login"), std::string::npos);
  EXPECT_EQ(call_count(), 1U);  // nobody logs in between retries
  script("echo 'ERROR: Unsupported URL: http://login.example.net/' >&2; exit 1");
  EXPECT_NE(stopped(Standing::failed, "web page").find("login.example.net"), std::string::npos);
  script("echo sound >sound.webm");
  EXPECT_EQ(fetch().filename(), "sound.webm");
}

TEST_F(DownloadsTest, WhatIsAWebPageInRunAfterRunIsLeftAlone) {
  script("echo '<html><body>About us</body></html>' >sound.html");
  for (int run = 1; run < 5; ++run) (void)stopped(Standing::failed, "web page");
  (void)stopped(Standing::dropped, "web page");
  EXPECT_EQ(call_count(), 5U);
  (void)stopped(Standing::dropped, "web page");
  EXPECT_EQ(call_count(), 5U);
}

TEST_F(DownloadsTest, APageThatAnEarlierProgramKeptAsSoundIsAskedForAgain) {
  script("echo sound >sound.webm");
  const std::filesystem::path file = fetch();
  write_file(file, std::string_view("<html>"));
  write_file(file.parent_path() / "download.json",
             std::string_view("{\"address\": \"https://example.org/v\", \"file\": \"sound.webm\", \"bytes\": 6}"));
  EXPECT_EQ(fetch(), file);
  EXPECT_EQ(call_count(), 2U);
  EXPECT_EQ(std::filesystem::file_size(file), 6U);  // "sound\n"
}

// MusicXML begins with "<", too.
TEST_F(DownloadsTest, AScoreIsNoWebPage) {
  script("echo '<?xml version=\"1.0\"?><!DOCTYPE score-partwise><score-partwise/>' >sound.musicxml");
  EXPECT_EQ(fetch(DownloadOf::cover).filename(), "sound.musicxml");
}

TEST_F(DownloadsTest, ThereIsAPauseBetweenDownloads) {
  script("echo sound >sound.ogg");
  options_.pause = 0.3;
  const auto begin = std::chrono::steady_clock::now();
  for (const char* address : {"https://example.org/1", "https://example.org/2", "https://example.org/3"}) {
    (void)Downloads(folder_ / "media", options_, monitor_).fetch(address, DownloadOf::song);
  }
  EXPECT_GE(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 0.6);
}

TEST_F(DownloadsTest, WithoutTheProgramNothingIsDownloaded) {
  options_.program = "no-such-downloader";
  try {
    (void)fetch();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_NE(std::string(error.what()).find("--downloader"), std::string::npos);
  }
}

}  // namespace
}  // namespace pop2piano
