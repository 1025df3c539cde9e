// SPDX-License-Identifier: MIT
// One cover of a song that may have been analysed before.
#pragma once

#include <pop2piano/evaluate.h>

#include "base/core/thread_pool.h"
#include "judging/evaluate/reference_song.h"

namespace pop2piano {

/// As evaluate_cover(). `song` is that of all covers with the same song, melody and vocals.
CoverEvaluation evaluate_cover(const CoverQuery& query, ReferenceSong& song, ThreadPool& pool, const Monitor& monitor,
                               CoverPicture* picture);

}  // namespace pop2piano
