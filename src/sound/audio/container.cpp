// SPDX-License-Identifier: MIT
#include "sound/audio/container.h"

extern "C" {
#include <libavutil/log.h>
}

#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <span>
#include <utility>

#include "sound/audio/text.h"

namespace pop2piano::ffmpeg {
namespace {

constexpr std::int64_t kProbeBytes = 5'000'000;

// FFmpeg's log is one for the whole process and writes to stderr unless it is caught. The last error of the thread says
// more than the error code, so it goes into the message.
thread_local std::string last_log_line;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void catch_log(void* /*context*/, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  std::array<char, 256> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  last_log_line = clean_text(line.data());
}

}  // namespace

void silence_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(catch_log); });
}

std::string reason(int code) {
  if (!last_log_line.empty()) return std::exchange(last_log_line, {});
  if (code == AVERROR_INVALIDDATA) return "unknown or damaged format";
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void forget_reason() { last_log_line.clear(); }

namespace {

/// Playlists and streaming manifests would name other files and hosts.
int refuse_to_open(AVFormatContext* /*container*/, AVIOContext** /*io*/, const char* /*url*/, int /*flags*/,
                   AVDictionary** /*options*/) {
  return AVERROR(EACCES);
}

bool begins_with_id3(const MediaFile& file) {
  std::array<std::byte, 3> start{};
  return file.read_at(0, start) == 3 && start == std::array{std::byte{'I'}, std::byte{'D'}, std::byte{'3'}};
}

Owned<AVFormatContext> open_container(Input& input) {
  AVFormatContext* context = must(avformat_alloc_context());
  context->pb = input.io();
  context->io_open = refuse_to_open;
  context->probesize = kProbeBytes;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  // The content decides what the file is. Only behind a tag that is longer than what is probed does the name help.
  const std::string hint = begins_with_id3(input.file()) ? input.file().name() : std::string();
  forget_reason();
  const int code = avformat_open_input(&context, hint.c_str(), nullptr, nullptr);  // frees context on failure
  if (code < 0) {
    throw Error(ErrorCode::malformed,
                input.file().name() + ": is not a sound or video file that can be read (" + reason(code) + ")");
  }
  Owned<AVFormatContext> container(context);
  const int found = avformat_find_stream_info(container.get(), nullptr);
  if (found < 0)
    throw Error(ErrorCode::malformed, input.file().name() + ": no streams can be read (" + reason(found) + ")");
  return container;
}

AVStream& first_audio_stream(AVFormatContext& container, const std::string& name) {
  AVStream* chosen = nullptr;
  bool pictures = false;
  for (AVStream* stream : std::span(container.streams, container.nb_streams)) {
    const bool audio = stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    pictures = pictures || stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    if (audio && chosen == nullptr) {
      chosen = stream;
    } else {
      stream->discard = AVDISCARD_ALL;
    }
  }
  if (chosen != nullptr) return *chosen;
  if (pictures) throw Error(ErrorCode::nothing_found, name + ": has pictures but no sound; expected an audio stream");
  throw Error(ErrorCode::malformed,
              name + ": is not a sound or video file (looks like " + container.iformat->name + ")");
}

Owned<AVCodecContext> open_codec(const AVStream& stream, const std::string& name) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) {
    throw Error(ErrorCode::unsupported,
                name + ": no decoder for its sound (" + avcodec_get_name(stream.codecpar->codec_id) + ")");
  }
  Owned<AVCodecContext> context(must(avcodec_alloc_context3(codec)));
  int code = avcodec_parameters_to_context(context.get(), stream.codecpar);
  context->thread_count = 1;
  context->pkt_timebase = stream.time_base;
  if (code >= 0) code = avcodec_open2(context.get(), codec, nullptr);
  if (code < 0)
    throw Error(ErrorCode::malformed,
                name + ": its " + codec->name + " sound cannot be decoded (" + reason(code) + ")");
  return context;
}

std::string tag(const AVFormatContext& container, const AVStream& stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(container.metadata, key, nullptr, 0);
  if (entry == nullptr) entry = av_dict_get(stream.metadata, key, nullptr, 0);  // Ogg keeps its tags there
  return entry == nullptr ? std::string() : clean_text(entry->value);
}

}  // namespace

Input::Input(std::shared_ptr<const MediaFile> file) : file_(std::move(file)) {
  constexpr int kBufferBytes = 1 << 16;
  auto* buffer = static_cast<unsigned char*>(must(av_malloc(kBufferBytes)));
  io_.reset(avio_alloc_context(buffer, kBufferBytes, 0, this, read, nullptr, seek));
  if (!io_) {
    av_free(buffer);
    throw std::bad_alloc();
  }
}

int Input::read(void* opaque, std::uint8_t* buffer, int size) {
  auto& self = *static_cast<Input*>(opaque);
  try {
    const std::span bytes(buffer, static_cast<std::size_t>(size));
    const auto got = self.file_->read_at(self.position_, std::as_writable_bytes(bytes));
    self.position_ += static_cast<std::int64_t>(got);
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
  } catch (const Error&) {
    return AVERROR(EIO);
  }
}

std::int64_t Input::seek(void* opaque, std::int64_t offset, int whence) {
  auto& self = *static_cast<Input*>(opaque);
  const std::int64_t size = self.file_->size();
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      offset += self.position_;
      break;
    case SEEK_END:
      offset += size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  return self.position_ = offset;
}

Container::Container(std::shared_ptr<const MediaFile> file)
    : input((silence_log(), std::move(file))),
      format(open_container(input)),
      stream(&first_audio_stream(*format, name())),
      codec(open_codec(*stream, name())) {}

Recording::Description Container::describe() const {
  Recording::Description found;
  found.container = format->iformat->name;
  found.codec = avcodec_get_name(stream->codecpar->codec_id);
  found.title = tag(*format, *stream, "title");
  found.artist = tag(*format, *stream, "artist");
  found.channels = stream->codecpar->ch_layout.nb_channels;
  found.sample_rate = stream->codecpar->sample_rate;
  found.bit_rate = stream->codecpar->bit_rate > 0 ? stream->codecpar->bit_rate : format->bit_rate;
  return found;
}

std::optional<double> Container::declared_seconds() const {
  if (format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
  if (stream->duration == AV_NOPTS_VALUE || stream->duration <= 0) return std::nullopt;
  return static_cast<double>(stream->duration) * av_q2d(stream->time_base);
}

}  // namespace pop2piano::ffmpeg
