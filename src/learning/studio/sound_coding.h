// SPDX-License-Identifier: MIT
// Sound through files in memory (libsndfile): lossless FLAC for records, lossy coders as a flaw of real recordings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

enum class LossyCodec { mp3, vorbis };

/// Encoded and decoded again: same length and alignment. `channels`: [1 or 2][samples], two are coded as stereo.
/// `quality` 0 (worst) .. 1. When the library was built without the coder the samples come back unchanged.
[[nodiscard]] std::vector<std::vector<float>> codec_round_trip(std::vector<std::vector<float>> channels,
                                                               int sample_rate, LossyCodec codec, double quality);

/// A 16-bit mono FLAC file.
[[nodiscard]] std::vector<std::byte> encode_flac(std::span<const float> samples, int sample_rate);
/// Throws Error(malformed).
[[nodiscard]] std::vector<float> decode_flac(std::span<const std::byte> file);

/// Parts of a mono FLAC file without decoding the rest. Borrows the bytes; one thread at a time.
class FlacReader {
 public:
  /// Throws Error(malformed).
  explicit FlacReader(std::span<const std::byte> file);
  ~FlacReader();
  FlacReader(const FlacReader&) = delete;
  FlacReader& operator=(const FlacReader&) = delete;

  [[nodiscard]] int sample_rate() const;
  [[nodiscard]] std::int64_t size() const;  ///< samples
  /// Samples [first, first + out.size()); zeros outside the file. Throws Error(malformed) where it is damaged.
  void read(std::int64_t first, std::span<float> out);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace pop2piano
