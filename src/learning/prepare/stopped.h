// SPDX-License-Identifier: MIT
// Why a pair does not go on.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "learning/prepare/pair_state.h"

namespace pop2piano {

/// Kind of a pair of which a folder lies where a file belongs, or the other way round.
inline constexpr const char* kInTheWay = "in the way";

/// what(): a sentence.
class Stopped : public std::runtime_error {
 public:
  Stopped(Standing standing, std::string kind, const std::string& reason)
      : std::runtime_error(reason), standing_(standing), kind_(std::move(kind)) {}
  [[nodiscard]] Standing standing() const noexcept { return standing_; }
  [[nodiscard]] const std::string& kind() const noexcept { return kind_; }

 private:
  Standing standing_;
  std::string kind_;
};

[[noreturn]] inline void drop(const std::string& kind, const std::string& reason) {
  throw Stopped(Standing::dropped, kind, reason);
}

}  // namespace pop2piano
