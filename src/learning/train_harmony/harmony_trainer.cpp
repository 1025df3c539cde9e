// SPDX-License-Identifier: MIT
#include "learning/train_harmony/harmony_trainer.h"

#include <algorithm>

namespace pop2piano::training {

HarmonyBatch HarmonyTask::batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random) {
  const std::int64_t n = size, frames = kHarmonySegmentBeats * static_cast<std::int64_t>(kHarmonyFramesPerBeat);
  HarmonyBatch batch{.inputs = at::empty({n, frames, static_cast<std::int64_t>(kHarmonyPitches),
                                          static_cast<std::int64_t>(kHarmonyInputs)}),
                     .chord = at::empty({n, frames}, at::kLong),
                     .chord_bass = at::empty({n, frames}, at::kLong),
                     .bass = at::empty({n, frames}, at::kLong)};
  for (std::int64_t i = 0; i < n; ++i) {
    const HarmonySegment segment = songs.draw(hearing, random.fork(static_cast<std::uint64_t>(i)));
    std::ranges::copy(segment.inputs, batch.inputs[i].data_ptr<float>());
    std::ranges::copy(segment.target.chord, batch.chord[i].data_ptr<std::int64_t>());
    std::ranges::copy(segment.target.chord_bass, batch.chord_bass[i].data_ptr<std::int64_t>());
    std::ranges::copy(segment.target.bass, batch.bass[i].data_ptr<std::int64_t>());
  }
  return batch;
}

}  // namespace pop2piano::training
