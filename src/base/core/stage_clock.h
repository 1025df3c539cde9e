// SPDX-License-Identifier: MIT
// How long the stages of a piece of work took.
#pragma once

#include <pop2piano/progress.h>

#include <chrono>
#include <string>
#include <utility>

namespace pop2piano {

class StageClock {
 public:
  StageClock() = default;
  /// Goes on from stages that were measured before.
  explicit StageClock(StageSeconds seconds) : seconds_(std::move(seconds)) {}

  /// Ends the stage that ran since the last call (or since construction) under this name.
  void lap(const std::string& stage) {
    const auto now = std::chrono::steady_clock::now();
    seconds_.emplace_back(stage, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  [[nodiscard]] const StageSeconds& seconds() const { return seconds_; }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  StageSeconds seconds_;
};

}  // namespace pop2piano
