// SPDX-License-Identifier: MIT
// Bass and chords of a recording on its beats, as the installed harmony network hears them, beside another listener.
#pragma once

#include <pop2piano/score.h>

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/analysis/frame_listener.h"
#include "listening/harmony/harmony_frames.h"
#include "listening/harmony/harmony_network.h"

namespace pop2piano {

class HarmonyListener final : public FrameListener {
 public:
  /// Of sound whose largest magnitude is 1. Nothing is heard without a network, or at another rate than
  /// kHarmonySampleRate. Throws Error: malformed or unreadable (the network's file). `pool` must outlive it.
  HarmonyListener(const BeatGrid& grid, int sample_rate, ThreadPool& pool);

  /// Hears the same, too. To be called before push().
  void listen_with(std::unique_ptr<FrameListener> other) { other_ = std::move(other); }

  void push(std::span<const float> samples) override;
  /// Sets the analysis' harmony, [beats of the grid] or empty, and what the other one sets. The same for any number of
  /// threads.
  void finish(Analysis& analysis) override;

 private:
  std::shared_ptr<const HarmonyNetwork> network_;  // null: nothing is heard
  std::vector<int> beat_numbers_;                  // [beats]
  std::optional<HarmonyFrameExtractor> frames_;
  std::unique_ptr<FrameListener> other_;
  ThreadPool& pool_;
};

}  // namespace pop2piano
