// SPDX-License-Identifier: MIT
// Which of two tempi an octave apart is tapped. Every beat evidence speaks for both to some degree; a logistic model,
// learnt from songs with known beats (bench/rhythm levels), weighs what is heard on the beats of the slower one and
// between them, how densely is struck, whether the kick drum alternates with the backbeat on the faster one, and on
// which of the two bars of three or four beats are heard.
#pragma once

#include <pop2piano/progress.h>

#include <array>
#include <span>
#include <vector>

#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/beat_evidence.h"

namespace pop2piano {

/// Two levels of beats, the faster with one beat more between each two of the slower.
struct LevelEvidence {
  double on = 0;           ///< mean evidence on the slower level's beats
  double between = 0;      ///< mean evidence halfway between them
  double tempo = 60;       ///< of the slower level, beats a minute
  double halves = 0;       ///< what is struck halfway between the faster level's beats, as a share of what is on them
  double alternation = 0;  ///< 0..1: the kick drum strikes every second beat of the faster level, and no others
  double strokes = 0;      ///< octaves of strokes to a beat of the slower level above one
  double bars = 0;         ///< what speaks for bars of three or four beats of the faster level, less that of the slower
};
/// The slower level's beats in frames. Where the evidence does not know what is struck all after `tempo` is 0.
[[nodiscard]] LevelEvidence level_evidence(const BeatEvidence& evidence, std::span<const std::size_t> frames);
/// Of every second beat of `frames`, those that are heard more clearly.
[[nodiscard]] LevelEvidence half_level_evidence(const BeatEvidence& evidence, std::span<const std::size_t> frames);

/// Log odds of the faster level: constant, then weights of `between`, `on`, octaves of `tempo` above 80, `halves`,
/// `alternation`, `strokes`, `bars`.
using LevelWeights = std::array<double, 8>;
inline constexpr double kLevelTempo = 80;
/// What the weights are of, the first 1.
[[nodiscard]] LevelWeights level_inputs(const LevelEvidence& heard);
[[nodiscard]] double log_odds_of_faster(const LevelEvidence& heard, const LevelWeights& weights);

/// A tempo that the beats may be tapped at, as a factor of the one that was found.
struct TempoChance {
  double times = 1.0;   ///< 0.5, 2/3, 1, 1.5 or 2
  double chance = 1.0;  ///< 0..1, of all together 1
};
/// Within a hundredth.
[[nodiscard]] bool is_tempo_factor(double times);
/// The found tempo first, then those between 40 and 260 a minute; those outside min_tempo..max_tempo of the options are
/// taken for rare. Empty for fewer than eight beats.
[[nodiscard]] std::vector<TempoChance> weigh_tempi(const BeatEvidence& evidence, std::span<const std::size_t> frames,
                                                   const BeatDecoderOptions& options, const LevelWeights& weights);

/// Of tempi that weigh_tempi() weighed: none stays likelier than the one that was found, which was chosen as the
/// likeliest before its beats were tracked anew; all together 1.
void none_above_found(std::vector<TempoChance>& tempi);

/// decode_beats(), then once more around twice or half the tempo where the model says that it is tapped and the options
/// allow it.
[[nodiscard]] DecodedBeats decode_tapped_beats(const BeatEvidence& evidence, const BeatDecoderOptions& options,
                                               const LevelWeights& weights, const Monitor& monitor = {});

/// decode_beats() with tempi within a factor of `reach` of `tempo` alone.
[[nodiscard]] DecodedBeats decode_near(double tempo, double reach, const BeatEvidence& evidence,
                                       const BeatDecoderOptions& options, const Monitor& monitor = {});

/// 60 / median interval; at least two beats.
[[nodiscard]] double median_tempo(const DecodedBeats& decoded, double frame_rate);

}  // namespace pop2piano
