// SPDX-License-Identifier: MIT
#include "learning/train_piano/piano_trainer.h"

#include <algorithm>

namespace pop2piano::training {

PianoBatch PianoTask::batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random) {
  const auto frames = static_cast<std::int64_t>(songs.segment_frames()), keys = static_cast<std::int64_t>(kPianoKeys);
  PianoBatch batch{.inputs = at::empty({size, frames, keys, static_cast<std::int64_t>(kPianoInputs)}),
                   .targets = at::empty({size, frames, keys, static_cast<std::int64_t>(kPianoHeads)}),
                   .pedal = at::empty({size, frames})};
  for (std::int64_t i = 0; i < size; ++i) {
    const PianoSegment segment = songs.draw(hearing, random.fork(static_cast<std::uint64_t>(i)));
    std::ranges::copy(segment.inputs, batch.inputs[i].data_ptr<float>());
    std::ranges::copy(segment.targets, batch.targets[i].data_ptr<float>());
    std::ranges::copy(segment.pedal, batch.pedal[i].data_ptr<float>());
  }
  return batch;
}

}  // namespace pop2piano::training
