// SPDX-License-Identifier: MIT
// What a command says: results to stdout, progress and errors to stderr, or one JSON object a line for programs.
#pragma once

#include <pop2piano/progress.h>

#include <chrono>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace pop2piano::cli {

/// Of the first write to standard output that failed, as errno has it; 0: all was written.
[[nodiscard]] int output_error();

/// Not thread-safe: used from the main thread only, where stages report.
class Console {
 public:
  /// Adds --quiet, --json and --verbose to a subcommand.
  void add_options(CLI::App& command);

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] bool verbose() const { return verbose_; }

  /// A line of the result for people; not printed with --json or --quiet.
  void say(const std::string& line);
  /// A line of the result that is data (beats, versions): printed even with --quiet, not with --json.
  void print(const std::string& line);
  /// Something the user should know but that stops nothing.
  void warn(const std::string& message);
  void error(const std::string& message);
  /// One JSON object on a line of its own, with --json only. `event` becomes the field "event".
  void event(const std::string& event, const nlohmann::json& fields);

  /// A bar per stage on a terminal, events with --json, nothing otherwise.
  [[nodiscard]] Monitor monitor(const CancelToken* cancel);
  /// Ends the current bar's line.
  void finish_progress();

 private:
  void show_progress(std::string_view stage, double fraction);
  void draw_bar(double fraction);

  bool quiet_ = false, json_ = false, verbose_ = false;
  std::string stage_;
  double shown_ = 0;
  bool bar_open_ = false;
  std::chrono::steady_clock::time_point stage_start_, last_drawn_;
};

}  // namespace pop2piano::cli
