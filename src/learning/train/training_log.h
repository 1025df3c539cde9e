// SPDX-License-Identifier: MIT
// What a run has measured: log.csv and validation.csv, and both drawn as curve.svg and curve.html.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano::training {

/// One line of log.csv: means since the line before.
struct LogLine {
  std::int64_t step = 0;
  double loss = 0.0;  ///< of the T5 the weighted cross-entropy per token, nats
  double rate = 0.0;  ///< learning rate
  double norm = 0.0;  ///< of the gradient before clipping
  double segments_per_second = 0.0;
  double seconds = 0.0;  ///< of training so far
};

/// One line of validation.csv, measured with the averaged weights.
struct ValidationLine {
  std::int64_t step = 0;
  double loss = 0.0;       ///< of the T5 the unweighted cross-entropy per token, nats
  double accuracy = 0.0;   ///< of the next token; 0: not measured
  double melody_f1 = 0.0;  ///< free decoding: onset within one step, pitch exact; likewise
  double all_f1 = 0.0;     ///< all notes, voices aside; likewise
};

class TrainingLog {
 public:
  /// Reads what is there, drops lines after `step` (of a leg that was not kept) and goes on from there.
  TrainingLog(std::filesystem::path folder, std::int64_t step);

  void add(const LogLine& line);
  void add(const ValidationLine& line);
  [[nodiscard]] const std::vector<LogLine>& lines() const { return lines_; }
  [[nodiscard]] const std::vector<ValidationLine>& validations() const { return validations_; }
  /// curve.svg and curve.html
  void draw() const;

 private:
  void rewrite() const;
  std::filesystem::path folder_;
  std::vector<LogLine> lines_;
  std::vector<ValidationLine> validations_;
};

/// Losses above, note F1 below if any was measured, over steps.
std::string draw_svg(const std::vector<LogLine>& lines, const std::vector<ValidationLine>& validations);

}  // namespace pop2piano::training
