// SPDX-License-Identifier: MIT
// A plain accompaniment for songs that come without a piano part (lead sheets): one of the six textures of kStyleNames
// over the written chords, the same throughout. It teaches harmony and density, not a pianist's ideas.
#pragma once

#include <vector>

#include "base/core/random.h"
#include "music/score/symbolic_song.h"

namespace pop2piano {

/// Below the melody's usual register, from C1 to C5; silent where no chord is written. The texture is drawn.
[[nodiscard]] std::vector<SymbolicNote> accompaniment(const SymbolicSong& song, Random random);

}  // namespace pop2piano
