// SPDX-License-Identifier: MIT
#include "sound/audio/resampler.h"

#include <pop2piano/error.h>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cstdint>
#include <string>

#include "sound/audio/ffmpeg.h"

namespace pop2piano {
namespace {

using ffmpeg::Owned;

constexpr std::size_t kResampleFrames = 1U << 15;  // given to the engine at once

class ChannelLayout {
 public:
  explicit ChannelLayout(int channels) { av_channel_layout_default(&layout_, channels); }
  ~ChannelLayout() { av_channel_layout_uninit(&layout_); }
  ChannelLayout(const ChannelLayout&) = delete;
  ChannelLayout& operator=(const ChannelLayout&) = delete;
  [[nodiscard]] AVChannelLayout* get() { return &layout_; }

 private:
  AVChannelLayout layout_{};
};

}  // namespace

struct Resampler::Engine {
  int from_rate, to_rate, channels;
  Owned<SwrContext> swr;  // null when the rates are equal
  std::vector<float> block;

  /// False when libswresample was built without that engine.
  bool start(SwrEngine kind) {
    ChannelLayout layout(channels);
    SwrContext* made = nullptr;
    swr_alloc_set_opts2(&made, layout.get(), AV_SAMPLE_FMT_FLT, to_rate, layout.get(), AV_SAMPLE_FMT_FLT, from_rate, 0,
                        nullptr);
    swr.reset(ffmpeg::must(made));
    av_opt_set_int(made, "resampler", kind, 0);
    if (kind == SWR_ENGINE_SOXR) {
      av_opt_set_double(made, "precision", 28.0, 0);
    } else {
      av_opt_set_int(made, "filter_size", 128, 0);
      av_opt_set_int(made, "phase_shift", 14, 0);
      av_opt_set_double(made, "cutoff", 0.97, 0);
      av_opt_set_int(made, "filter_type", SWR_FILTER_TYPE_KAISER, 0);
    }
    return swr_init(made) >= 0;
  }
  std::size_t convert(const float* in, std::size_t frames, std::vector<float>& out) {
    const auto capacity =
        static_cast<std::size_t>(av_rescale(static_cast<std::int64_t>(frames), to_rate, from_rate)) + 4096;
    block.resize(capacity * static_cast<std::size_t>(channels));
    auto* target = reinterpret_cast<std::uint8_t*>(block.data());
    const auto* source = reinterpret_cast<const std::uint8_t*>(in);
    const int got = swr_convert(swr.get(), &target, static_cast<int>(capacity), in == nullptr ? nullptr : &source,
                                static_cast<int>(frames));
    if (got < 0) throw Error(ErrorCode::malformed, "the sound cannot be resampled (" + ffmpeg::reason(got) + ")");
    const std::size_t samples = static_cast<std::size_t>(got) * static_cast<std::size_t>(channels);
    out.insert(out.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(samples));
    return samples;
  }
};

Resampler::Resampler(int from_rate, int to_rate, int channels)
    : engine_(std::make_unique<Engine>(Engine{from_rate, to_rate, channels, nullptr, {}})) {
  ffmpeg::silence_log();
  if (from_rate == to_rate) return;
  if (!engine_->start(SWR_ENGINE_SOXR) && !engine_->start(SWR_ENGINE_SWR)) {
    throw Error(ErrorCode::unsupported,
                "no resampler from " + std::to_string(from_rate) + " to " + std::to_string(to_rate) + " Hz");
  }
}
Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

int Resampler::from_rate() const { return engine_->from_rate; }

void Resampler::push(std::span<const float> interleaved, std::vector<float>& out) {
  if (!engine_->swr) {
    out.insert(out.end(), interleaved.begin(), interleaved.end());
    return;
  }
  const auto channels = static_cast<std::size_t>(engine_->channels);
  while (!interleaved.empty()) {
    const std::size_t frames = std::min(interleaved.size() / channels, kResampleFrames);
    engine_->convert(interleaved.data(), frames, out);
    interleaved = interleaved.subspan(frames * channels);
  }
}

void Resampler::finish(std::vector<float>& out) {
  if (!engine_->swr) return;
  while (engine_->convert(nullptr, 0, out) > 0) continue;
}

}  // namespace pop2piano
