// SPDX-License-Identifier: MIT
// How unevenly the half beats are played: 1 straight, 2 triplet swing.
#pragma once

#include <span>

namespace pop2piano {

/// `curve` [frames] onset strength, `beats` fractional frames, ascending. The ratio of the first to the second part of
/// the beat, by the strongest place between two fifths and nearly three quarters of it over all beats; 1 where none
/// stands out.
double swing_ratio(std::span<const float> curve, std::span<const double> beats);

}  // namespace pop2piano
