// SPDX-License-Identifier: MIT
// How long work reports where it is and how it is told to stop.
#pragma once

#include <pop2piano/error.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop2piano {

/// Called from the thread that runs the work; `fraction` of the stage lies in [0, 1] and does not fall within a stage.
using ProgressCallback = std::function<void(std::string_view stage, double fraction)>;

/// What was worked on and for how many seconds, in the order of the work.
using StageSeconds = std::vector<std::pair<std::string, double>>;

/// Set from any thread or from a signal handler; long work looks at it at least every 100 ms.
class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  /// Throws Error(cancelled) once cancel() was called.
  void check() const {
    if (cancelled()) throw Error(ErrorCode::cancelled, "cancelled");
  }

 private:
  std::atomic<bool> cancelled_{false};
};

/// What the long calls of the library take. Both may be absent.
struct Monitor {
  ProgressCallback progress{};          ///< empty: no reports
  const CancelToken* cancel = nullptr;  ///< null: cannot be cancelled

  void report(std::string_view stage, double fraction) const {
    if (progress) progress(stage, fraction);
  }
  void check() const {
    if (cancel != nullptr) cancel->check();
  }
};

}  // namespace pop2piano
