// SPDX-License-Identifier: MIT
// Bar-pointer model (Whiteley 2006; Krebs, Boeck, Widmer 2015) in its semi-Markov form: between two beats the pointer
// of the 2015 model moves without choice, so one step per beat replaces one per frame, with the same exact Viterbi
// path. Tempo lies on a logarithmic grid; a beat of one tempo may last any whole number of frames that rounds to it.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <vector>

#include "listening/pulse/beat_evidence.h"

namespace pop2piano {

inline constexpr int kMostBeatsOfBar = 12;  ///< that can be decoded

struct BeatDecoderOptions {
  double min_tempo = 55, max_tempo = 215;  ///< beats a minute
  double preferred_tempo = 110;            ///< beats a minute, centre of the log-normal prior
  double tempo_spread = 0.6;               ///< octaves, its standard deviation
  double tempo_weight = 0.6;               ///< of the prior's logarithm, per second
  double tempo_step = 0.02;                ///< ratio between neighbouring tempi, minus 1
  double tempo_stiffness = 130;            ///< lambda: cost of a change of tempo by a factor e
  double metre_change = 25;                ///< cost of going over to another metre at a bar line
  std::vector<int> metres = {3, 4};        ///< beats in a bar, each 1 to kMostBeatsOfBar, together at most 16
  std::vector<double> metre_costs = {};    ///< of each bar, in the order of `metres`; missing ones are 0
  std::size_t segment_frames = 32768;      ///< longer input is decoded twice, segment by segment, to bound memory
};

struct DecodedBeat {
  std::size_t frame = 0;
  int number = 1;  ///< in its bar, from 1
  int metre = 4;   ///< beats in its bar
  float gain = 0;  ///< what the path's score owes to it and to the way to the next beat
};

struct DecodedBeats {
  std::vector<DecodedBeat> beats;  ///< frames strictly increasing
  double score = 0;                ///< log-likelihood ratio of the path
};

/// The best path; the same input gives the same output. Cost: frames x sum of metres x tempi. Empty without a full
/// beat.
DecodedBeats decode_beats(const BeatEvidence& evidence, const BeatDecoderOptions& options = {},
                          const Monitor& monitor = {});

/// The score of given beats under the same model, or -infinity where the model does not allow them: the plain
/// definition that decode_beats maximises. `numbers` and `metres` as in DecodedBeat.
double score_of_path(const BeatEvidence& evidence, const BeatDecoderOptions& options,
                     const std::vector<DecodedBeat>& beats);

}  // namespace pop2piano
