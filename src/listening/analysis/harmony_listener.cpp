// SPDX-License-Identifier: MIT
#include "listening/analysis/harmony_listener.h"

#include "listening/harmony/harmony_path.h"

namespace pop2piano {
namespace {

constexpr float kPeak = 0.7F;  // what the network's songs were scaled to

}  // namespace

HarmonyListener::HarmonyListener(const BeatGrid& grid, int sample_rate, float peak, ThreadPool& pool)
    : network_(sample_rate == kHarmonySampleRate ? installed_harmony_network() : nullptr),
      beat_numbers_(grid.numbers),
      pool_(pool) {
  if (network_) frames_.emplace(grid.times, peak > 0.0F ? kPeak / peak : 1.0F, pool);
}

std::vector<BeatHarmony> HarmonyListener::finish() {
  if (!network_) return {};
  const Matrix<std::uint8_t> levels = frames_->finish();
  return harmony_on_beats(network_->run(levels.view(), pool_), beat_numbers_);
}

}  // namespace pop2piano
