// SPDX-License-Identifier: MIT
// Any media file that FFmpeg reads -> a stream of float samples at the wanted rate. FFmpeg's headers stand in no other
// room than this one; nothing but the one file's bytes is ever opened (no network, no playlists).
#pragma once

#include <pop2piano/audio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sound/audio/media_file.h"
#include "sound/audio/mono.h"

namespace pop2piano {

enum class TimeStamps : std::uint8_t {
  corrected,  ///< what is missing by them becomes silence
  ignored,
};

struct DecoderOptions {
  int sample_rate = 0;          ///< samples per second; 0: as the file has it
  int channels = 1;             ///< 1: as `mono` says; 2: left and right (a mono file gives the same to both)
  double start = 0.0;           ///< seconds that are skipped
  std::optional<double> end{};  ///< seconds from the start of the file
  std::optional<int> stream{};  ///< index; absent: the one that players choose
  Mono mono{};
  TimeStamps stamps = TimeStamps::corrected;
};

/// Decodes an audio stream, once, from its start to its end. Not thread-safe. The same file and options give the
/// same samples every time.
class MediaDecoder {
 public:
  /// Throws Error: invalid_argument, malformed, unsupported, nothing_found (no audio stream).
  MediaDecoder(std::shared_ptr<const MediaFile> file, const DecoderOptions& options);
  ~MediaDecoder();
  MediaDecoder(MediaDecoder&&) noexcept;
  MediaDecoder& operator=(MediaDecoder&&) noexcept;

  /// Fills `interleaved` (its size a multiple of the channels) and returns the number of samples (not frames) written;
  /// fewer only at the end. Throws Error(unreadable, malformed).
  std::size_t read(std::span<float> interleaved);

  [[nodiscard]] int sample_rate() const;
  [[nodiscard]] int channels() const;
  /// Of the way through the file, 0..1.
  [[nodiscard]] double fraction() const;
  /// Complete once read() has come to the end: damage is known only then.
  [[nodiscard]] Recording::Description description() const;
  /// Length of the whole file by its header, seconds; absent where it does not say. Not to be relied on.
  [[nodiscard]] std::optional<double> declared_seconds() const;
  /// Seconds decoded so far, counted from the start of the file.
  [[nodiscard]] double position() const;
  /// Which one channel should stand for all, by what was decoded from `start` on.
  [[nodiscard]] ChannelStatistics& channel_statistics();
  /// After the end: nothing failed to decode, and without the silence that the time stamps asked for the length would
  /// be the one in the header. Then the stamps are wrong.
  [[nodiscard]] bool stamps_contradict_header() const;
  /// More packets could not be decoded than could: what came out is not the song.
  [[nodiscard]] bool mostly_damaged() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The FFmpeg that runs: "5.1.9".
[[nodiscard]] std::string media_library_version();

}  // namespace pop2piano
