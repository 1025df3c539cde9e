// SPDX-License-Identifier: MIT
#include "music/score/swing.h"

namespace pop2piano {
namespace {

constexpr int kThird = kStepsPerBeat / 3;

}  // namespace

double played_beat(int step, const Swing& swing) {
  if (!swing.swings() || step % kThird == 0) return static_cast<double>(step) / kStepsPerBeat;
  const int within = ((step % swing.pair) + swing.pair) % swing.pair;
  const double half = 0.5 * swing.pair, place = swing.pair * swing.ratio / (1 + swing.ratio);
  const double played =
      within <= half ? within * place / half : place + (within - half) * (swing.pair - place) / (swing.pair - half);
  return (step - within + played) / kStepsPerBeat;
}

double Score::time_at(int step) const {
  return grid.time_at(swing.swings() ? played_beat(step, swing) : grid.beat_of(step));
}

}  // namespace pop2piano
