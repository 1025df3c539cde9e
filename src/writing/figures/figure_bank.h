// SPDX-License-Identifier: MIT
// The bars that figures are chosen from, ready to be asked: slow songs are also counted in halves of their beat, and it
// is known which bars strike a key at a step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "writing/figures/figure_bars.h"

namespace pop2piano {

/// Immutable; may be shared between threads.
class FigureBank {
 public:
  /// Throws Error(nothing_found) without bars, naming `name`.
  FigureBank(FigureBars bars, const std::string& name);
  /// Throws as load_figures() does.
  [[nodiscard]] static std::shared_ptr<const FigureBank> load(const std::filesystem::path& file);

  [[nodiscard]] std::size_t size() const { return all_.bars.size(); }
  [[nodiscard]] const FigureBar& bar(std::size_t index) const { return all_.bars[index]; }
  [[nodiscard]] std::span<const FigureBar> bars() const { return all_.bars; }
  [[nodiscard]] std::span<const FigureNote> notes_of(std::size_t index) const {
    return all_.notes_of(all_.bars[index]);
  }
  [[nodiscard]] std::size_t songs() const { return all_.beat_seconds.size(); }
  [[nodiscard]] float beat_seconds(int song) const { return all_.beat_seconds[static_cast<std::size_t>(song)]; }
  [[nodiscard]] std::span<const BeatChord> chords() const { return all_.chords; }
  [[nodiscard]] const SectionTexture& texture(std::size_t index) const { return textures_[index]; }
  /// Bit n: beat n has onsets on its thirds.
  [[nodiscard]] unsigned triplets(std::size_t index) const { return triplets_[index]; }
  /// Bars with an onset of that key at that step of the bar, increasing.
  [[nodiscard]] std::span<const std::uint32_t> striking(int step, int pitch) const;

 private:
  FigureBars all_;
  std::vector<SectionTexture> textures_;  // [bars]
  std::vector<std::uint8_t> triplets_;    // [bars]
  std::vector<std::uint32_t> striking_;   // bars, by step and pitch
  std::vector<std::uint32_t> first_of_;   // [steps * 128 + 1] where in striking_ they begin
};

}  // namespace pop2piano
