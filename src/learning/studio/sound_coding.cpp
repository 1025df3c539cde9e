// SPDX-License-Identifier: MIT
#include "learning/studio/sound_coding.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include <sndfile.h>

namespace pop2piano {
namespace {

// A file in memory behind libsndfile's virtual input and output; what is read may be borrowed.
struct MemoryFile {
  std::vector<std::byte> written;
  std::span<const std::byte> bytes;  // what is there: of `written`, or borrowed
  std::size_t position = 0;

  static MemoryFile& of(void* user) { return *static_cast<MemoryFile*>(user); }
  static sf_count_t length(void* user) { return static_cast<sf_count_t>(of(user).bytes.size()); }
  static sf_count_t tell(void* user) { return static_cast<sf_count_t>(of(user).position); }
  static sf_count_t seek(sf_count_t offset, int whence, void* user) {
    MemoryFile& file = of(user);
    const auto base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(user) : length(user);
    file.position = static_cast<std::size_t>(std::max<sf_count_t>(0, base + offset));
    return tell(user);
  }
  static sf_count_t read(void* out, sf_count_t count, void* user) {
    MemoryFile& file = of(user);
    const std::size_t there = file.position < file.bytes.size() ? file.bytes.size() - file.position : 0;
    const std::size_t taken = std::min(there, static_cast<std::size_t>(count));
    if (taken > 0) std::memcpy(out, file.bytes.data() + file.position, taken);
    file.position += taken;
    return static_cast<sf_count_t>(taken);
  }
  static sf_count_t write(const void* in, sf_count_t count, void* user) {
    MemoryFile& file = of(user);
    const auto size = static_cast<std::size_t>(count);
    if (file.written.size() < file.position + size) file.written.resize(file.position + size);
    if (size > 0) std::memcpy(file.written.data() + file.position, in, size);
    file.bytes = file.written;
    file.position += size;
    return count;
  }
};

struct Closer {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using SoundFile = std::unique_ptr<SNDFILE, Closer>;

SoundFile open_memory(MemoryFile& memory, int mode, SF_INFO& info) {
  static SF_VIRTUAL_IO io = {MemoryFile::length, MemoryFile::seek, MemoryFile::read, MemoryFile::write,
                             MemoryFile::tell};
  memory.position = 0;
  return SoundFile(sf_open_virtual(&io, mode, &info, &memory));
}

struct Encoding {
  int format = 0;  // of libsndfile
  int sample_rate = 22050, channels = 1;
  double quality = -1;  // negative: none
};

// `samples`: interleaved.
bool encode(MemoryFile& memory, std::span<const float> samples, const Encoding& encoding) {
  SF_INFO info{};
  info.samplerate = encoding.sample_rate;
  info.channels = encoding.channels;
  info.format = encoding.format;
  const SoundFile file = open_memory(memory, SFM_WRITE, info);
  if (!file) return false;
  if (encoding.quality >= 0) {
    double level = 1.0 - std::clamp(encoding.quality, 0.0, 1.0);
    sf_command(file.get(), SFC_SET_COMPRESSION_LEVEL, &level, sizeof(level));
  }
  sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  // In pieces: the Vorbis encoder puts a whole call on the stack.
  constexpr std::size_t kPiece = 4096;  // an even number: whole frames
  for (std::size_t at = 0; at < samples.size(); at += kPiece) {
    const auto count = static_cast<sf_count_t>(std::min(kPiece, samples.size() - at));
    if (sf_write_float(file.get(), samples.data() + at, count) != count) return false;
  }
  return true;
}

// Interleaved; empty if the file does not have so many channels.
std::vector<float> decode(MemoryFile& memory, int channels) {
  SF_INFO info{};
  const SoundFile file = open_memory(memory, SFM_READ, info);
  std::vector<float> samples;
  if (!file || info.channels != channels) return samples;
  std::vector<float> piece(4096);
  while (const auto count = sf_read_float(file.get(), piece.data(), static_cast<sf_count_t>(piece.size()))) {
    if (count < 0) break;
    samples.insert(samples.end(), piece.begin(), piece.begin() + count);
  }
  return samples;
}

}  // namespace

std::vector<std::vector<float>> codec_round_trip(std::vector<std::vector<float>> channels, int sample_rate,
                                                 LossyCodec codec, double quality) {
  const int format =
      codec == LossyCodec::mp3 ? SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III : SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  const std::size_t count = channels.size(), length = channels.front().size();
  std::vector<float> frames(count * length);
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i] = channels[i % count][i / count];
  const int channel_count = static_cast<int>(count);
  MemoryFile memory;
  if (!encode(memory, frames,
              {.format = format, .sample_rate = sample_rate, .channels = channel_count, .quality = quality})) {
    return channels;
  }
  std::vector<float> decoded = decode(memory, channel_count);
  if (decoded.empty()) return channels;
  decoded.resize(frames.size(), 0.0F);
  for (std::size_t i = 0; i < frames.size(); ++i) channels[i % count][i / count] = decoded[i];
  return channels;
}

std::vector<std::byte> encode_flac(std::span<const float> samples, int sample_rate) {
  MemoryFile memory;
  if (!encode(memory, samples, {.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16, .sample_rate = sample_rate})) {
    throw Error(ErrorCode::unsupported, "this build of libsndfile cannot write FLAC; install one that can");
  }
  return std::move(memory.written);
}

std::vector<float> decode_flac(std::span<const std::byte> file) {
  MemoryFile memory{.written = {}, .bytes = file};
  std::vector<float> samples = decode(memory, 1);
  if (samples.empty()) throw Error(ErrorCode::malformed, "audio.flac: no mono FLAC file");
  return samples;
}

struct FlacReader::File {
  MemoryFile memory;
  SF_INFO info{};
  SoundFile sound;
};

FlacReader::FlacReader(std::span<const std::byte> file) : file_(std::make_unique<File>()) {
  file_->memory.bytes = file;
  file_->sound = open_memory(file_->memory, SFM_READ, file_->info);
  const bool flac = (file_->info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
  if (!file_->sound || !flac || file_->info.channels != 1 || file_->info.frames <= 0) {
    throw Error(ErrorCode::malformed, "audio.flac: no mono FLAC file");
  }
}

FlacReader::~FlacReader() = default;

int FlacReader::sample_rate() const { return file_->info.samplerate; }

std::int64_t FlacReader::size() const { return file_->info.frames; }

void FlacReader::read(std::int64_t first, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0F);
  const std::int64_t begin = std::clamp<std::int64_t>(first, 0, size());
  const std::int64_t end = std::clamp<std::int64_t>(first + static_cast<std::int64_t>(out.size()), begin, size());
  if (begin == end) return;
  const auto to = out.subspan(static_cast<std::size_t>(begin - first), static_cast<std::size_t>(end - begin));
  if (sf_seek(file_->sound.get(), begin, SEEK_SET) != begin ||
      sf_readf_float(file_->sound.get(), to.data(), end - begin) != end - begin) {
    throw Error(ErrorCode::malformed, "audio.flac: damaged; `pop2piano dataset verify` finds the records to make anew");
  }
}

}  // namespace pop2piano
