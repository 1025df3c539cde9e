// SPDX-License-Identifier: MIT
// How sure the bars of found beats are: the forward-backward algorithm (Rabiner 1989) over place in the bar and metre,
// one step a beat. The decoder says which bars are best, this says how good the others are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "listening/pulse/beat_evidence.h"

namespace pop2piano {

/// Weights are learnt so that chances are right as often as they say (bench/rhythm guesses).
struct BarModel {
  double sharpness = 0.1;                  ///< of the evidence: bars of one song repeat each other's mistakes
  double slip = 0.01;                      ///< chance, at each beat, that the count begins anew in any metre and place
  std::vector<int> metres{2, 3, 4, 5, 6};  ///< beats in a bar, each at least 1
  std::vector<double> costs{1.5, 0.5, 0.0, 1.0, 1.0};  ///< of each bar, in the order of `metres`
};

struct BarChances {
  struct Count {
    int beats_per_bar = 4;
    int first = 0;        ///< 0-based beat, below beats_per_bar, that is the first of a bar
    double chance = 0.0;  ///< 0..1, mean over all beats; all counts together 1
  };
  std::vector<float> downbeat;  ///< [beats] 0..1: this beat is the first of a bar
  std::vector<Count> counts;    ///< every metre with every first beat, metres in the model's order
};

/// `frames` [beats]: where the beats lie in the evidence. Two beats that are heard alike as downbeats are as likely.
/// Empty for no beats.
[[nodiscard]] BarChances weigh_bars(const BeatEvidence& evidence, std::span<const std::size_t> frames,
                                    const BarModel& model = {});

}  // namespace pop2piano
