// SPDX-License-Identifier: MIT
// Cuts a stream into overlapping frames that are centred on multiples of the hop.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

/// Frame i holds samples [i * hop - size / 2, i * hop + size / 2); what lies before the start and behind the end is
/// zero. A stream of n samples has ceil(n / hop) frames, whatever the blocks in which it came. Memory: one frame and
/// one block.
class OnsetFrames {
 public:
  OnsetFrames(std::size_t frame_samples, std::size_t hop_samples);

  /// Calls visit(frame) for every frame that `block` completes; `visit` takes a std::span<const float> [frame_samples].
  template <typename Visit>
  void push(std::span<const float> block, Visit&& visit) {
    samples_ += block.size();
    pending_.insert(pending_.end(), block.begin(), block.end());
    drain(visit);
  }
  /// The frames that are still open, with zeros behind the end. The object must not be used afterwards.
  template <typename Visit>
  void finish(Visit&& visit) {
    const std::size_t wanted = (samples_ + hop_ - 1) / hop_;
    while (frames_ < wanted) {
      pending_.resize(first_ + size_, 0.0f);
      drain(visit);
    }
  }
  [[nodiscard]] std::size_t frames() const { return frames_; }    ///< visited so far
  [[nodiscard]] std::size_t samples() const { return samples_; }  ///< pushed so far

 private:
  template <typename Visit>
  void drain(Visit& visit) {
    while (pending_.size() >= first_ + size_) {
      visit(std::span<const float>(pending_).subspan(first_, size_));
      ++frames_;
      first_ += hop_;
    }
    forget();
  }
  void forget();

  std::size_t size_, hop_;
  std::vector<float> pending_;  // [samples not yet behind every frame]
  std::size_t first_ = 0;       // of the next frame, in pending_
  std::size_t frames_ = 0, samples_ = 0;
};

}  // namespace pop2piano
