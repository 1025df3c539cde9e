// SPDX-License-Identifier: MIT
// Electronic drums: decaying sines and filtered noise, as drum machines make them. One sound per instrument and song.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

enum class DrumSound { kick, snare, clap, closed_hat, open_hat, crash, tom, shaker };
inline constexpr std::size_t kDrumSoundCount = 8;

struct DrumHit {
  double time = 0;  ///< seconds
  DrumSound sound = DrumSound::kick;
  double strength = 1;  ///< 0..1
};

struct DrumMachineOptions {
  double kick_hz = 50, kick_sweep = 3.0, kick_decay_s = 0.25, kick_click = 0.3;
  double snare_hz = 190, snare_noise = 0.8, snare_decay_s = 0.15;
  double hat_hz = 7500, closed_decay_s = 0.03, open_decay_s = 0.25;
  double distortion = 0;  ///< drive of a soft clipper; 0: none
  std::uint64_t seed = 1;
};

[[nodiscard]] DrumMachineOptions draw_drum_machine(Random& random);
[[nodiscard]] std::vector<float> play_drum_machine(std::span<const DrumHit> hits, std::size_t samples,
                                                   double sample_rate, const DrumMachineOptions& options);

}  // namespace pop2piano
