// SPDX-License-Identifier: MIT
#include "sound/audio/mono.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <span>

namespace pop2piano {
namespace {

constexpr double kBlockSeconds = 0.09;  // 4096 samples at 44.1 and 48 kHz
// A long song is measured less densely from half a minute on, so that this takes about a hundredth of its decoding.
constexpr std::size_t kDenseBlocks = 32, kDenselyEvery = 8, kMeasuredEvery = 64;
constexpr double kLowest = 200.0;  // Hz; bass stands in the middle, whatever else is out of phase
constexpr double kHighest = 4000.0;
constexpr std::size_t kCellBins = 4;  // neighbours that are compared together: 43 Hz
// Correlation of left and right: songs have 0.5 to 1 (twelve recordings of all kinds), inverted ones its negative.
constexpr double kInverted = -0.3;
// Share of the energy in cells that are about as loud on both sides and whose correlation is lower than kCellOpposed:
// songs up to 0.03 (ten recordings); with the voice alone out of phase 0.18, 3 dB weaker on one side 0.08, on both
// 0.06.
constexpr double kCellOpposed = -0.7;
constexpr double kCellAlike =
    0.25;  // energy of the weaker side to that of the louder: what differs more stays in the mean
constexpr double kMostOpposed = 0.05;
constexpr double kHeard = 1e-5;     // share of the energy between kLowest and kHighest that says anything
constexpr double kCancelled = 0.1;  // of the energy that channels without anything in common leave in their mean

std::size_t block_frames(int sample_rate) {
  return std::bit_ceil(static_cast<std::size_t>(kBlockSeconds * sample_rate));
}

std::size_t bin_of(double hertz, int sample_rate) {
  const auto frames = block_frames(sample_rate);
  return std::min(static_cast<std::size_t>(hertz * static_cast<double>(frames) / sample_rate), frames / 2);
}

double sum_of_squares(std::span<const float> samples) {
  double sum = 0.0;
  for (const float x : samples) sum += double{x} * x;
  return sum;
}

}  // namespace

std::vector<float> mono_weights(const Mono& mono, std::size_t channels) {
  if (mono.kind == Mono::Kind::difference && channels == 2) return {0.5F, -0.5F};
  if (mono.kind == Mono::Kind::one && mono.channel < channels) {
    std::vector<float> weights(channels, 0.0F);
    weights[mono.channel] = 1.0F;
    return weights;
  }
  return std::vector<float>(channels, 1.0F / static_cast<float>(channels));
}

ChannelStatistics::ChannelStatistics(int sample_rate)
    : fft_(block_frames(sample_rate)),
      window_(periodic_hann(block_frames(sample_rate))),
      first_bin_(bin_of(kLowest, sample_rate)),
      last_bin_(bin_of(kHighest, sample_rate)) {}

void ChannelStatistics::add(const PcmBlock& block) {
  const std::size_t frames = fft_.size();
  if (block.channels < 2) return;
  if (samples_.size() != block.channels) {  // the first block, or the stream changed
    samples_.assign(block.channels, {});
    position_ = 0;
  }
  for (std::size_t at = 0; at < block.frames;) {
    const std::size_t period = frames * (measured_ < kDenseBlocks ? kDenselyEvery : kMeasuredEvery);
    const bool measured = position_ < frames;
    const std::size_t step = std::min(block.frames - at, (measured ? frames : period) - position_);
    for (std::size_t c = 0; measured && c < block.channels; ++c) {
      samples_[c].resize(position_ + step);
      read_channel(block, c, at, std::span(samples_[c]).last(step));
    }
    position_ += step;
    at += step;
    if (measured && position_ == frames) measure();
    if (position_ >= period) position_ = 0;
  }
}

void ChannelStatistics::measure() {
  energy_.resize(std::max(energy_.size(), samples_.size()), 0.0);
  std::vector<float> mean(fft_.size(), 0.0F);
  for (std::size_t c = 0; c < samples_.size(); ++c) {
    samples_[c].resize(fft_.size(), 0.0F);
    energy_[c] += sum_of_squares(samples_[c]);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += samples_[c][i] / static_cast<float>(samples_.size());
  }
  mean_energy_ += sum_of_squares(mean);
  if (samples_.size() == 2) compare_pair();
  ++measured_;
  for (auto& channel : samples_) channel.clear();
}

void ChannelStatistics::compare_pair() {
  std::array<std::vector<std::complex<float>>, 2> spectra;
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < window_.size(); ++i) samples_[c][i] *= window_[i];
    spectra[c].resize(fft_.bins());
    fft_.forward(samples_[c], spectra[c]);
  }
  for (const auto& spectrum : spectra) {
    for (const std::complex<float> bin : spectrum) whole_ += std::norm(bin);
  }
  for (std::size_t from = first_bin_; from < last_bin_; from += kCellBins) {
    double left = 0.0, right = 0.0, product = 0.0;
    for (std::size_t k = from; k < std::min(from + kCellBins, last_bin_); ++k) {
      left += std::norm(spectra[0][k]);
      right += std::norm(spectra[1][k]);
      product += std::real(spectra[0][k] * std::conj(spectra[1][k]));
    }
    left_ += left;
    right_ += right;
    product_ += product;
    const bool alike = std::min(left, right) > kCellAlike * std::max(left, right);
    if (alike && product < kCellOpposed * std::sqrt(left * right)) opposed_ += left + right;
  }
}

std::size_t ChannelStatistics::loudest() const {
  return static_cast<std::size_t>(std::max_element(energy_.begin(), energy_.end()) - energy_.begin());
}

Mono ChannelStatistics::choose() {
  if (energy_.empty() && !samples_.empty() && !samples_.front().empty()) measure();  // shorter than one block
  const bool heard = left_ + right_ > kHeard * whole_;
  if (heard && product_ < kInverted * std::sqrt(left_ * right_)) return {.kind = Mono::Kind::difference};
  double sum = 0.0;
  for (const double energy : energy_) sum += energy;
  const auto channels = static_cast<double>(energy_.size());
  const bool cancelled = mean_energy_ < kCancelled * sum / (channels * channels);
  const bool opposed = heard && opposed_ > kMostOpposed * (left_ + right_);
  if (cancelled || opposed) return {.kind = Mono::Kind::one, .channel = loudest()};
  return {};
}

std::string ChannelStatistics::explain(const Mono& mono) const {
  switch (mono.kind) {
    case Mono::Kind::mean:
      return {};
    case Mono::Kind::difference:
      return "left and right are in opposite phase: their difference is heard, their sum would be almost silent";
    case Mono::Kind::one:
      break;
  }
  return "channels cancel each other in parts: channel " + std::to_string(mono.channel + 1) + " of " +
         std::to_string(energy_.size()) + " is heard alone, their mean would lose what is in opposite phase";
}

}  // namespace pop2piano
