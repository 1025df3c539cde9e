// SPDX-License-Identifier: MIT
// Is it a piano, and nothing but a piano? What the piano network says of a piano is sure and explains all that is
// heard: notes begin sharply, nothing begins without a note, nothing grows louder that is not struck. A logistic
// regression on six such figures of the whole recording, fitted on renderings (bench/solo_piano). It does not tell two
// pianos from one, nor a piano from a good imitation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "listening/piano/piano_network.h"

namespace pop2piano {

/// Less than this probability means: not a piano alone.
inline constexpr double kSoloPianoLeast = 0.5;
/// Names of the figures are those of the enumeration in solo_piano.cpp.
inline constexpr std::size_t kSoloFigures = 6;
using SoloFigures = std::array<double, kSoloFigures>;

/// Streaming: push() all frames, then figures() or probability().
class SoloPianoSurvey {
 public:
  SoloPianoSurvey();
  /// One frame: what is heard [kPianoLevels] and what the network says of it [kPianoOutputs].
  void push(std::span<const std::uint8_t> levels, std::span<const float> outputs);
  /// Of all frames but the last kAhead.
  [[nodiscard]] SoloFigures figures() const;
  /// That it is a piano alone, 0..1; 0 where no note was heard.
  [[nodiscard]] double probability() const;

 private:
  struct Frame {
    std::vector<std::uint8_t> levels;
    std::vector<float> outputs;
  };
  static constexpr std::size_t kAround = 3, kBefore = 8;  // frames

  void look_at_middle();
  void look_at_onsets();
  void look_at_rises();
  void look_at_sounds();
  [[nodiscard]] const Frame& at(std::ptrdiff_t later) const {
    return frames_[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(kBefore) + later)];
  }
  [[nodiscard]] float onset(std::ptrdiff_t later, std::size_t key) const {
    return at(later).outputs[piano_output(key, PianoHead::onset)];
  }
  [[nodiscard]] float strongest_onset(std::ptrdiff_t from, std::ptrdiff_t to, std::size_t key) const;

  std::deque<Frame> frames_;  // kBefore, the middle one, kAround
  std::array<double, kSoloFigures> sums_{}, weights_{};
};

}  // namespace pop2piano
