// SPDX-License-Identifier: MIT
#include "listening/rhythm/beats_file.h"

#include <pop2piano/error.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace pop2piano {
namespace {

void expect_error(const std::string& text, ErrorCode code, const std::string& part) {
  try {
    (void)read_beats(text, "own.txt");
    FAIL() << "no error for: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST(BeatsFile, CountsBarsWhereNoNumberIsGiven) {
  const BeatGrid grid = read_beats("0.5\n1.0\n\n1.5 # third\n2.25", "own.txt", 3);
  EXPECT_EQ(grid.times, (std::vector<double>{0.5, 1.0, 1.5, 2.25}));
  EXPECT_EQ(grid.numbers, (std::vector<int>{1, 2, 3, 1}));
  EXPECT_EQ(grid.beats_per_bar, 3);
  EXPECT_TRUE(grid.confidence.empty());
}

TEST(BeatsFile, KeepsNumbersAndFindsTheMetre) {
  const BeatGrid grid =
      read_beats("\xEF\xBB\xBF# time\tbeat\r\n0,3\r\n1;1\r\n2\t2\r\n3 3\r\n4 1\r\n5 2\r\n6 3\r\n7 1\r\n", "own.txt");
  EXPECT_EQ(grid.numbers, (std::vector<int>{3, 1, 2, 3, 1, 2, 3, 1}));
  EXPECT_EQ(grid.beats_per_bar, 3);
}

TEST(BeatsFile, ReadsWhatOtherProgramsWrite) {
  const std::vector<double> times = {0.5, 1.0, 1.5};
  EXPECT_EQ(read_beats("TIME,LABEL\n0.5,\"1\"\n1,\"2\"\n1.5,\"1\"\n", "own.csv").numbers, (std::vector<int>{1, 2, 1}));
  EXPECT_EQ(read_beats("0.5\r1\r1.5\r", "old.txt").times, times);
  const std::string wide(
      "\xFF\xFE"
      "0\0.\0"
      "5\0\r\0\n\0"
      "1\0\r\0\n\0"
      "1\0.\0"
      "5\0",
      24);
  EXPECT_EQ(read_beats(wide, "wide.txt").times, times);
  expect_error(std::string("\xFF\xFE"
                           "0",
                           3),
               ErrorCode::malformed, "UTF-16");
  expect_error("nan\n1\n2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5\ntime\n1\n", ErrorCode::malformed, "line 2");
}

TEST(BeatsFile, NamesTheLineThatIsWrong) {
  expect_error("0.5\nabc\n", ErrorCode::malformed, "own.txt: line 2: ");
  expect_error("0.5\n1.0x\n", ErrorCode::malformed, "line 2");
  expect_error("0.5\nnan\n", ErrorCode::malformed, "line 2");
  expect_error("0.5\ninf\n", ErrorCode::malformed, "line 2");
  expect_error("0.5 1 7\n", ErrorCode::malformed, "line 1");
  expect_error("0.5 0\n1 1\n", ErrorCode::malformed, "line 1");
  expect_error("0.5 1.5\n1 2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5 1\n1\n", ErrorCode::malformed, "line 2");
  expect_error("0.5\n1 2\n", ErrorCode::malformed, "line 2");
  expect_error("# head\n0.5\n0.5\n", ErrorCode::malformed, "line 3");
  expect_error("2\n1\n", ErrorCode::malformed, "line 2");
  expect_error("1e300\n", ErrorCode::malformed, "line 1");
}

TEST(BeatsFile, ReadsLabelsOfAudacity) {
  const BeatGrid grid = read_beats("0.500000\t0.500000\t1.3\n1.0\t1.0\t2.1\n1.5\t1.5\t2.2\n", "labels.txt");
  EXPECT_EQ(grid.times, (std::vector<double>{0.5, 1.0, 1.5}));
  EXPECT_EQ(grid.numbers, (std::vector<int>{3, 1, 2}));
  expect_error("0.5\t0.5\tverse\n1\t1\t1.2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5\t0.4\t1.1\n1\t1\t1.2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5\t0.5\t1.x\n1\t1\t1.2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5\t0.5\t1.0\n1\t1\t1.2\n", ErrorCode::malformed, "line 1");
  expect_error("0.5\t0.5\t1.1\n1\n", ErrorCode::malformed, "line 2");
}

TEST(BeatsFile, NeedsTwoBeats) {
  expect_error("", ErrorCode::nothing_found, "own.txt");
  expect_error("# nothing\n\n", ErrorCode::nothing_found, "found 0");
  expect_error("1.0\n", ErrorCode::nothing_found, "found 1");
  EXPECT_THROW((void)read_beats("1\n2\n", "own.txt", 0), Error);
}

TEST(BeatsFile, HidesControlCharactersInMessages) {
  expect_error(std::string("0.5\n\x1b[31mred\x00\n", 14), ErrorCode::malformed, "?[31mred");
}

TEST(BeatsFile, ReadsFromDisk) {
  const pop2piano::testing::ScratchFolder folder;
  const auto file = folder.path() / "own.beats";
  std::ofstream(file) << "0.25\n0.75\n1.25\n";
  EXPECT_EQ(read_beats_file(file).size(), 3U);
  EXPECT_THROW((void)read_beats_file(folder.path() / "none.beats"), Error);
}

}  // namespace
}  // namespace pop2piano
