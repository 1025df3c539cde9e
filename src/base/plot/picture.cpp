// SPDX-License-Identifier: MIT
#include "base/plot/picture.h"

#include <fmt/format.h>

namespace pop2piano::plot {
namespace {

// To a tenth of a pixel, "12" for 12.0.
std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string stroke_of(const Stroke& stroke) {
  std::string text = fmt::format(" stroke=\"{}\"", stroke.colour);
  if (stroke.width != 1) text += fmt::format(" stroke-width=\"{}\"", number(stroke.width));
  return text;
}

}  // namespace

std::string svg_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 32 ? ' ' : c;
    }
  }
  return safe;
}

Picture::Picture(const PictureOptions& options) {
  const std::string width = number(options.width), height = number(options.height);
  const bool own = options.size == PictureOptions::Size::own;
  svg_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\"{} viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
      "font-size=\"{}\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      own ? fmt::format(" width=\"{}\" height=\"{}\"", width, height) : "", width, height, number(options.font_size));
}

void Picture::rectangle(const Box& box, std::string_view fill, std::string_view stroke) {
  svg_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"{}/>\n", number(box.left),
                      number(box.top), number(box.width), number(box.height), fill,
                      stroke == "none" ? "" : fmt::format(" stroke=\"{}\"", stroke));
}

void Picture::line(std::pair<double, double> from, std::pair<double, double> to, const Stroke& stroke) {
  svg_ += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"{}/>\n", number(from.first), number(to.first),
                      number(from.second), number(to.second), stroke_of(stroke));
}

void Picture::curve(const Points& points, const Stroke& stroke) {
  std::string list;
  for (const auto& [x, y] : points) list += (list.empty() ? "" : " ") + number(x) + "," + number(y);
  svg_ += fmt::format("<polyline points=\"{}\" fill=\"none\"{}/>\n", list, stroke_of(stroke));
}

void Picture::text(std::pair<double, double> at, std::string_view text, const TextStyle& style) {
  std::string attributes;
  if (style.colour != "black") attributes += fmt::format(" fill=\"{}\"", style.colour);
  if (style.size != 0) attributes += fmt::format(" font-size=\"{}\"", number(style.size));
  if (style.anchor != Anchor::start)
    attributes += style.anchor == Anchor::middle ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
  svg_ += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", number(at.first), number(at.second), attributes,
                      svg_text(text));
}

void Picture::legend(std::pair<double, double> at, const std::vector<std::pair<std::string, std::string>>& words) {
  std::string spans;
  for (const auto& [word, colour] : words) {
    spans += fmt::format("{}<tspan fill=\"{}\">{}</tspan>", spans.empty() ? "" : " ", colour, svg_text(word));
  }
  svg_ += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", number(at.first), number(at.second), spans);
}

}  // namespace pop2piano::plot
