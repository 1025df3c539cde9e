// SPDX-License-Identifier: MIT
// What the tracker asks of a way to hear rhythm: sound in, evidence for the decoder out. The signal's own (onsets and
// harmony) and the network's stand side by side.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/pulse/bar_chances.h"
#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/beat_evidence.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/bar_evidence.h"
#include "listening/rhythm/beat_network.h"
#include "music/score/key.h"

namespace pop2piano {

class RhythmHearing {
 public:
  virtual ~RhythmHearing() = default;
  virtual void push(std::span<const float> mono_22050) = 0;
  /// Ends the stream; call once, before all that follows.
  virtual BeatEvidence finish(ThreadPool& pool) = 0;

  /// Of power() and onset_curve().
  [[nodiscard]] virtual double frame_rate() const = 0;
  [[nodiscard]] virtual const std::vector<float>& power() const = 0;  ///< [frames] mean square
  [[nodiscard]] virtual std::vector<float> onset_curve() const = 0;   ///< [frames]
  /// Gain of the path per second at which it is as likely wrong as right.
  [[nodiscard]] virtual double undecided_gain() const = 0;
  [[nodiscard]] virtual bool is_network() const = 0;
  /// [12] how much each pitch class sounds, bass and chords.
  [[nodiscard]] virtual PitchClassWeights pitch_classes() const = 0;
  /// The decoder's settings that suit this evidence.
  [[nodiscard]] virtual BeatDecoderOptions decoder_options() const { return {}; }
  /// How an octave of tempo is chosen after decoding; absent: the decoder's own is kept.
  [[nodiscard]] virtual std::optional<LevelWeights> level_weights() const { return std::nullopt; }
  /// How sure tempo and bars are said to be.
  [[nodiscard]] virtual LevelWeights tempo_weights() const = 0;
  [[nodiscard]] virtual BarModel bar_model() const = 0;
  /// How bars are counted anew once the beats are known; absent: the decoder's stay.
  [[nodiscard]] virtual std::optional<BarSearch> bar_search() const { return std::nullopt; }
  /// For the search, after finish(): [rows, kHarmonyInputs] as BeatInput has it; empty where there is no search.
  [[nodiscard]] virtual Span2D<const std::uint8_t> harmony() const { return {nullptr, 0, 0}; }
};

/// How the network's probabilities are read and decoded.
[[nodiscard]] ProbabilityReading network_reading();
[[nodiscard]] BeatDecoderOptions network_decoder_options();
[[nodiscard]] LevelWeights network_level_weights();
[[nodiscard]] BarModel network_bar_model();
[[nodiscard]] BarSearch network_bar_search();

/// `tuning_cents`: by which the sound lies above A = 440 Hz.
std::unique_ptr<RhythmHearing> hear_by_signal(double tuning_cents = 0.0);
std::unique_ptr<RhythmHearing> hear_by_network(std::shared_ptr<const BeatNetwork> network, double tuning_cents = 0.0);

}  // namespace pop2piano
