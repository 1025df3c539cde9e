// SPDX-License-Identifier: MIT
// What another listener hears of a sound as if it were tuned to A = 440 Hz: the sound is played faster or slower, and
// the beats with it. So every feature of pitch is computed as that of a tuned sound, bin by bin.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "listening/analysis/frame_listener.h"
#include "sound/audio/resampler.h"

namespace pop2piano {

class CorrectedFrames final : public FrameListener {
 public:
  /// `cents`: by which the sound lies above A = 440 Hz, at most a few semitones.
  CorrectedFrames(int sample_rate, double cents);

  /// Factor on times: those of the sound that the other listener hears to those of the sound that is pushed.
  [[nodiscard]] double stretch() const { return stretch_; }
  /// To be called before push().
  void tell(std::unique_ptr<FrameListener> listener) { listener_ = std::move(listener); }

  void push(std::span<const float> samples) override;
  void finish(Analysis& analysis) override;

 private:
  int rate_;  // Hz at which samples are taken; they are heard at the sound's own rate
  double stretch_;
  Resampler resampler_;
  std::vector<float> corrected_;
  std::unique_ptr<FrameListener> listener_;
};

}  // namespace pop2piano
