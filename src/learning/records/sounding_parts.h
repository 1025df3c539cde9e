// SPDX-License-Identifier: MIT
// What the parts of an arrangement sound on the rhythmic grid, as tensors of its record: the bass, and the lowest note
// of all that plays under the melody. Nothing is heard here: both are known from the notes.
#pragma once

#include <cstddef>

#include "learning/dataset/song_record.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

/// kBassTensor: what the bass instrument sounds; all 0 in a band without one. `added`: beats of the record before the
/// arrangement's first.
[[nodiscard]] OwnedTensor bass_tensor(const Arrangement& arrangement, std::size_t frames, std::size_t added);

/// kLowestTensor: the lowest note that any player sounds, those of the melody, its harmonies and drums left out.
[[nodiscard]] OwnedTensor lowest_tensor(const Arrangement& arrangement, std::size_t frames, std::size_t added);

}  // namespace pop2piano
