// SPDX-License-Identifier: MIT
// Bars in a second pass, once the beats are known: what the network hears of the first beats of bars is weighed
// together with how much bass and chords change from beat to beat, and the count is chosen anew. Harmony changes at bar
// lines in music of every kind; the network has learnt few kinds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/core/matrix.h"
#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/beat_evidence.h"

namespace pop2piano {

/// A constant, then the network's evidence, then how much the chords change over one, two and four beats to either
/// side, and the bass.
inline constexpr std::size_t kBarInputs = 8;
using BarWeights = std::array<float, kBarInputs>;  ///< of log odds; learnt by bench/rhythm bars

struct BarSearch {
  BarWeights weights{};
  double downbeat_share = 0.25;  ///< of beats that are first of a bar; odds are against it
  double short_bar = 20;         ///< cost of a bar that ends early, in evidence
};

/// [beats, kBarInputs]. `harmony` as BeatInput has it; `frames` [beats]: places of the beats in the evidence. Changes
/// are in standard deviations of the song above those of the twelve beats to either side, -4..4.
[[nodiscard]] Matrix<float> bar_inputs(Span2D<const std::uint8_t> harmony, const BeatEvidence& evidence,
                                       std::span<const std::size_t> frames);

/// Sets the evidence of a downbeat on every beat: weighted inputs, less the odds of the share.
void weigh_downbeats(const Matrix<float>& inputs, const BarSearch& search, std::span<const std::size_t> frames,
                     BeatEvidence& evidence);

/// Counts the beats anew: the likeliest metres and first beats by the evidence on them, over bars of the options'
/// metres (costs and cost of a change as in decode_beats()), each of which may end early for `short_bar`. Frames and
/// gains stay.
void count_bars(const BeatEvidence& evidence, const BeatDecoderOptions& options, double short_bar,
                DecodedBeats& decoded);

}  // namespace pop2piano
