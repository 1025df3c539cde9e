// SPDX-License-Identifier: MIT
#include "sound/render/click_track.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "sound/audio/wav_writer.h"

namespace pop2piano {
namespace {

constexpr int kClickRate = 44100;
constexpr double kTickSeconds = 0.04;

std::vector<float> tick(bool first_of_bar) {
  const double pitch = first_of_bar ? 1760 : 1175, level = first_of_bar ? 0.6 : 0.4;
  std::vector<float> samples(static_cast<std::size_t>(kTickSeconds * kClickRate));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const double t = static_cast<double>(n) / kClickRate;
    samples[n] = static_cast<float>(level * std::exp(-t / 0.008) * std::sin(2 * std::numbers::pi * pitch * t));
  }
  return samples;
}

}  // namespace

void write_click(const Recording& recording, const BeatGrid& grid, const std::filesystem::path& wav,
                 const Monitor& monitor) {
  const std::vector<float> accent = tick(true), plain = tick(false);
  const float gain = 0.5F / std::max(recording.peak(), 0.1F);
  WavWriter writer(wav, {.sample_rate = kClickRate, .channels = 1});
  const auto stream = recording.stream_at(kClickRate);
  std::vector<float> block(1 << 16);
  std::int64_t start = 0;
  std::size_t first = 0;  // beat whose tick may still sound
  while (const std::size_t count = stream->read(block)) {
    monitor.check();
    for (float& sample : std::span(block).first(count)) sample *= gain;
    const std::int64_t end = start + static_cast<std::int64_t>(count);
    for (std::size_t i = first; i < grid.size(); ++i) {
      const auto at = static_cast<std::int64_t>(std::llround(grid.times[i] * kClickRate));
      if (at >= end) break;
      const std::vector<float>& sound = grid.numbers[i] == 1 ? accent : plain;
      const auto length = static_cast<std::int64_t>(sound.size());
      if (at + length <= start) {
        first = i + 1;
        continue;
      }
      for (std::int64_t n = std::max<std::int64_t>(at, start); n < std::min<std::int64_t>(end, at + length); ++n)
        block[static_cast<std::size_t>(n - start)] += sound[static_cast<std::size_t>(n - at)];
    }
    writer.write(std::span(block).first(count));
    start = end;
  }
  writer.commit();
}

}  // namespace pop2piano
