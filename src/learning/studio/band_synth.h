// SPDX-License-Identifier: MIT
// Instruments of sound fonts, each rendered dry to a track of its own (FluidSynth).
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

struct Instrument {
  int font = 0;             ///< index into the sound fonts given
  int program = 0;          ///< General MIDI, 0-based; of a drum kit: its number (0 standard, 8 room, 16 power, ...)
  bool percussion = false;  ///< bank 128
};

struct PitchBend {
  double time = 0;       ///< seconds
  double semitones = 0;  ///< -12..12
};

struct InstrumentTrack {
  Instrument instrument;
  std::vector<PlayedNote> notes;  // any order, whole pitches
  std::vector<PitchBend> bends;   // ordered
};

/// Holds the fonts' headers and the samples of every instrument used so far. Not thread-safe; one per thread. What
/// render() returns depends on its arguments alone.
class BandSynth {
 public:
  static constexpr int kSampleRate = 22050;

  /// Throws Error: malformed naming a file that is no sound font, unsupported (built without FluidSynth).
  explicit BandSynth(std::span<const std::filesystem::path> sound_fonts);
  ~BandSynth();
  BandSynth(BandSynth&&) noexcept;
  BandSynth& operator=(BandSynth&&) noexcept;

  [[nodiscard]] std::size_t font_count() const;
  /// [tracks][samples], mono. Instruments that a font lacks fall back to its first program.
  std::vector<std::vector<float>> render(std::span<const InstrumentTrack> tracks, std::size_t samples);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pop2piano
