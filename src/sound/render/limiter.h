// SPDX-License-Identifier: MIT
// Look-ahead peak limiter: no sample leaves it above the ceiling, and what stays below passes unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace pop2piano {

struct LimiterOptions {
  int sample_rate = 44100;
  int channels = 2;          ///< share one gain
  double ceiling_db = -1.0;  ///< of the largest sample, relative to full scale
  double lookahead = 0.005;  ///< seconds over which the gain falls in front of a peak
  double release = 0.25;     ///< seconds, time constant of the recovery
};

/// The gain that each frame needs -> the least of the coming look-ahead -> exponential recovery -> mean over the
/// look-ahead. Gains are integers, so that the running mean is exact: blocks of any size give the same samples.
class Limiter {
 public:
  explicit Limiter(const LimiterOptions& options);

  /// `interleaved` holds [frames, channels]. Both append to `out`, which lags by the look-ahead until finish().
  void push(std::span<const float> interleaved, std::vector<float>& out);
  void finish(std::vector<float>& out);

 private:
  struct Need {
    std::int64_t frame, gain;
  };
  void push_frame(std::span<const float> frame, std::vector<float>& out);
  /// Frames that need no gain while none is at work: they pass unchanged.
  void push_soft(std::span<const float> interleaved, std::vector<float>& out);
  [[nodiscard]] bool at_rest() const;
  [[nodiscard]] std::int64_t needed_gain(std::span<const float> frame) const;
  [[nodiscard]] std::int64_t least_needed(std::int64_t gain);

  std::size_t channels_, lookahead_;  // lookahead: frames
  float ceiling_;
  std::int64_t release_;             // of 2^30, share of the way back to 1 in one frame
  std::deque<Need> needs_;           // of the last lookahead frames, those that can still be the least: rising
  std::vector<float> delayed_;       // [lookahead, channels] ring of input
  std::vector<std::int64_t> gains_;  // [lookahead] ring
  std::int64_t gain_sum_, gain_;
  std::int64_t frames_ = 0;
};

}  // namespace pop2piano
