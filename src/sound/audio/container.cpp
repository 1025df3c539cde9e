// SPDX-License-Identifier: MIT
#include "sound/audio/container.h"

extern "C" {
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <limits>
#include <mutex>
#include <utility>

#include "sound/audio/single_file_formats.h"
#include "sound/audio/streams.h"
#include "sound/audio/text.h"

namespace pop2piano::ffmpeg {
namespace {

constexpr std::int64_t kProbeBytes = 5'000'000;
constexpr std::int64_t kLeastMostBlock = 64
                                         << 20;  // bytes; no table or packet of a song is larger than this or its file

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

/// Sizes in a file may claim gigabytes. FFmpeg has one limit for a block of memory for the whole process: it only
/// grows.
void limit_blocks(std::int64_t file_bytes) {
  static std::mutex mutex;
  static std::int64_t most = kLeastMostBlock;
  const std::scoped_lock lock(mutex);
  most = std::clamp<std::int64_t>(file_bytes, most, std::numeric_limits<int>::max());
  av_max_alloc(static_cast<std::size_t>(most));
}

/// What the content looks like. Only behind a tag that is longer than what is probed does the name help.
const AVInputFormat& probe(Input& input) {
  const std::string& name = input.file().name();
  const std::string hint = begins_with_id3(input.file()) ? name : std::string();
  const AVInputFormat* found = nullptr;
  forget_reason();
  const int code = av_probe_input_buffer2(input.io(), &found, hint.c_str(), nullptr, 0, 0);
  if (code < 0 || found == nullptr) {
    throw Error(ErrorCode::malformed, name + ": is not a sound or video file that can be read (" + reason(code) + ")");
  }
  if (!is_single_file_format(found->name)) {
    const char* what = found->long_name == nullptr ? "" : found->long_name;
    throw Error(ErrorCode::malformed, name + ": is not a sound or video file (looks like " + found->name + ": " + what +
                                          "); expected one file that holds its sound itself, such as WAV, MP3 or MP4");
  }
  return *found;
}

/// Whatever a demuxer opens by itself must pass these lists, too: no protocol, no other format.
void forbid_everything_else(AVFormatContext& context) {
  context.io_open = refuse_to_open;
  context.protocol_whitelist = must(av_strdup("none"));
  context.format_whitelist = must(av_strdup(single_file_formats().c_str()));
}

Owned<AVFormatContext> open_container(Input& input) {
  limit_blocks(input.file().size());
  const AVInputFormat& kind = probe(input);
  AVFormatContext* context = must(avformat_alloc_context());
  context->pb = input.io();
  forbid_everything_else(*context);
  context->probesize = kProbeBytes;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  forget_reason();
  const int code = avformat_open_input(&context, "", &kind, nullptr);  // frees context on failure
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

Container::Container(std::shared_ptr<const MediaFile> file, std::optional<int> wish)
    : input((silence_log(), std::move(file))),
      format(open_container(input)),
      stream(&choose_sound_stream(*format, wish, name())),
      codec(open_codec(*stream, name())) {}

Recording::Description Container::describe() const {
  Recording::Description found;
  found.container = format->iformat->name;
  found.codec = avcodec_get_name(stream->codecpar->codec_id);
  found.title = tag_of(*format, *stream, "title");
  found.artist = tag_of(*format, *stream, "artist");
  found.channels = stream->codecpar->ch_layout.nb_channels;
  found.sample_rate = stream->codecpar->sample_rate;
  found.bit_rate = stream->codecpar->bit_rate > 0 ? stream->codecpar->bit_rate : format->bit_rate;
  found.streams = list_sound_streams(*format);
  found.stream = stream->index;
  return found;
}

double Container::start_offset() const {
  if (format->nb_streams < 2 || stream->start_time == AV_NOPTS_VALUE || format->start_time == AV_NOPTS_VALUE)
    return 0.0;
  return static_cast<double>(stream->start_time) * av_q2d(stream->time_base) -
         static_cast<double>(format->start_time) / AV_TIME_BASE;
}

std::optional<double> Container::declared_seconds() const {
  if (format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
  if (stream->duration == AV_NOPTS_VALUE || stream->duration <= 0) return std::nullopt;
  return static_cast<double>(stream->duration) * av_q2d(stream->time_base);
}

}  // namespace pop2piano::ffmpeg
