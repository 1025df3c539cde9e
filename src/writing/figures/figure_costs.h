// SPDX-License-Identifier: MIT
// What each bar of the bank costs at one place of a song, in each of twelve keys.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "writing/figures/figure_choice.h"

namespace pop2piano {

inline constexpr std::size_t kFigureKeys = 12;
inline constexpr int kLowestShift = -6;  ///< of the first key, semitones; the last is 5

/// Pitch classes, bit 0 = C, moved by semitones.
[[nodiscard]] constexpr std::uint16_t moved_classes(unsigned classes, int semitones) {
  const auto up = static_cast<unsigned>((semitones % 12 + 12) % 12);
  return static_cast<std::uint16_t>(((classes << up) | (classes >> (12U - up))) & 0xFFFU);
}

/// Of one song. The bank and what the request names must outlive it; at() may be called from several threads.
class FigureCosts {
 public:
  FigureCosts(const FigureBank& bank, const FigureRequest& request, const FigureWeights& weights);

  /// [bars * kFigureKeys] costs at that place, into `costs`.
  void at(const FigurePlace& place, std::vector<float>& costs) const;

 private:
  using Keys = std::array<float, kFigureKeys>;
  using ChordTable = std::vector<Keys>;  // [chords of the bank]
  [[nodiscard]] const ChordTable& table(int beat) const;
  void add_plain(const FigurePlace& place, std::vector<float>& costs) const;
  void add_likeness(const FigurePlace& place, std::span<const Note> text, float weight,
                    std::vector<float>& costs) const;
  void add_variation(const FigurePlace& place, std::vector<float>& costs) const;

  const FigureBank& bank_;
  const FigureRequest& request_;
  const FigureWeights& weights_;
  std::map<std::tuple<int, int, int>, ChordTable> tables_;  // by root, pitch classes and bass that are heard
  std::vector<float> tempo_;                                // [songs of the bank]
  std::vector<std::uint8_t> melody_;                        // [beats] as FigureBar::melody
  std::vector<bool> in_triplets_;                           // [beats] the melody has onsets on thirds
  std::vector<int> melody_sum_, melody_count_;              // [beats] of the melody's pitches
};

}  // namespace pop2piano
