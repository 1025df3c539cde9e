// SPDX-License-Identifier: MIT
// Streaming WAV output: PCM of 16 or 24 bits, or 32-bit float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/core/output_file.h"
#include "base/core/random.h"

namespace pop2piano {

enum class WavFormat : std::uint8_t { pcm16, pcm24, float32 };
enum class Dither : std::uint8_t {
  none,
  triangular,  ///< +-1 step, the same every time; samples that are exactly 0 stay 0, so silence stays silent
};

struct WavOptions {
  int sample_rate = 44100;  ///< samples per second
  int channels = 2;
  WavFormat format = WavFormat::pcm16;
  Dither dither = Dither::triangular;  ///< of the PCM formats
};

/// The header of a file with that many frames. Throws Error(unsupported) above 4 GiB.
std::vector<std::byte> wav_header(const WavOptions& options, std::uint64_t frames);

/// Nothing is at the target before commit(). Samples beyond [-1, 1] are clipped in the PCM formats; NaN becomes 0.
class WavWriter {
 public:
  /// Throws Error: invalid_argument, write_failed.
  WavWriter(const std::filesystem::path& target, const WavOptions& options);

  /// `interleaved` holds [frames, channels]. Throws Error: write_failed, unsupported (above 4 GiB).
  void write(std::span<const float> interleaved);
  void commit();
  [[nodiscard]] std::uint64_t frames() const { return frames_; }

 private:
  [[nodiscard]] std::int32_t quantise(float sample, std::int32_t largest);
  template <int kBytes>
  void append_pcm(std::span<const float> interleaved);

  WavOptions options_;
  OutputFile file_;
  Random random_{1};
  std::uint64_t frames_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace pop2piano
