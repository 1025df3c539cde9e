// SPDX-License-Identifier: MIT
// Beats as text and as a picture.
#include "listening/rhythm/beats_text.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "listening/rhythm/beats_file.h"
#include "listening/rhythm/beats_plot.h"

namespace pop2piano {
namespace {

// An upbeat and two bars of three.
BeatGrid waltz() { return read_beats("0.5 3\n1 1\n1.5 2\n2 3\n2.5 1\n3 2\n3.5 3\n", "waltz.txt"); }

TEST(BeatsText, LinesAndLabelsAreReadBack) {
  const BeatGrid grid = waltz();
  for (const BeatFormat format : {BeatFormat::text, BeatFormat::audacity}) {
    const BeatGrid again = read_beats(beats_as(format, grid, {}), "again.txt");
    EXPECT_EQ(again.times, grid.times);
    EXPECT_EQ(again.numbers, grid.numbers);
    EXPECT_EQ(again.beats_per_bar, 3);
  }
}

TEST(BeatsText, LabelsCountBarsFromTheFirstWholeOne) {
  const std::string labels = beats_as(BeatFormat::audacity, waltz(), {});
  EXPECT_TRUE(labels.starts_with("0.500000\t0.500000\t1.3\n1.000000\t1.000000\t2.1\n")) << labels;
}

TEST(BeatsText, JamsSaysWhereTheBeatsComeFrom) {
  const auto jams = nlohmann::json::parse(
      beats_as(BeatFormat::jams, waltz(), {.title = "Waltz", .duration = 4, .confidence = 0.75, .given = true}));
  EXPECT_EQ(jams.at("file_metadata").at("title"), "Waltz");
  const auto& beats = jams.at("annotations").at(0);
  EXPECT_EQ(beats.at("duration"), 4.0);
  EXPECT_EQ(beats.at("annotation_metadata").at("data_source"), "user");
  EXPECT_EQ(beats.at("data").size(), 7u);
  EXPECT_EQ(beats.at("data").at(1).at("value"), 1);
  EXPECT_EQ(jams.at("annotations").at(1).at("data").at(0).at("confidence"), 0.75);
}

TEST(BeatsText, FormatsHaveNames) {
  EXPECT_EQ(beat_format_named("txt"), BeatFormat::text);
  EXPECT_EQ(beat_format_named("jams"), BeatFormat::jams);
  EXPECT_THROW((void)beat_format_named("mp3"), Error);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(BeatsPlot, HasALineForEachBeatAndANumberForEachBar) {
  BeatCurves curves;
  curves.onset = curves.beat = curves.downbeat = std::vector<float>(2000, 0.5F);  // 20 s: two lines
  const std::string svg = beats_as_svg(waltz(), curves, "a & b");
  EXPECT_EQ(count(svg, "<line "), 7u);
  EXPECT_EQ(count(svg, "stroke=\"#c00\""), 2u);  // first beats of bars
  EXPECT_EQ(count(svg, "<polyline "), 2 * 3 + 1u);
  EXPECT_NE(svg.find("a &amp; b: 120.0 beats a minute, 3 in a bar"), std::string::npos);
  EXPECT_NE(svg.find(">15 s</text>"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano
