// SPDX-License-Identifier: MIT
// One cover of a song that may have been heard before.
#pragma once

#include <pop2piano/evaluate.h>

#include "base/core/thread_pool.h"
#include "judging/evaluate/listened_sound.h"

namespace pop2piano {

/// As evaluate_cover(). `song` is the listener of all covers with the same song, melody and vocals.
CoverEvaluation evaluate_cover(const CoverQuery& query, SongListener& song, ThreadPool& pool, const Monitor& monitor,
                               CoverPicture* picture);

}  // namespace pop2piano
