// SPDX-License-Identifier: MIT
#include "base/plot/picture.h"

#include <string>

#include <gtest/gtest.h>

#include "base/plot/axes.h"

namespace pop2piano::plot {
namespace {

// What a picture of 20 by 10 pixels holds between its paper and its end.
template <typename Draw>
std::string drawn(const Draw& draw) {
  const std::string empty = Picture({.width = 20, .height = 10}).svg();
  Picture picture({.width = 20, .height = 10});
  draw(picture);
  const std::size_t paper = empty.size() - std::string("</svg>\n").size();
  const std::string svg = picture.svg();
  EXPECT_EQ(svg.substr(0, paper), empty.substr(0, paper));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  return svg.substr(paper, svg.size() - empty.size());
}

TEST(Picture, SaysItsSize) {
  EXPECT_NE(Picture({.width = 20, .height = 10}).svg().find("width=\"20\" height=\"10\" viewBox=\"0 0 20 10\""),
            std::string::npos);
  const std::string wide = Picture({.width = 20, .height = 10, .size = PictureOptions::Size::of_page}).svg();
  EXPECT_EQ(wide.find("width=\"20\""), std::string::npos);
  EXPECT_NE(wide.find("viewBox=\"0 0 20 10\""), std::string::npos);
}

TEST(Picture, CoordinatesAreTenthsOfPixels) {
  EXPECT_EQ(drawn([](Picture& p) {
              p.line({1, 2.25}, {3.04, -0.01}, {.colour = "#c00", .width = 1.5});
            }),
            "<line x1=\"1\" x2=\"3\" y1=\"2.2\" y2=\"0\" stroke=\"#c00\" stroke-width=\"1.5\"/>\n");
  EXPECT_EQ(drawn([](Picture& p) {
              p.curve({{0, 0}, {10, 5.5}}, {});
            }),
            "<polyline points=\"0,0 10,5.5\" fill=\"none\" stroke=\"black\"/>\n");
  EXPECT_EQ(drawn([](Picture& p) {
              p.rectangle({1, 2, 3, 4}, "none", "#bbb");
            }),
            "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" fill=\"none\" stroke=\"#bbb\"/>\n");
}

TEST(Picture, TextIsMadeSafe) {
  EXPECT_EQ(drawn([](Picture& p) {
              p.text({4, 5}, "a<b> & c\n", {.anchor = Anchor::end});
            }),
            "<text x=\"4\" y=\"5\" text-anchor=\"end\">a&lt;b&gt; &amp; c </text>\n");
  EXPECT_EQ(drawn([](Picture& p) {
              p.legend({4, 5}, {{"<", "#aaa"}, {"b", "#06c"}});
            }),
            "<text x=\"4\" y=\"5\"><tspan fill=\"#aaa\">&lt;</tspan> <tspan fill=\"#06c\">b</tspan></text>\n");
}

TEST(Axes, PutNumbersWhereTheyLie) {
  const Axes axes({100, 10, 200, 50}, {0, 4}, {-1, 1});
  EXPECT_DOUBLE_EQ(axes.x(1), 150);
  EXPECT_DOUBLE_EQ(axes.x(5), 350);  // beside the box
  EXPECT_DOUBLE_EQ(axes.y(-1), 60);
  EXPECT_DOUBLE_EQ(axes.y(0), 35);
  EXPECT_DOUBLE_EQ(axes.y(7), 10);  // never above it
  EXPECT_EQ(axes.at({{4, 1}}), (Points{{300, 10}}));
}

TEST(Axes, AnEmptyRangeIsOneOfLengthOne) {
  const Axes axes({0, 0, 10, 10}, {3, 3}, {2, 2});
  EXPECT_DOUBLE_EQ(axes.x(3), 0);
  EXPECT_DOUBLE_EQ(axes.x(4), 10);
  EXPECT_DOUBLE_EQ(axes.y(2), 10);
}

}  // namespace
}  // namespace pop2piano::plot
