// SPDX-License-Identifier: MIT
// A media file opened by libavformat, with the decoder of one of its audio streams. Nothing but the one file's bytes is
// ever opened: no network, no playlists.
#pragma once

#include <pop2piano/audio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sound/audio/ffmpeg.h"
#include "sound/audio/media_file.h"

namespace pop2piano::ffmpeg {

/// The file's bytes as libavformat wants them.
class Input {
 public:
  explicit Input(std::shared_ptr<const MediaFile> file);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  [[nodiscard]] const MediaFile& file() const { return *file_; }
  [[nodiscard]] AVIOContext* io() { return io_.get(); }
  [[nodiscard]] std::int64_t position() const { return position_; }

 private:
  static int read(void* opaque, std::uint8_t* buffer, int size);
  static std::int64_t seek(void* opaque, std::int64_t offset, int whence);

  std::shared_ptr<const MediaFile> file_;
  std::int64_t position_ = 0;
  Owned<AVIOContext> io_;
};

/// Everything that is needed to decode; the order of the members is the order in which they are made.
struct Container {
  /// `wish`: index of the audio stream; absent: the one that players choose. Throws Error: malformed, unsupported,
  /// nothing_found (no audio stream), invalid_argument (not that one).
  Container(std::shared_ptr<const MediaFile> file, std::optional<int> wish);

  Input input;
  Owned<AVFormatContext> format;
  AVStream* stream;  ///< the audio stream that is heard
  Owned<AVCodecContext> codec;

  [[nodiscard]] const std::string& name() const { return input.file().name(); }  ///< of the file
  [[nodiscard]] Recording::Description describe() const;
  /// Seconds from the file's own start (its pictures) to its sound.
  [[nodiscard]] double start_offset() const;
  /// What the header promises, unless it is a guess from the size of the file.
  [[nodiscard]] std::optional<double> declared_seconds() const;
};

}  // namespace pop2piano::ffmpeg
