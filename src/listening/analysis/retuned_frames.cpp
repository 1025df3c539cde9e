// SPDX-License-Identifier: MIT
#include <cmath>

#include "listening/analysis/retuned_frames.h"
#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {

// Whole hertz are 0.08 cents at the rate of the analysis.
RetunedFrames::RetunedFrames(int sample_rate, double cents)
    : rate_(static_cast<int>(std::lround(sample_rate * frequency_ratio(cents)))),
      stretch_(static_cast<double>(rate_) / sample_rate),
      resampler_(sample_rate, rate_, 1) {}

void RetunedFrames::push(std::span<const float> samples) {
  retuned_.clear();
  resampler_.push(samples, retuned_);
  listener_->push(retuned_);
}

void RetunedFrames::finish(Analysis& analysis) {
  retuned_.clear();
  resampler_.finish(retuned_);
  listener_->push(retuned_);
  listener_->finish(analysis);
}

}  // namespace pop2piano
