// SPDX-License-Identifier: MIT
// A recording as everything is heard that is taken from it: at one level, without silent ends and long silent gaps, and
// with its tuning known.
#pragma once

#include <pop2piano/analysis.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "sound/audio/recording_blocks.h"

namespace pop2piano {

/// Borrows the recording.
class HeardSound {
 public:
  /// Reads the recording once. Throws Error: nothing_found (digital silence), cancelled.
  HeardSound(const Recording& recording, ThreadPool& pool, const Monitor& monitor);

  [[nodiscard]] const Recording& recording() const { return recording_; }
  /// What is heard of the recording, at least one part. Behind the last, up to a fifth of a second of silence is heard.
  [[nodiscard]] const std::vector<TimeSpan>& sounding() const { return sounding_; }
  /// Where a note that begins would begin in silence: for 100 ms more than 43 dB under the mean level of all that
  /// sounds.
  [[nodiscard]] const std::vector<TimeSpan>& faint() const { return faint_; }
  [[nodiscard]] const Tuning& tuning() const { return tuning_; }

  /// From now on all of the recording is heard, silent ends and gaps, too: sounding() is one part.
  void hear_everything();

  /// What sounds, in blocks of at most 65,536 samples, multiplied so that the largest magnitude is 1. `whole`: the same
  /// samples as they are in the recording, silent ones too, before it; may be empty.
  void read(const ReadingProgress& progress, const Monitor& monitor,
            const std::function<void(std::span<const float>)>& use,
            const std::function<void(std::span<const float>)>& whole = {}) const;

 private:
  struct Part {
    std::int64_t first = 0, end = 0;  // samples of the recording; may lie outside
  };
  void find_parts(std::span<const float> levelled, std::int64_t at);
  void finish_parts();
  void find_faint(std::span<const double> energies);

  const Recording& recording_;
  float gain_ = 1.0F;
  std::vector<Part> parts_;
  std::vector<TimeSpan> sounding_, faint_;
  Tuning tuning_;
};

}  // namespace pop2piano
