// SPDX-License-Identifier: MIT
#include "learning/band/levels.h"

#include <cmath>

namespace pop2piano {
namespace {

// dB against the lead, as ranges; the melody is at times buried.
double draw_level(Role role, Random& random) {
  switch (role) {
    case Role::lead:
      return random.uniform(-4, 4);
    case Role::harmony:
      return random.uniform(-14, -4);
    case Role::bridge:
      return random.uniform(-16, -4);
    case Role::piano:
      return random.uniform(-18, -6);
    case Role::chords:
      return random.uniform(-15, -4);
    case Role::pad:
      return random.uniform(-20, -8);
    case Role::riff:
      return random.uniform(-16, -5);
    case Role::power:
      return random.uniform(-11, 0);
    case Role::stabs:
      return random.uniform(-14, -5);
    case Role::bass:
      return random.uniform(-8, 3);
    case Role::drums:
      return random.uniform(-8, 4);
    case Role::percussion:
      return random.uniform(-18, -6);
  }
  return -10;
}

}  // namespace

void set_levels(Arrangement& arrangement, Random& random) {
  const double lead_db = draw_level(Role::lead, random);
  const double band_db = random.uniform(-3, 3);
  for (BandTrack& track : arrangement.band) {
    track.strip.level_db = track.role == Role::lead ? lead_db : band_db + draw_level(track.role, random);
  }
  for (VocalTrack& track : arrangement.voices) {
    track.strip.level_db = track.role == Role::lead ? lead_db : lead_db + random.uniform(-13, -4);
  }
  for (DrumMachineTrack& track : arrangement.machines) track.strip.level_db = band_db + draw_level(Role::drums, random);
}

Mastering draw_mastering(Random& random) {
  Mastering m;
  m.reverb = {.seconds = std::exp(random.uniform(std::log(0.4), std::log(3.0))),
              .damping_hz = random.uniform(2500, 8000),
              .predelay_s = random.uniform(0.0, 0.04),
              .seed = random.next()};
  if (random.chance(0.6)) {
    const std::size_t points = 3 + random.index(4);
    for (std::size_t i = 0; i < points; ++i) {
      m.equaliser.push_back({.kind = FilterKind::peak,
                             .frequency = std::exp(random.uniform(std::log(50.0), std::log(10000.0))),
                             .q = random.uniform(0.5, 1.5),
                             .gain_db = random.uniform(-9, 6)});
    }
  }
  m.equaliser.push_back(
      {.kind = FilterKind::high_shelf, .frequency = random.uniform(1500, 6000), .gain_db = random.uniform(-9, 6)});
  if (random.chance(0.18)) {
    m.ducking_db = random.uniform(3, 14);
    m.ducking_release_s = random.uniform(0.12, 0.4);
  }
  if (random.chance(0.65)) {
    m.compressor = CompressorOptions{.threshold_db = random.uniform(-24, -12),
                                     .ratio = random.uniform(1.5, 6.0),
                                     .attack_s = random.uniform(0.003, 0.04),
                                     .release_s = random.uniform(0.06, 0.4)};
  }
  if (random.chance(0.8)) {
    m.roughness = random.uniform(0.02, 0.20);
    m.roughness_hz = random.uniform(20, 250);
  }
  m.crest_db = random.uniform(9.5, 18);
  m.soft_clip_drive = random.chance(0.55) ? random.uniform(0.3, 2.5) : 0.0;
  m.noise_db = random.chance(0.5) ? random.uniform(-80, -42) : -200;
  m.peak = random.uniform(0.3, 1.0);
  if (random.chance(0.12))
    m.mp3_quality = random.uniform(0.2, 0.9);
  else if (random.chance(0.10))
    m.ogg_quality = random.uniform(0.05, 0.7);
  return m;
}

}  // namespace pop2piano
