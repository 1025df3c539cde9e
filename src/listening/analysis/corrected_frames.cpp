// SPDX-License-Identifier: MIT
#include "listening/analysis/corrected_frames.h"

#include <cmath>

#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {

// Whole hertz are 0.08 cents at the rate of the analysis.
CorrectedFrames::CorrectedFrames(int sample_rate, double cents)
    : rate_(static_cast<int>(std::lround(sample_rate * frequency_ratio(cents)))),
      stretch_(static_cast<double>(rate_) / sample_rate),
      resampler_(sample_rate, rate_, 1) {}

void CorrectedFrames::push(std::span<const float> samples) {
  corrected_.clear();
  resampler_.push(samples, corrected_);
  listener_->push(corrected_);
}

void CorrectedFrames::finish(Analysis& analysis) {
  corrected_.clear();
  resampler_.finish(corrected_);
  listener_->push(corrected_);
  listener_->finish(analysis);
}

}  // namespace pop2piano
