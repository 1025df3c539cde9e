// SPDX-License-Identifier: MIT
#include "listening/analysis/harmony_listener.h"

#include "listening/harmony/chord_fit.h"
#include "listening/harmony/harmony_path.h"

namespace pop2piano {
namespace {

constexpr float kPeak = 0.7F;  // what the network's songs were scaled to

}  // namespace

HarmonyListener::HarmonyListener(const BeatGrid& grid, int sample_rate, ThreadPool& pool)
    : network_(sample_rate == kHarmonySampleRate ? installed_harmony_network() : nullptr),
      beat_numbers_(grid.numbers),
      pool_(pool) {
  if (network_) frames_.emplace(grid.times, kPeak, pool);
}

void HarmonyListener::push(std::span<const float> samples) {
  if (frames_) frames_->push(samples);
  if (other_) other_->push(samples);
}

void HarmonyListener::finish(Analysis& analysis) {
  if (other_) other_->finish(analysis);
  if (!network_) return;
  const Matrix<std::uint8_t> levels = frames_->finish();
  analysis.harmony = harmony_on_beats(network_->run(levels.view(), pool_),
                                      chord_fits(levels.view(), beat_numbers_.size()), beat_numbers_);
}

}  // namespace pop2piano
