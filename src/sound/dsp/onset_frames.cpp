// SPDX-License-Identifier: MIT
#include "sound/dsp/onset_frames.h"

#include <pop2piano/error.h>

#include <algorithm>

namespace pop2piano {

OnsetFrames::OnsetFrames(std::size_t frame_samples, std::size_t hop_samples)
    : size_(frame_samples), hop_(hop_samples), pending_(frame_samples / 2, 0.0f) {
  if (frame_samples < 2 || hop_samples < 1 || hop_samples > frame_samples) {
    throw Error(ErrorCode::invalid_argument, "frames: expected 1 <= hop <= size, found hop " +
                                                 std::to_string(hop_samples) + " and size " +
                                                 std::to_string(frame_samples) + "; choose a hop within the frame");
  }
}

void OnsetFrames::forget() {
  if (first_ < 4 * size_) return;  // moving the rest down now and then costs less than at every block
  const std::size_t done = std::min(first_, pending_.size());
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
  first_ -= done;
}

}  // namespace pop2piano
