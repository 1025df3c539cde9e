// SPDX-License-Identifier: MIT
// A media file opened by libavformat, with the decoder of its first audio stream. Nothing but the one file's bytes is
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
  /// Throws Error: malformed, unsupported, nothing_found (no audio stream).
  explicit Container(std::shared_ptr<const MediaFile> file);

  Input input;
  Owned<AVFormatContext> format;
  AVStream* stream;  ///< the first audio stream
  Owned<AVCodecContext> codec;

  [[nodiscard]] const std::string& name() const { return input.file().name(); }  ///< of the file
  [[nodiscard]] Recording::Description describe() const;
  /// What the header promises, unless it is a guess from the size of the file.
  [[nodiscard]] std::optional<double> declared_seconds() const;
};

}  // namespace pop2piano::ffmpeg
