// SPDX-License-Identifier: MIT
#include "listening/rhythm/dsp_activation.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr double kNeighbourhood = 4.0;                         // seconds to either side that a feature is set against
constexpr float kFaintOnset = 0.02f;                           // mean rise below which a band counts as silent
constexpr float kSilence = 1e-8f;                              // mean square (-80 dB)
constexpr std::array<double, 2> kHarmonyWindows = {0.5, 1.0};  // seconds to either side whose harmony is compared

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
  std::vector<float> all(onsets.rows(), 0.0f);
  for (std::size_t t = 0; t < all.size(); ++t) {
    for (const float rise : onsets.row(t)) all[t] += rise;
  }
  const auto mean = local_mean(all, reach);
  for (std::size_t t = 0; t < all.size(); ++t) {
    features(t, kAllOnsets) = std::log1p(around(all, t) / (mean[t] + kFaintOnset));
  }
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

void RhythmFrontEnd::push(std::span<const float> mono_22050) {
  onsets_.push(mono_22050);
  chroma_.push(mono_22050);
}

void RhythmFrontEnd::finish() {
  onsets_.finish();
  chroma_.finish();
}

RhythmFeatures RhythmFrontEnd::features() const {
  RhythmFeatures features;
  features.frame_rate = frame_rate();
  features.values = Matrix<float>(frames(), kFeatures, 0.0f);
  const auto reach = static_cast<std::size_t>(kNeighbourhood * frame_rate());
  const auto chroma_reach = static_cast<std::size_t>(kNeighbourhood * chroma_.frame_rate());
  add_onsets(onsets(), reach, features.values);
  std::size_t c = kHarmony;
  for (const double seconds : kHarmonyWindows) {
    const auto window = static_cast<std::size_t>(seconds * chroma_.frame_rate());
    for (const std::size_t first : {std::size_t{0}, std::size_t{12}}) {
      add_change(harmony_change(chroma_.chroma(), first, window), chroma_reach, c++, features.values);
    }
  }
  features.heard = local_mean(power(), reach / 4);
  for (std::size_t t = 0; t < features.heard.size(); ++t) {
    features.heard[t] /= features.heard[t] + kSilence;
    for (float& value : features.values.row(t)) value *= features.heard[t];
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

// Low, bass, voice, snare, hat, all; bass and chord change of half and whole seconds; constant.
const ActivationWeights kActivationWeights = {
    .beat = {0.315f, 0.390f, 0.360f, 1.107f, 1.103f, 0.853f, 0.859f, -0.510f, -0.419f, -0.687f, -2.547f},
    .half = {-0.471f, 0.872f, 0.293f, 1.146f, 0.926f, 0.211f, -1.289f, -0.848f, -0.587f, -0.576f, -1.278f},
    .quarter = {-0.162f, -0.625f, -0.291f, 0.316f, 1.134f, 0.259f, -0.298f, -0.522f, -0.276f, -0.438f, -0.689f},
    .downbeat = {1.142f, 0.028f, -0.057f, 1.733f, 0.069f, 0.330f, 2.507f, 1.399f, 2.089f, 1.895f, -2.369f},
    .middle = {0.577f, 0.107f, 0.075f, 0.323f, -0.173f, 0.185f, 1.282f, 0.034f, 0.094f, -1.117f, -0.448f},
    .backbeat = {-0.744f, 0.359f, 0.066f, 0.635f, 1.260f, -0.026f, -1.344f, -0.849f, -1.041f, -0.826f, -0.304f},
    .waltz = {-0.045f, 0.516f, -0.062f, 0.055f, 0.869f, -0.166f, -0.746f, -0.731f, -0.935f, -0.826f, -0.671f},
    .third = {-0.819f, -0.490f, -0.379f, 0.587f, 1.411f, 0.129f, -0.561f, -0.804f, -0.603f, -0.772f, -1.254f},
    .two_thirds = {0.694f, 0.510f, 0.149f, 0.455f, 0.775f, 0.144f, -0.914f, -0.904f, -0.660f, -0.784f, -1.254f},
};

namespace {

float weigh(const PlaceWeights& weights, std::span<const float> features, float heard) {
  float sum = weights[kFeatures] * heard;
  for (std::size_t i = 0; i < kFeatures; ++i) sum += weights[i] * features[i];
  return sum;
}

}  // namespace

BeatEvidence evidence_of(const RhythmFeatures& features, const ActivationWeights& weights) {
  BeatEvidence evidence;
  evidence.frame_rate = features.frame_rate;
  evidence.resize(features.values.rows());
  for (std::size_t t = 0; t < evidence.frames(); ++t) {
    const auto row = features.values.row(t);
    const float heard = features.heard[t];
    evidence.beat[t] = weigh(weights.beat, row, heard);
    evidence.half[t] = weigh(weights.half, row, heard);
    evidence.third[t] = weigh(weights.third, row, heard);
    evidence.two_thirds[t] = weigh(weights.two_thirds, row, heard);
    evidence.quarter[t] = weigh(weights.quarter, row, heard);
    evidence.downbeat[t] = weigh(weights.downbeat, row, heard);
    evidence.middle[t] = weigh(weights.middle, row, heard);
    evidence.backbeat[t] = weigh(weights.backbeat, row, heard);
    evidence.waltz[t] = weigh(weights.waltz, row, heard);
  }
  return evidence;
}

}  // namespace pop2piano
