// SPDX-License-Identifier: MIT
// Key finding by correlation of the notes' pitch classes, weighted by duration, with key profiles
// (Albrecht and Shanahan 2013, profiles learned from 982 pieces).
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <span>

namespace pop2piano {

/// [12] total duration of each pitch class; melody counts as it sounds, like everything else.
using PitchClassWeights = std::array<double, 12>;

[[nodiscard]] PitchClassWeights pitch_class_weights(std::span<const Note> notes);
/// The best of 24 keys; C major when all weights are 0.
[[nodiscard]] Key find_key(const PitchClassWeights& weights);
[[nodiscard]] Key find_key(std::span<const Note> notes);

/// The usual spelling of a key: -6..5 fifths in major and minor, so that Gb major and Eb minor have six flats.
[[nodiscard]] Key key_with_tonic(int tonic_pitch_class, bool minor);

}  // namespace pop2piano
