// SPDX-License-Identifier: MIT
// Bass and chords of a recording on its beats, as the installed harmony network hears them.
#pragma once

#include <pop2piano/score.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/harmony/harmony_frames.h"
#include "listening/harmony/harmony_network.h"

namespace pop2piano {

class HarmonyListener {
 public:
  /// `peak`: largest magnitude of the sound. Nothing is heard without a network, or at another rate than
  /// kHarmonySampleRate. Throws Error: malformed or unreadable (the network's file). `pool` must outlive it.
  HarmonyListener(const BeatGrid& grid, int sample_rate, float peak, ThreadPool& pool);

  /// All samples in order, mono.
  void push(std::span<const float> samples) {
    if (frames_) frames_->push(samples);
  }
  /// [beats of the grid], or empty. Call once. The same for any number of threads.
  [[nodiscard]] std::vector<BeatHarmony> finish();

 private:
  std::shared_ptr<const HarmonyNetwork> network_;  // null: nothing is heard
  std::vector<int> beat_numbers_;                  // [beats]
  std::optional<HarmonyFrameExtractor> frames_;
  ThreadPool& pool_;
};

}  // namespace pop2piano
