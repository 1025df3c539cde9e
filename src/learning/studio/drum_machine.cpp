// SPDX-License-Identifier: MIT
#include "learning/studio/drum_machine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "learning/studio/effects.h"

namespace pop2piano {
namespace {

using Sample = std::vector<float>;

Sample noise_burst(double seconds, double decay_s, double sample_rate, const FilterDesign& design, Random& random) {
  Sample sound(static_cast<std::size_t>(seconds * sample_rate));
  for (float& x : sound) x = static_cast<float>(random.uniform(-1.0, 1.0));
  apply_filter(sound, design, sample_rate);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    sound[i] *= static_cast<float>(std::exp(-static_cast<double>(i) / (decay_s * sample_rate)));
  }
  return sound;
}

// A sine that falls from sweep times its frequency, fast at first.
void add_swept_sine(Sample& sound, double hz, double sweep, double decay_s, double level, double sample_rate) {
  double phase = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / sample_rate;
    phase += 2 * std::numbers::pi * hz * (1.0 + (sweep - 1.0) * std::exp(-t / 0.018)) / sample_rate;
    sound[i] += static_cast<float>(level * std::sin(phase) * std::exp(-t / decay_s));
  }
}

Sample make_kick(const DrumMachineOptions& o, double rate, Random& random) {
  Sample sound =
      noise_burst(4 * o.kick_decay_s, 0.004, rate, {.kind = FilterKind::low_pass, .frequency = 6000}, random);
  for (float& x : sound) x *= static_cast<float>(o.kick_click);
  add_swept_sine(sound, o.kick_hz, o.kick_sweep, o.kick_decay_s, 1.0, rate);
  return sound;
}

Sample make_snare(const DrumMachineOptions& o, double rate, Random& random) {
  Sample sound = noise_burst(5 * o.snare_decay_s, o.snare_decay_s, rate,
                             {.kind = FilterKind::high_pass, .frequency = random.uniform(600, 1800)}, random);
  for (float& x : sound) x *= static_cast<float>(o.snare_noise);
  add_swept_sine(sound, o.snare_hz, 1.6, 0.07, 0.6, rate);
  return sound;
}

Sample make_clap(const DrumMachineOptions& o, double rate, Random& random) {
  const FilterDesign band{.kind = FilterKind::band_pass, .frequency = random.uniform(1000, 1800), .q = 1.2};
  Sample sound = noise_burst(0.5, o.snare_decay_s * 0.8, rate, band, random);
  const auto gap = static_cast<std::size_t>(random.uniform(0.008, 0.013) * rate);
  for (std::size_t i = 0; i < 3 * gap && i < sound.size(); ++i) {  // three flams before the tail
    const double t = static_cast<double>(i % gap) / rate;
    sound[i] *= static_cast<float>(1.5 * std::exp(-t / 0.004));
  }
  for (float& x : sound) x *= 2.0F;
  return sound;
}

Sample make_metal(double decay_s, double hz, double rate, Random& random) {
  Sample sound = noise_burst(5 * decay_s, decay_s, rate, {.kind = FilterKind::high_pass, .frequency = hz}, random);
  apply_filter(sound, {.kind = FilterKind::high_pass, .frequency = hz}, rate);
  for (float& x : sound) x *= 0.6F;
  return sound;
}

std::array<Sample, kDrumSoundCount> make_sounds(const DrumMachineOptions& o, double rate) {
  Random random(o.seed);
  std::array<Sample, kDrumSoundCount> sounds;
  const auto at = [&](DrumSound sound) -> Sample& { return sounds[static_cast<std::size_t>(sound)]; };
  at(DrumSound::kick) = make_kick(o, rate, random);
  at(DrumSound::snare) = make_snare(o, rate, random);
  at(DrumSound::clap) = make_clap(o, rate, random);
  at(DrumSound::closed_hat) = make_metal(o.closed_decay_s, o.hat_hz, rate, random);
  at(DrumSound::open_hat) = make_metal(o.open_decay_s, o.hat_hz, rate, random);
  at(DrumSound::crash) = make_metal(random.uniform(0.4, 1.2), 0.5 * o.hat_hz, rate, random);
  at(DrumSound::tom) = Sample(static_cast<std::size_t>(0.6 * rate), 0.0F);
  add_swept_sine(at(DrumSound::tom), random.uniform(80, 160), 1.8, 0.15, 0.9, rate);
  at(DrumSound::shaker) = make_metal(0.04, 0.8 * o.hat_hz, rate, random);
  if (o.distortion > 0) {
    for (Sample& sound : sounds) apply_soft_clip(sound, o.distortion);
  }
  return sounds;
}

}  // namespace

DrumMachineOptions draw_drum_machine(Random& random) {
  DrumMachineOptions o;
  o.kick_hz = random.uniform(42, 65);
  o.kick_sweep = random.uniform(2.0, 6.0);
  o.kick_decay_s = random.uniform(0.08, 0.45);
  o.kick_click = random.uniform(0.0, 0.7);
  o.snare_hz = random.uniform(150, 240);
  o.snare_noise = random.uniform(0.5, 1.0);
  o.snare_decay_s = random.uniform(0.06, 0.22);
  o.hat_hz = random.uniform(5500, 8500);
  o.closed_decay_s = random.uniform(0.012, 0.05);
  o.open_decay_s = random.uniform(0.1, 0.35);
  o.distortion = random.chance(0.35) ? random.uniform(0.5, 3.0) : 0.0;
  o.seed = random.next();
  return o;
}

std::vector<float> play_drum_machine(std::span<const DrumHit> hits, std::size_t samples, double sample_rate,
                                     const DrumMachineOptions& options) {
  std::vector<float> out(samples, 0.0F);
  const auto sounds = make_sounds(options, sample_rate);
  for (const DrumHit& hit : hits) {
    if (hit.time < 0) continue;
    const Sample& sound = sounds[static_cast<std::size_t>(hit.sound)];
    const auto start = static_cast<std::size_t>(hit.time * sample_rate);
    const auto strength = static_cast<float>(hit.strength);
    for (std::size_t i = 0; i < sound.size() && start + i < samples; ++i) out[start + i] += strength * sound[i];
  }
  return out;
}

}  // namespace pop2piano
