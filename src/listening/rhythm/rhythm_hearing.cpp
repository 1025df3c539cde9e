// SPDX-License-Identifier: MIT
#include "listening/rhythm/rhythm_hearing.h"

#include <utility>

#include "listening/rhythm/beat_input.h"
#include "listening/rhythm/dsp_activation.h"
#include "listening/rhythm/strikes.h"

namespace pop2piano {
namespace {

// Each frame counts alike; columns from `first` on: bass, then chords.
template <typename T>
PitchClassWeights pitch_classes_of(Span2D<const T> chroma, std::size_t first) {
  PitchClassWeights weights{};
  for (std::size_t t = 0; t < chroma.rows(); ++t) {
    const auto row = chroma.row(t).subspan(first, kChromaColumns);
    double sum = 0;
    for (const T value : row) sum += static_cast<double>(value);
    if (sum <= 0) continue;
    for (std::size_t c = 0; c < kChromaColumns; ++c) weights[c % 12] += static_cast<double>(row[c]) / sum;
  }
  return weights;
}

// Chosen, not learnt: the signal's evidence is four times as large as the network's.
constexpr LevelWeights kSignalTempoWeights{0.0, 0.3, -0.3, -1.0};

BarModel signal_bar_model() { return {.sharpness = 0.1, .slip = 0.01, .metres = {3, 4}, .costs = {}}; }

class SignalHearing : public RhythmHearing {
 public:
  explicit SignalHearing(double tuning_cents) : front_end_(tuning_cents) {}
  void push(std::span<const float> mono_22050) override { front_end_.push(mono_22050); }
  BeatEvidence finish(ThreadPool& /*pool*/) override {
    front_end_.finish();
    return evidence_of(front_end_.features());
  }
  [[nodiscard]] double frame_rate() const override { return front_end_.frame_rate(); }
  [[nodiscard]] const std::vector<float>& power() const override { return front_end_.power(); }
  [[nodiscard]] std::vector<float> onset_curve() const override { return front_end_.onset_curve(); }
  [[nodiscard]] PitchClassWeights pitch_classes() const override {
    return pitch_classes_of(front_end_.chroma().view(), 0);
  }
  // Noise, speech and scattered clicks reach at most 2, songs that are tracked rightly at least 2.5 (median 13).
  [[nodiscard]] double undecided_gain() const override { return 3.0; }
  [[nodiscard]] bool is_network() const override { return false; }
  [[nodiscard]] LevelWeights tempo_weights() const override { return kSignalTempoWeights; }
  [[nodiscard]] BarModel bar_model() const override { return signal_bar_model(); }

 private:
  RhythmFrontEnd front_end_;
};

class NetworkHearing : public RhythmHearing {
 public:
  NetworkHearing(std::shared_ptr<const BeatNetwork> network, double tuning_cents)
      : network_(std::move(network)), listener_(tuning_cents) {}
  void push(std::span<const float> mono_22050) override { listener_.push(mono_22050); }
  BeatEvidence finish(ThreadPool& pool) override {
    listener_.finish();
    const BeatInput input = listener_.take();
    onsets_ = onset_curve_of(input.bands.view());
    pitch_classes_ = pitch_classes_of(input.harmony.view(), kHarmonyChanges);
    BeatEvidence evidence = evidence_of(network_->run(input, pool), network_reading());
    add_strikes(input.bands.view(), evidence);
    harmony_ = input.harmony;
    return evidence;
  }
  [[nodiscard]] double frame_rate() const override { return kBeatInputRate; }
  [[nodiscard]] const std::vector<float>& power() const override { return listener_.power(); }
  [[nodiscard]] std::vector<float> onset_curve() const override { return onsets_; }
  [[nodiscard]] PitchClassWeights pitch_classes() const override { return pitch_classes_; }
  // Of 40 held-out songs those that are tracked wrongly reach 0.7, the rightly tracked 1.4 and more but for one.
  [[nodiscard]] double undecided_gain() const override { return 2.0; }
  [[nodiscard]] bool is_network() const override { return true; }
  [[nodiscard]] BeatDecoderOptions decoder_options() const override { return network_decoder_options(); }
  [[nodiscard]] std::optional<LevelWeights> level_weights() const override { return network_level_weights(); }
  [[nodiscard]] LevelWeights tempo_weights() const override { return network_level_weights(); }
  [[nodiscard]] BarModel bar_model() const override { return network_bar_model(); }
  [[nodiscard]] std::optional<BarSearch> bar_search() const override { return network_bar_search(); }
  [[nodiscard]] Span2D<const std::uint8_t> harmony() const override { return harmony_.view(); }

 private:
  std::shared_ptr<const BeatNetwork> network_;
  BeatListener listener_;
  std::vector<float> onsets_;  // [frames]
  Matrix<std::uint8_t> harmony_;
  PitchClassWeights pitch_classes_{};
};

}  // namespace

// At 0.04, the share of frames that are beats, every half of a beat that the network half believes in pays for itself:
// 9 of 32 held-out songs were tracked an octave off, at 0.3 four (bench/rhythm ablate).
ProbabilityReading network_reading() { return {.beat_probability = 0.3}; }

BeatDecoderOptions network_decoder_options() {
  BeatDecoderOptions options;
  options.metres = {2, 3, 4, 5};
  options.metre_costs = {1.5, 0.5, 0, 1.0};
  options.preferred_tempo = 95;    // bench/rhythm ablate: F 0.924 on 81 songs, at 110 0.916
  options.segment_frames = 16384;  // 5 min of sound, 72 MB; an hour would take 140 MB in the usual segments
  return options;
}

// The mean of two sets of weights: the former ones, which did not know strokes to a beat and bars, and ones of all
// inputs but the tempo, from 38 POP909 songs, 70 hard songs and 112 by genre (bench/rhythm levels). The latter
// alone are right in three more of 45 POP909 songs and in one less of 70 hard ones.
LevelWeights network_level_weights() { return {-1.71, 0.83, -0.26, -0.38, 2.57, 0.27, 0.99, 0.75}; }

// The mean log loss of all beats (bench/rhythm guesses) is 0.136 on 56 hard songs; with a sharpness of 0.3 and a slip
// of 0.03 it is 0.154.
BarModel network_bar_model() {
  BarModel model;
  model.sharpness = 0.25;
  model.slip = 0.1;
  return model;
}

// Learnt on 80 songs of ten genres that the network had not learnt from, and 70 hard ones (bench/rhythm bars).
BarSearch network_bar_search() {
  return {.weights = {-1.68F, 1.11F, 0.11F, 0.17F, 0.0F, -0.06F, 0.34F, -0.18F}, .short_bar = 20};
}

std::unique_ptr<RhythmHearing> hear_by_signal(double tuning_cents) {
  return std::make_unique<SignalHearing>(tuning_cents);
}

std::unique_ptr<RhythmHearing> hear_by_network(std::shared_ptr<const BeatNetwork> network, double tuning_cents) {
  return std::make_unique<NetworkHearing>(std::move(network), tuning_cents);
}

}  // namespace pop2piano
