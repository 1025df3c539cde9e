// SPDX-License-Identifier: MIT
// pop2piano evaluate and its parts; see evaluate_command.cpp.
#pragma once

#include <pop2piano/evaluate.h>

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/console/console.h"

namespace pop2piano::cli {

void add_evaluate_command(CLI::App& program, Console& console);

/// The parts, each below `evaluate`.
void add_evaluate_cover(CLI::App& evaluate, Console& console);
void add_evaluate_set(CLI::App& evaluate, Console& console);
void add_evaluate_pairs(CLI::App& evaluate, Console& console);  ///< beats, notes, melody, chords
void add_evaluate_listen(CLI::App& evaluate, Console& console);

/// A table of names and measures: lines for people, one object with --json (undefined: null, and why in "undefined").
struct ScoreTable {
  struct Row {
    std::string name;
    Measure value;
    std::string unit;
    std::optional<double> human;  ///< value of human covers, printed beside
  };
  std::vector<Row> rows;

  void add(std::string name, const Measure& value, std::string unit = "", std::optional<double> human = std::nullopt) {
    rows.push_back({std::move(name), value, std::move(unit), human});
  }
  void print(Console& console) const;
};

/// One JSON object and nothing else on standard output.
void print_json_document(const nlohmann::ordered_json& document);
/// Progress for people only: with --json, standard output holds the one document.
Monitor evaluation_monitor(Console& console);

}  // namespace pop2piano::cli
