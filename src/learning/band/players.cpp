// SPDX-License-Identifier: MIT
// What players have in common: how exactly they play, and their amplifiers.
#include "learning/band/players.h"

namespace pop2piano {

HumanTiming draw_timing(Random& random) {
  HumanTiming timing;
  timing.shift_s = random.chance(0.4) ? 0.0 : 0.008 * random.normal();
  timing.error_s = random.chance(0.3) ? 0.0005 : random.uniform(0.002, 0.014);
  return timing;
}

AmplifierOptions draw_amplifier(Random& random) {
  AmplifierOptions o;
  o.drive_db = random.uniform(8, 42);
  o.asymmetry = random.uniform(0.0, 0.35);
  o.tight_hz = random.uniform(70, 220);
  o.cabinet_hz = random.uniform(3500, 6500);
  o.presence_db = random.uniform(0, 9);
  o.presence_hz = random.uniform(1700, 3400);
  return o;
}

}  // namespace pop2piano
