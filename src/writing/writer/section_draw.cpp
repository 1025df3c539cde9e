// SPDX-License-Identifier: MIT
#include "writing/writer/section_draw.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/core/random.h"

namespace pop2piano {
namespace {

enum class Kind : std::uint64_t { onset, pitch, length };

// Of Gumbel's distribution, the same for the same place and what is chosen there.
float noise(std::uint64_t place, Kind kind, int what, int which = 0) {
  Random random = Random(place).fork(static_cast<std::uint64_t>(kind)).fork(static_cast<std::uint64_t>(what + 512));
  const double u = random.fork(static_cast<std::uint64_t>(which)).uniform();
  return static_cast<float>(-std::log(-std::log(std::max(u, 1e-12))));
}

}  // namespace

int SectionDraw::beat_of(int step) const {
  return std::clamp(floor_divide(first_step_ + step, kStepsPerBeat), 0, song_->beats() - 1);
}

// A number for the section, the beat of the bar and the step of the beat.
std::uint64_t SectionDraw::place_of(int step) const {
  const auto beat = static_cast<std::size_t>(beat_of(step));
  const int within = first_step_ + step - floor_divide(first_step_ + step, kStepsPerBeat) * kStepsPerBeat;
  const int letter = song_->letters.empty() ? 0 : song_->letters[beat];
  Random random(song_->draw);
  return random.fork(static_cast<std::uint64_t>(letter))
      .fork(static_cast<std::uint64_t>(song_->beat_numbers[beat] * kStepsPerBeat + within))
      .next();
}

int SectionDraw::interval_at(int step, int pitch) const {
  return pitch - std::max(0, song_->chords[static_cast<std::size_t>(beat_of(step))].root);
}

bool SectionDraw::weigh(int next, int position, const VoicesVocabulary& vocabulary, std::span<float> logits) const {
  const bool onsets = next >= 0 && weights_.onset > 0.0F, pitches = position >= 0 && weights_.pitch > 0.0F;
  if (onsets) {
    for (int step = next; step < vocabulary.segment_steps(); ++step) {
      logits[static_cast<std::size_t>(vocabulary.first_position + step)] +=
          weights_.onset * noise(place_of(step), Kind::onset, 0);
    }
  }
  if (pitches) {
    const std::uint64_t place = place_of(position);
    for (int pitch = vocabulary.lowest_pitch; pitch <= vocabulary.highest_pitch; ++pitch) {
      logits[static_cast<std::size_t>(vocabulary.first_accompaniment + pitch - vocabulary.lowest_pitch)] +=
          weights_.pitch * noise(place, Kind::pitch, interval_at(position, pitch));
    }
  }
  return onsets || pitches;
}

bool SectionDraw::weigh_durations(int position, int pitch, const VoicesVocabulary& vocabulary,
                                  std::span<float> logits) const {
  if (weights_.length == 0.0F) return false;
  const std::uint64_t place = place_of(position);
  const int interval = interval_at(position, pitch);
  for (std::size_t i = 0; i < vocabulary.durations.size(); ++i) {
    logits[static_cast<std::size_t>(vocabulary.first_duration) + i] +=
        weights_.length * noise(place, Kind::length, interval, static_cast<int>(i));
  }
  return true;
}

}  // namespace pop2piano
