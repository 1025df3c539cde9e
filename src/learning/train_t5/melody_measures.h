// SPDX-License-Identifier: MIT
// How well the melody is heard, beside the target's, before anything is written.
#pragma once

#include <cstdint>
#include <vector>

#include "base/core/matrix.h"
#include "learning/train_t5/validation.h"

namespace pop2piano::training {

struct MelodyMeasures {
  std::int64_t steps = 0;  ///< at which the target's melody sounds
  std::int64_t right = 0;  ///< those at which the strongest pitch is of its class
  NoteCounts begins;       ///< likely beginnings against the target's onsets: within one step, octaves folded
};

/// `sounds`: shares or chances [steps, any] of semitones from MIDI kLowestMelodyPitch on, those from column `first` on.
void add_sounding(MelodyMeasures& measures, const std::vector<Note>& target, Span2D<const float> sounds,
                  std::size_t first);
/// `chances`: as MelodyNetwork::run() gives them. A beginning is likely where the chances of a pitch class are together
/// at least 0.3 and not less than at the steps beside it.
void add_beginnings(MelodyMeasures& measures, const std::vector<Note>& target, Span2D<const float> chances);

}  // namespace pop2piano::training
