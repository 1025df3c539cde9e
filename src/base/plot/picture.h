// SPDX-License-Identifier: MIT
// A picture as SVG: rectangles, lines, curves and text, in pixels from the upper left corner.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop2piano::plot {

using Points = std::vector<std::pair<double, double>>;  ///< x, y

struct Box {
  double left = 0, top = 0, width = 0, height = 0;
};

/// Colours are those of SVG: "#c00", "white", "none".
struct Stroke {
  std::string_view colour = "black";
  double width = 1;
};

enum class Anchor { start, middle, end };

struct TextStyle {
  std::string_view colour = "black";
  double size = 0;  ///< 0: that of the picture
  Anchor anchor = Anchor::start;
};

struct PictureOptions {
  double width = 0, height = 0;
  double font_size = 10;
  enum class Size { own, of_page } size = Size::own;  ///< of_page: as wide as the page has room
};

/// White, sans-serif. Coordinates are written to a tenth of a pixel.
class Picture {
 public:
  explicit Picture(const PictureOptions& options);

  void rectangle(const Box& box, std::string_view fill, std::string_view stroke = "none");
  void line(std::pair<double, double> from, std::pair<double, double> to, const Stroke& stroke);
  void curve(const Points& points, const Stroke& stroke);
  void text(std::pair<double, double> at, std::string_view text, const TextStyle& style = {});
  /// Words side by side in one line, each in its colour: (text, colour).
  void legend(std::pair<double, double> at, const std::vector<std::pair<std::string, std::string>>& words);

  [[nodiscard]] std::string svg() const { return svg_ + "</svg>\n"; }

 private:
  std::string svg_;
};

/// Text made safe for SVG; control characters become blanks.
[[nodiscard]] std::string svg_text(std::string_view text);

}  // namespace pop2piano::plot
