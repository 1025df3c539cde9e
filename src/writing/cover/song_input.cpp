// SPDX-License-Identifier: MIT
#include "writing/cover/song_input.h"

#include <pop2piano/error.h>

#include "writing/cover/beat_synchronous_input.h"
#include "writing/cover/published_input.h"

namespace pop2piano {

std::unique_ptr<SongInput> make_song_input(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                                           const BeatGrid& heard, const CoverOptions& options, ThreadPool& pool,
                                           const Monitor& monitor) {
  if (config.features.kind == FeatureKind::mel) {
    return std::make_unique<PublishedInput>(config, recording, grid, heard, monitor);
  }
  if (config.features.kind == FeatureKind::symbols) {
    throw Error(ErrorCode::unsupported,
                "the model reads symbols (chords and a tune), not sound; give a model that listens, such as "
                "models/default");
  }
  return std::make_unique<BeatSynchronousInput>(config, recording, grid, options, pool, monitor);
}

}  // namespace pop2piano
