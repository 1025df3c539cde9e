// SPDX-License-Identifier: MIT
#include "rhythm/dsp_activation.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr double kNeighbourhood = 4.0;  // seconds to either side that a feature is set against
constexpr float kFaintOnset = 0.004f;   // mean rise below which a band counts as silent
constexpr float kSilence = 1e-8f;       // mean square (-80 dB)
constexpr double kHarmonyWindow = 0.5;  // seconds to either side whose harmony is compared

// Mean over [t - reach, t + reach], shortened at the ends.
std::vector<float> local_mean(const std::vector<float>& values, std::size_t reach) {
  std::vector<double> sums(values.size() + 1, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i + 1] = sums[i] + values[i];
  std::vector<float> mean(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t first = i > reach ? i - reach : 0, last = std::min(values.size(), i + reach + 1);
    mean[i] = static_cast<float>((sums[last] - sums[first]) / static_cast<double>(last - first));
  }
  return mean;
}

std::vector<float> column(const Matrix<float>& matrix, std::size_t c) {
  std::vector<float> values(matrix.rows());
  for (std::size_t t = 0; t < values.size(); ++t) values[t] = matrix(t, c);
  return values;
}

float around(const std::vector<float>& values, std::size_t t) {
  float value = values[t];
  if (t > 0) value = std::max(value, values[t - 1]);
  if (t + 1 < values.size()) value = std::max(value, values[t + 1]);
  return value;
}

// Strongest value within one frame, against the neighbourhood's mean, on a logarithmic scale.
void add_onsets(const Matrix<float>& onsets, std::size_t reach, Matrix<float>& features) {
  for (std::size_t band = 0; band < kOnsetBands; ++band) {
    const auto raw = column(onsets, band);
    const auto mean = local_mean(raw, reach);
    for (std::size_t t = 0; t < raw.size(); ++t) {
      features(t, band) = std::log1p(around(raw, t) / (mean[t] + kFaintOnset));
    }
  }
}

// 1 - cosine between the mean chroma before and after each chroma frame, for columns [first, first + 12).
std::vector<float> harmony_change(const Matrix<float>& chroma, std::size_t first, std::size_t window) {
  const std::size_t frames = chroma.rows();
  Matrix<double> sums(frames + 1, 12, 0.0);
  for (std::size_t t = 0; t < frames; ++t) {
    for (std::size_t c = 0; c < 12; ++c) sums(t + 1, c) = sums(t, c) + chroma(t, first + c);
  }
  std::vector<float> change(frames, 0.0f);
  for (std::size_t t = 0; t < frames; ++t) {
    const std::size_t from = t > window ? t - window : 0, to = std::min(frames, t + window);
    double both = 0, before = 1e-9, after = 1e-9;
    for (std::size_t c = 0; c < 12; ++c) {
      const double a = sums(t, c) - sums(from, c), b = sums(to, c) - sums(t, c);
      both += a * b;
      before += a * a;
      after += b * b;
    }
    change[t] = static_cast<float>(before > 1e-6 && after > 1e-6 ? 1 - both / std::sqrt(before * after) : 0.0);
  }
  return change;
}

// Linear interpolation from the chroma's frames to `frames` of the features.
void add_change(const std::vector<float>& change, std::size_t reach, std::size_t c, Matrix<float>& features) {
  const auto mean = local_mean(change, reach);
  const std::size_t frames = features.rows();
  const std::size_t per = 4;  // feature frames to a chroma frame
  for (std::size_t t = 0; t < frames && !change.empty(); ++t) {
    const std::size_t below = std::min(t / per, change.size() - 1), above = std::min(below + 1, change.size() - 1);
    const float share = static_cast<float>(t % per) / static_cast<float>(per);
    const float value = change[below] * (1 - share) + change[above] * share;
    const float usual = mean[below] * (1 - share) + mean[above] * share;
    features(t, c) = std::log1p(value / (usual + 0.02f));
  }
}

}  // namespace

void RhythmFrontEnd::push(std::span<const float> mono_22050) {
  onsets_.push(mono_22050);
  chroma_.push(mono_22050);
}

void RhythmFrontEnd::finish() {
  onsets_.finish();
  chroma_.finish();
}

Matrix<float> RhythmFrontEnd::features() const {
  Matrix<float> features(frames(), kFeatures, 0.0f);
  const auto reach = static_cast<std::size_t>(kNeighbourhood * frame_rate());
  const auto chroma_reach = static_cast<std::size_t>(kNeighbourhood * chroma_.frame_rate());
  const auto window = static_cast<std::size_t>(kHarmonyWindow * chroma_.frame_rate());
  add_onsets(onsets(), reach, features);
  add_change(harmony_change(chroma_.chroma(), 0, window), chroma_reach, kBassChange, features);
  add_change(harmony_change(chroma_.chroma(), 12, window), chroma_reach, kChordChange, features);
  const auto loudness = local_mean(power(), reach / 4);
  for (std::size_t t = 0; t < features.rows(); ++t) {
    const float heard = loudness[t] / (loudness[t] + kSilence);
    for (float& value : features.row(t)) value *= heard;
  }
  return features;
}

std::vector<float> RhythmFrontEnd::onset_curve() const {
  std::vector<float> curve(frames());
  for (std::size_t t = 0; t < curve.size(); ++t) {
    for (const float rise : onsets().row(t)) curve[t] += rise;
  }
  return curve;
}

namespace {
// low, bass, voice, snare, hat, bass change, chord change; the last is the constant.
using Weights = std::array<float, kFeatures + 1>;
constexpr Weights kBeat = {0.5f, 0.4f, 0.4f, 0.5f, 0.3f, 0.0f, 0.0f, -1.6f};
constexpr Weights kHalf = {0.0f, 0.1f, 0.1f, 0.1f, 0.2f, 0.0f, 0.0f, -0.4f};
constexpr Weights kQuarter = {-0.1f, -0.1f, -0.1f, -0.1f, 0.0f, 0.0f, 0.0f, 0.2f};
constexpr Weights kDownbeat = {0.3f, 0.2f, 0.0f, -0.2f, 0.0f, 0.6f, 0.8f, -1.2f};
constexpr Weights kMiddle = {0.2f, 0.1f, 0.0f, -0.2f, 0.0f, 0.1f, 0.1f, -0.2f};
constexpr Weights kBackbeat = {-0.3f, -0.2f, 0.0f, 0.5f, 0.1f, -0.2f, -0.2f, 0.0f};

float weigh(const Weights& weights, std::span<const float> features, float heard) {
  float sum = weights[kFeatures] * heard;
  for (std::size_t i = 0; i < kFeatures; ++i) sum += weights[i] * features[i];
  return sum;
}
}  // namespace

BeatEvidence evidence_of(const RhythmFrontEnd& front_end) {
  const Matrix<float> features = front_end.features();
  const auto loudness = local_mean(front_end.power(), static_cast<std::size_t>(front_end.frame_rate()));
  BeatEvidence evidence;
  evidence.frame_rate = front_end.frame_rate();
  evidence.resize(features.rows());
  for (std::size_t t = 0; t < features.rows(); ++t) {
    const auto row = features.row(t);
    const float heard = loudness[t] / (loudness[t] + kSilence);
    evidence.beat[t] = weigh(kBeat, row, heard);
    evidence.half[t] = weigh(kHalf, row, heard);
    evidence.quarter[t] = weigh(kQuarter, row, heard);
    evidence.downbeat[t] = weigh(kDownbeat, row, heard);
    evidence.middle[t] = weigh(kMiddle, row, heard);
    evidence.backbeat[t] = weigh(kBackbeat, row, heard);
  }
  return evidence;
}

}  // namespace pop2piano
