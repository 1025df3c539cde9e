// SPDX-License-Identifier: MIT
#include "writing/writer/length_draw.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/core/random.h"

namespace pop2piano {
namespace {

// Of Gumbel's distribution.
float noise(Random random) { return static_cast<float>(-std::log(-std::log(std::max(random.uniform(), 1e-12)))); }

}  // namespace

bool LengthDraw::weigh(int position, int pitch, const VoicesVocabulary& vocabulary, std::span<float> logits) const {
  if (weight_ == 0.0F) return false;
  const int step = first_step_ + position;
  const int beat = floor_divide(step, kStepsPerBeat);
  const auto place = static_cast<std::size_t>(std::clamp(beat, 0, song_->beats() - 1));
  const auto letter = static_cast<std::uint64_t>(song_->letters.empty() ? 0 : song_->letters[place]);
  const int of_bar = song_->beat_numbers[place] * kStepsPerBeat + step - beat * kStepsPerBeat;
  const int interval = pitch - std::max(0, song_->chords[place].root);
  Random random(song_->draw);
  Random note = random.fork(letter)
                    .fork(static_cast<std::uint64_t>(of_bar))
                    .fork(static_cast<std::uint64_t>(interval + kStepsPerBeat));
  for (std::size_t i = 0; i < vocabulary.durations.size(); ++i)
    logits[static_cast<std::size_t>(vocabulary.first_duration) + i] += weight_ * noise(note.fork(i));
  return true;
}

}  // namespace pop2piano
