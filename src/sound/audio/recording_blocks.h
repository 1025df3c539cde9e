// SPDX-License-Identifier: MIT
// A recording from its first sample to its last, in blocks that fit in the cache.
#pragma once

#include <pop2piano/audio.h>

#include <functional>
#include <span>
#include <string_view>

namespace pop2piano {

/// What is reported while a recording is read; the rest of the stage belongs to what is done with it.
struct ReadingProgress {
  std::string_view stage{};  ///< empty: nothing is reported
  double share = 1.0;        ///< of the stage, reached with the last sample
};

/// Calls `use` with 65,536 samples at a time (3 s at 22,050 Hz), the last time with fewer. Throws what the stream and
/// `use` throw, Error(cancelled) when the monitor says so.
void read_blocks(const Recording& recording, const ReadingProgress& progress, const Monitor& monitor,
                 const std::function<void(std::span<const float>)>& use);

/// Factor on a recording's samples after which their largest magnitude is 1; 1 for digital silence.
[[nodiscard]] float levelling_gain(const Recording& recording);
/// The same with samples at one level, whatever the recording's is.
void read_levelled_blocks(const Recording& recording, const ReadingProgress& progress, const Monitor& monitor,
                          const std::function<void(std::span<const float>)>& use);

}  // namespace pop2piano
