// SPDX-License-Identifier: MIT
#include "listening/harmony/chord_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "listening/harmony/harmony_frames.h"
#include "listening/harmony/harmony_network.h"

namespace pop2piano {
namespace {

constexpr std::size_t kClasses = 12;
// C2 to B5: below a semitone is as wide as the window sees, above partials outweigh what is played.
constexpr std::size_t kFirstPitch = 12, kEndPitch = 60;
constexpr float kFitsNothing = 0.25F;
using Profile = std::array<float, kClasses>;

// Zero mean and unit length, so that a product is a correlation; a flat profile becomes 0.
void normalise(Profile& profile) {
  float mean = 0.0F, energy = 0.0F;
  for (const float value : profile) mean += value / kClasses;
  for (float& value : profile) value -= mean;
  for (const float value : profile) energy += value * value;
  for (float& value : profile) value = energy > 1e-12F ? value / std::sqrt(energy) : 0.0F;
}

// Of each kind on C: its notes with six partials each, 0.6 times weaker from one to the next.
std::array<Profile, kChordKinds.size()> shapes() {
  constexpr std::array<std::size_t, 6> kPartialClass = {0, 0, 7, 0, 4, 7};
  std::array<Profile, kChordKinds.size()> result{};
  for (std::size_t kind = 0; kind < result.size(); ++kind) {
    for (std::size_t note = 0; note < kClasses; ++note) {
      float weight = (kChordKinds[kind].notes >> note & 1) != 0 ? 1.0F : 0.0F;
      for (const std::size_t partial : kPartialClass) {
        result[kind][(note + partial) % kClasses] += weight;
        weight *= 0.6F;
      }
    }
    normalise(result[kind]);
  }
  return result;
}

// Amplitude of each level, but for a factor that a correlation does not see.
std::array<float, 256> amplitudes() {
  std::array<float, 256> result{};
  for (std::size_t level = 0; level < result.size(); ++level)
    result[level] = std::exp((static_cast<float>(level) / kHarmonyLevelsPerUnit - kHarmonyLevelZero) / 2.0F);
  return result;
}

void add_frame(std::span<const std::uint8_t> levels, const std::array<float, 256>& amplitude, Profile& profile) {
  for (std::size_t pitch = kFirstPitch; pitch < kEndPitch; ++pitch) {
    const auto bands = levels.subspan(pitch * kBandsPerSemitone, kBandsPerSemitone);
    profile[pitch % kClasses] += amplitude[*std::ranges::max_element(bands)];
  }
}

}  // namespace

Matrix<float> chord_fits(Span2D<const std::uint8_t> levels, std::size_t beats) {
  static const auto kShapes = shapes();
  static const auto kAmplitudes = amplitudes();
  Matrix<float> fits(beats, kChordClasses);
  for (std::size_t beat = 0; beat < beats; ++beat) {
    Profile profile{};
    const std::size_t first = beat * kHarmonyFramesPerBeat;
    for (std::size_t k = first; k < std::min(first + kHarmonyFramesPerBeat, levels.rows()); ++k)
      add_frame(levels.row(k), kAmplitudes, profile);
    normalise(profile);
    const auto fit = fits.row(beat);
    for (std::size_t chord = 0; chord < kNoChord; ++chord) {
      const Profile& shape = kShapes[chord / kClasses];
      const std::size_t root = chord % kClasses;
      fit[chord] = 0.0F;
      for (std::size_t c = 0; c < kClasses; ++c) fit[chord] += shape[c] * profile[(root + c) % kClasses];
    }
    fit[kNoChord] = kFitsNothing;
  }
  return fits;
}

}  // namespace pop2piano
