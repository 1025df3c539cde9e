// SPDX-License-Identifier: MIT
#include "sound/render/limiter.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::int64_t kOne = std::int64_t{1} << 30;  // gain 1

}  // namespace

Limiter::Limiter(const LimiterOptions& options) {
  if (options.sample_rate < 1 || options.channels < 1 || options.channels > 64 || !(options.ceiling_db <= 0.0) ||
      !(options.lookahead >= 0.0 && options.lookahead <= 1.0) || !(options.release > 0.0)) {
    throw Error(
        ErrorCode::invalid_argument,
        "limiter: expected 1 to 64 channels, a ceiling of at most 0 dB, a look-ahead of 0 to 1 s and a release");
  }
  channels_ = static_cast<std::size_t>(options.channels);
  lookahead_ = static_cast<std::size_t>(std::max(1.0, std::ceil(options.lookahead * options.sample_rate)));
  ceiling_ = static_cast<float>(std::pow(10.0, options.ceiling_db / 20.0));
  release_ =
      std::max<std::int64_t>(1, std::llround(kOne * -std::expm1(-1.0 / (options.release * options.sample_rate))));
  delayed_.assign(lookahead_ * channels_, 0.0F);
  gains_.assign(lookahead_, kOne);
  gain_sum_ = kOne * static_cast<std::int64_t>(lookahead_);
  gain_ = kOne;
}

std::int64_t Limiter::needed_gain(std::span<const float> frame) const {
  float peak = 0.0F;
  for (const float sample : frame) peak = std::max(peak, std::abs(sample));
  if (peak <= ceiling_) return kOne;
  return static_cast<std::int64_t>(static_cast<double>(kOne) * static_cast<double>(ceiling_) /
                                   static_cast<double>(peak));
}

std::int64_t Limiter::least_needed(std::int64_t gain) {
  while (!needs_.empty() && needs_.back().gain >= gain) needs_.pop_back();
  needs_.push_back({frames_, gain});
  if (needs_.front().frame <= frames_ - static_cast<std::int64_t>(lookahead_)) needs_.pop_front();
  return needs_.front().gain;
}

void Limiter::push_frame(std::span<const float> frame, std::vector<float>& out) {
  const auto slot = static_cast<std::size_t>(frames_) % lookahead_;
  const std::int64_t recovered = gain_ + std::max<std::int64_t>(1, ((kOne - gain_) * release_) >> 30);
  gain_ = std::min({kOne, recovered, least_needed(needed_gain(frame))});
  gain_sum_ += gain_ - std::exchange(gains_[slot], gain_);
  std::copy(frame.begin(), frame.end(), delayed_.begin() + static_cast<std::ptrdiff_t>(slot * channels_));
  ++frames_;
  if (frames_ < static_cast<std::int64_t>(lookahead_)) return;
  const auto oldest = static_cast<std::size_t>(frames_) % lookahead_;
  const double gain = static_cast<double>(gain_sum_) / (static_cast<double>(lookahead_) * static_cast<double>(kOne));
  for (std::size_t c = 0; c < channels_; ++c) {
    const double sample = gain * static_cast<double>(delayed_[oldest * channels_ + c]);
    out.push_back(std::clamp(static_cast<float>(sample), -ceiling_, ceiling_));  // rounding alone can exceed it
  }
}

bool Limiter::at_rest() const {
  return gain_sum_ == kOne * static_cast<std::int64_t>(lookahead_) && gain_ == kOne &&
         (needs_.empty() || needs_.front().gain == kOne);
}

void Limiter::push_soft(std::span<const float> interleaved, std::vector<float>& out) {
  const std::size_t frames = interleaved.size() / channels_, length = delayed_.size();
  const auto frames_before_sound = static_cast<std::size_t>(std::clamp<std::int64_t>(
      static_cast<std::int64_t>(lookahead_) - 1 - frames_, 0, static_cast<std::int64_t>(frames)));
  std::size_t slot = static_cast<std::size_t>(frames_) % lookahead_ * channels_;
  const std::size_t first_out = out.size();
  out.resize(first_out + (frames - frames_before_sound) * channels_);
  float* to = out.data() + first_out;
  for (std::size_t f = 0; f < frames; ++f) {
    std::copy_n(interleaved.data() + f * channels_, channels_, delayed_.data() + slot);
    slot += channels_;
    if (slot == length) slot = 0;
    if (f < frames_before_sound) continue;
    to = std::copy_n(delayed_.data() + slot, channels_, to);
  }
  frames_ += static_cast<std::int64_t>(frames);
  needs_.clear();
  if (frames_ > 0) needs_.push_back({frames_ - 1, kOne});
}

void Limiter::push(std::span<const float> interleaved, std::vector<float>& out) {
  constexpr std::size_t kStrideFrames = 256;  // what one loud sample sends the slow way
  const std::size_t stride = kStrideFrames * channels_;
  for (std::size_t i = 0; i + channels_ <= interleaved.size(); i += stride) {
    const std::size_t frames = std::min(stride, interleaved.size() - i) / channels_;
    const auto part = interleaved.subspan(i, frames * channels_);
    float peak = 0.0F;
    for (const float sample : part) peak = std::max(peak, std::abs(sample));
    if (peak <= ceiling_ && at_rest()) {
      push_soft(part, out);
      continue;
    }
    for (std::size_t f = 0; f < frames; ++f) push_frame(part.subspan(f * channels_, channels_), out);
  }
}

void Limiter::finish(std::vector<float>& out) {
  const std::vector<float> silence(channels_, 0.0F);
  for (std::size_t i = 0; i + 1 < lookahead_; ++i) push_frame(silence, out);
}

}  // namespace pop2piano
