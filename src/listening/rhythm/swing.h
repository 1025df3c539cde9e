// SPDX-License-Identifier: MIT
// How unevenly the halves of beats are played: 1 straight, 2 triplet swing.
//
// Attacks are heard in the second difference of the signal, in blocks of 3 ms: the 10 ms of the curve that beats are
// found in are a fifth of a ratio. The place of a half is measured from where beats themselves are attacked, which
// takes out how late the beats lie.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

struct SwingHeard {
  double ratio = 1;         ///< of the long to the short part; 1: straight, or nothing stands out
  bool sixteenths = false;  ///< halves of half beats are uneven: the tempo is twice the one that was found
};

/// Streaming: push() the whole song in blocks of any size; what is heard does not depend on them.
class SwingListener {
 public:
  void push(std::span<const float> mono_22050);
  /// `beats` ascending, seconds from the first sample. Fewer than 8 swing by nothing.
  [[nodiscard]] SwingHeard heard(std::span<const double> beats) const;

 private:
  std::vector<float> power_;         // [blocks] mean square of the second difference
  double sum_ = 0, before_[2] = {};  // of the block that is not complete; the last two samples
  std::size_t count_ = 0;            // samples in it
};

}  // namespace pop2piano
