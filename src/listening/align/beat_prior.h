// SPDX-License-Identifier: MIT
// How usual it is that an onset of a piano cover lies at a place of the beat: chords lie on the beat more often than
// between, so that a cover which is laid half a beat too late shows it.
#pragma once

#include <cstddef>
#include <span>

namespace pop2piano {

class BeatPrior {
 public:
  /// Of an onset: how many notes begin, and whether there is a low one among them.
  struct Kind {
    std::size_t notes = 1;
    bool bass = false;
  };

  /// `beats`: seconds, ascending, must outlive this; fewer than two say nothing.
  explicit BeatPrior(std::span<const double> beats) : beats_(beats) {}

  /// Logarithm of how much more usual than elsewhere in the beat; 0 outside of the beats.
  [[nodiscard]] float at(const Kind& kind, double seconds) const;

 private:
  std::span<const double> beats_;
};

}  // namespace pop2piano
