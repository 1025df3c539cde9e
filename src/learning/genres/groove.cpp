// SPDX-License-Identifier: MIT
#include "learning/genres/groove.h"

#include <pop2piano/error.h>

#include <string>

#include <fmt/format.h>

namespace pop2piano {
namespace {

constexpr std::string_view kLoud = "Xxogm", kDegrees = "123456789a";

double strength_of(char cell) {
  switch (cell) {
    case 'X':
      return 1.0;
    case 'o':
      return 0.55;
    case 'g':
      return 0.28;
    case 'm':
      return 0.7;
    default:
      return 0.8;
  }
}

bool is_stroke(char cell) {
  return kLoud.find(cell) != std::string_view::npos || kDegrees.find(cell) != std::string_view::npos;
}

// The longer part of a pair first: [0, 1] onto itself, 1/2 to `place`.
double bent(double at, double place) { return at < 0.5 ? 2 * at * place : place + (2 * at - 1) * (1 - place); }

}  // namespace

std::vector<char> cells_of(const GrooveRow& row) {
  std::vector<char> cells;
  for (const char c : row.cells) {
    if (c != ' ' && c != '|') cells.push_back(c);
  }
  return cells;
}

int bars_of(const Groove& groove, const GrooveRow& row) {
  const std::vector<char> cells = cells_of(row);
  const auto bar = static_cast<std::size_t>(groove.beats) * static_cast<std::size_t>(groove.cells);
  for (const char c : cells) {
    if (c == '.' || c == '-' || is_stroke(c)) continue;
    throw Error(ErrorCode::invalid_argument, fmt::format("groove {}: cell '{}' has no meaning", groove.name, c));
  }
  if (cells.empty() || cells.size() % bar != 0) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("groove {}: row \"{}\" has {} cells, a multiple of {} expected", groove.name, row.cells,
                            cells.size(), bar));
  }
  return static_cast<int>(cells.size() / bar);
}

std::vector<GrooveStroke> strokes_of(const Groove& groove, const GrooveRow& row, int bar) {
  const std::vector<char> cells = cells_of(row);
  const auto width = static_cast<std::size_t>(groove.beats) * static_cast<std::size_t>(groove.cells);
  const std::size_t first = static_cast<std::size_t>(bar % bars_of(groove, row)) * width;
  std::vector<GrooveStroke> strokes;
  const double step = 1.0 / groove.cells;
  for (std::size_t i = 0; i < width; ++i) {
    const char cell = cells[first + i];
    if (!is_stroke(cell)) continue;
    std::size_t last = first + i + 1;
    while (last < cells.size() && cells[last] == '-') ++last;
    strokes.push_back({.at = static_cast<double>(i) * step,
                       .length = static_cast<double>(last - first - i) * step,
                       .cell = cell,
                       .strength = strength_of(cell)});
  }
  return strokes;
}

double swung_place(Swung swung, double place, double within) {
  if (swung == Swung::eighths) return bent(within, place);
  if (swung == Swung::none) return within;
  return within < 0.5 ? 0.5 * bent(2 * within, place) : 0.5 + 0.5 * bent(2 * within - 1, place);
}

}  // namespace pop2piano
