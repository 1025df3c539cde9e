// SPDX-License-Identifier: MIT
// Onsets on 16ths or triplets (of dotted beats: on sixths or quarters), one choice for each beat: the cheapest sequence
// of choices (Viterbi) under the squared distance of the onsets, a prior against triplets and a cost for changing. How
// exact the playing is, is measured first.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

enum class BeatDivision : std::uint8_t { sixteenths, triplets, sixths };

enum class BeatKind : std::uint8_t {
  plain,   ///< of two halves: 16ths or triplets
  dotted,  ///< of three thirds: sixths or quarters
};

struct QuantiseOptions {
  BeatKind beats = BeatKind::plain;
  double triplet_cost = 2.0;  ///< of a beat in triplets (dotted: in quarters), in the unit of half a squared deviation
  double change_cost = 1.5;   ///< of changing the division from one beat to the next
  double collision_cost = 4.0;     ///< of two onsets more than an eighth of a beat apart that fall on one place
  double least_deviation = 0.015;  ///< beats; playing that is on the grid counts as this exact
};

/// The division of each beat from `first_beat` on.
class Quantiser {
 public:
  /// `onsets`: positions in beats, in any order.
  explicit Quantiser(std::span<const double> onsets, const QuantiseOptions& options = {});

  [[nodiscard]] BeatDivision division(int beat) const;
  /// Steps between two places of the beat's grid.
  [[nodiscard]] int unit(int beat) const;
  /// The nearest place in steps.
  [[nodiscard]] int step(double beats) const;
  /// Standard deviation (beats) of the onsets from where they might belong.
  [[nodiscard]] double deviation() const { return deviation_; }

 private:
  BeatDivision usual_ = BeatDivision::sixteenths;
  int first_beat_ = 0;
  std::vector<BeatDivision> divisions_;
  double deviation_ = 0.0;
};

}  // namespace pop2piano
