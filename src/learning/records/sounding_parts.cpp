// SPDX-License-Identifier: MIT
#include "learning/records/sounding_parts.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {
namespace {

bool is_under_the_melody(const BandTrack& track) {
  return track.role != Role::lead && track.role != Role::harmony && track.role != Role::drums &&
         track.role != Role::percussion && !track.part.instrument.percussion;
}

template <typename Wanted>
OwnedTensor lowest_of(const Arrangement& arrangement, std::string_view name, std::size_t frames, std::size_t added,
                      Wanted&& wanted) {
  std::vector<float> pitch(frames, 0.0F);
  const auto step = [&](double time) {
    const double s = (arrangement.performed.beat_at(time) + static_cast<double>(added)) * kStepsPerBeat;
    return static_cast<std::size_t>(std::clamp(std::round(s), 0.0, static_cast<double>(frames)));
  };
  for (const BandTrack& track : arrangement.band) {
    if (!wanted(track)) continue;
    for (const PlayedNote& note : track.part.notes) {
      for (std::size_t k = step(note.onset); k < step(note.offset); ++k) {
        if (pitch[k] == 0.0F || static_cast<float>(note.pitch) < pitch[k]) pitch[k] = static_cast<float>(note.pitch);
      }
    }
  }
  const auto bytes = std::as_bytes(std::span(pitch));
  return {
      .name = std::string(name), .type = ElementType::f32, .shape = {frames}, .bytes = {bytes.begin(), bytes.end()}};
}

}  // namespace

OwnedTensor bass_tensor(const Arrangement& arrangement, std::size_t frames, std::size_t added) {
  return lowest_of(arrangement, kBassTensor, frames, added,
                   [](const BandTrack& track) { return track.role == Role::bass; });
}

OwnedTensor lowest_tensor(const Arrangement& arrangement, std::size_t frames, std::size_t added) {
  return lowest_of(arrangement, kLowestTensor, frames, added, is_under_the_melody);
}

}  // namespace pop2piano
