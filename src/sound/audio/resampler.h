// SPDX-License-Identifier: MIT
// Changes the sample rate of a stream.
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

/// Lowest and highest sample rates that are taken, in files and as a wish.
inline constexpr int kLowestSampleRate = 1000;
inline constexpr int kHighestSampleRate = 768000;

/// Of interleaved samples; output i lies at the time of input i * from / to. Uses libsoxr where libswresample has it
/// (precision 28 bits), else libswresample's own filter made long.
class Resampler {
 public:
  Resampler(int from_rate, int to_rate, int channels);
  ~Resampler();
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;

  [[nodiscard]] int from_rate() const;
  /// Both append to `out`. After finish() nothing may be pushed.
  void push(std::span<const float> interleaved, std::vector<float>& out);
  void finish(std::vector<float>& out);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace pop2piano
