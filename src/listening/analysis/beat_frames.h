// SPDX-License-Identifier: MIT
// Frames of features `beat_synchronous`: log-mel bands on every step of the beat, normalised over the song, and beside
// them the melody as MELODIA and the melody network hear it.
#pragma once

#include <optional>

#include "listening/analysis/frame_listener.h"
#include "listening/melody/melody_network.h"
#include "listening/melody/melody_on_beat.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano {

class BeatFrames final : public FrameListener {
 public:
  BeatFrames(const AnalysisOptions& options, const BeatGrid& grid, float peak, ThreadPool& pool);

  void push(std::span<const float> samples) override;
  void finish(Analysis& analysis) override;

 private:
  FeatureSettings settings_;
  ThreadPool& pool_;
  std::shared_ptr<const MelodyNetwork> network_;  // null: not there, or not asked for
  BeatSynchronousExtractor bands_;
  std::optional<MelodyOnBeatExtractor> melody_;
};

}  // namespace pop2piano
