// SPDX-License-Identifier: MIT
#include "sound/audio/wav_writer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "base/core/byte_reader.h"

namespace pop2piano {
namespace {

constexpr std::uint64_t kMaxRiffBytes = std::numeric_limits<std::uint32_t>::max();

std::uint16_t bits_of(WavFormat format) {
  switch (format) {
    case WavFormat::pcm16:
      return 16;
    case WavFormat::pcm24:
      return 24;
    case WavFormat::float32:
      break;
  }
  return 32;
}

const WavOptions& checked(const WavOptions& options) {
  if (options.sample_rate < 1 || options.channels < 1 || options.channels > 64) {
    throw Error(ErrorCode::invalid_argument, "WAV: expected a sample rate above 0 and 1 to 64 channels, found " +
                                                 std::to_string(options.sample_rate) + " Hz and " +
                                                 std::to_string(options.channels) + " channels");
  }
  return options;
}

void append_little(std::vector<std::byte>& out, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

}  // namespace

std::vector<std::byte> wav_header(const WavOptions& options, std::uint64_t frames) {
  const bool is_float = options.format == WavFormat::float32;
  const auto frame_bytes = static_cast<std::uint32_t>(options.channels * bits_of(options.format) / 8);
  const std::uint64_t padding = frames * frame_bytes % 2;
  const std::uint64_t before_data = is_float ? 50 : 36;
  if (frames > (kMaxRiffBytes - 64) / frame_bytes) {
    throw Error(ErrorCode::unsupported, "WAV: the sound would take more than 4 GiB; make it shorter");
  }
  const auto data_bytes = static_cast<std::uint32_t>(frames * frame_bytes);
  ByteWriter out;
  out.put_text("RIFF");
  out.little(static_cast<std::uint32_t>(before_data + data_bytes + padding));
  out.put_text("WAVEfmt ");
  out.little(std::uint32_t{is_float ? 18U : 16U});
  out.little(std::uint16_t{is_float ? std::uint16_t{3} : std::uint16_t{1}});
  out.little(static_cast<std::uint16_t>(options.channels));
  out.little(static_cast<std::uint32_t>(options.sample_rate));
  out.little(static_cast<std::uint32_t>(options.sample_rate) * frame_bytes);
  out.little(static_cast<std::uint16_t>(frame_bytes));
  out.little(bits_of(options.format));
  if (is_float) {
    out.little(std::uint16_t{0});  // no extension
    out.put_text("fact");
    out.little(std::uint32_t{4});
    out.little(static_cast<std::uint32_t>(frames));
  }
  out.put_text("data");
  out.little(data_bytes);
  return out.bytes();
}

WavWriter::WavWriter(const std::filesystem::path& target, const WavOptions& options)
    : options_(checked(options)), file_(target) {
  file_.write(wav_header(options_, 0));
}

std::int32_t WavWriter::quantise(float sample, std::int32_t largest) {
  if (sample == 0.0F || std::isnan(sample)) return 0;
  double value = static_cast<double>(sample) * (largest + 1.0);
  if (options_.dither == Dither::triangular) {
    const std::uint64_t bits = random_.next();  // two uniform numbers of 32 bits
    value +=
        static_cast<double>(static_cast<std::int64_t>(bits >> 32) - static_cast<std::int64_t>(bits & 0xFFFFFFFFU)) *
        0x1.0p-32;
  }
  value = std::clamp(value, -largest - 1.0, static_cast<double>(largest));
  return static_cast<std::int32_t>(value + std::copysign(0.5, value));
}

template <int kBytes>
void WavWriter::append_pcm(std::span<const float> interleaved) {
  constexpr std::int32_t kLargest = (1 << (8 * kBytes - 1)) - 1;
  bytes_.resize(interleaved.size() * kBytes);
  std::byte* to = bytes_.data();
  for (const float sample : interleaved) {
    const auto value = static_cast<std::uint32_t>(quantise(sample, kLargest));
    for (int i = 0; i < kBytes; ++i) *to++ = static_cast<std::byte>(value >> (8 * i));
  }
}

void WavWriter::write(std::span<const float> interleaved) {
  if (interleaved.empty()) return;
  bytes_.clear();
  switch (options_.format) {
    case WavFormat::pcm16:
      append_pcm<2>(interleaved);
      break;
    case WavFormat::pcm24:
      append_pcm<3>(interleaved);
      break;
    case WavFormat::float32:
      for (const float sample : interleaved) {
        append_little(bytes_, std::bit_cast<std::uint32_t>(std::isnan(sample) ? 0.0F : sample), 4);
      }
      break;
  }
  frames_ += interleaved.size() / static_cast<std::size_t>(options_.channels);
  static_cast<void>(wav_header(options_, frames_));  // throws when it grows beyond what the header can say
  file_.write(bytes_);
}

void WavWriter::commit() {
  const auto header = wav_header(options_, frames_);
  const auto data_bytes = frames_ * static_cast<std::uint64_t>(options_.channels * bits_of(options_.format) / 8);
  if (data_bytes % 2 == 1) file_.write(std::vector<std::byte>(1));
  file_.write_at(0, header);
  file_.commit();
}

}  // namespace pop2piano
