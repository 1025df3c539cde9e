// SPDX-License-Identifier: MIT
// The sound of a performance: a piano of a sound font, a room, a recorder with its noise, filters and lossy coding.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/core/random.h"
#include "learning/performances/performance.h"
#include "sound/render/fluid_synth.h"

namespace pop2piano {

/// The pianos of some sound fonts: General MIDI programs 0, 1 and 3 where they have them. One thread at a time.
class Pianos {
 public:
  /// Throws as SoundFontShelf does; nothing_found where no font has a piano.
  explicit Pianos(std::span<const std::filesystem::path> fonts);

  /// Mono, 22,050 Hz, `seconds` long. `recipe`: what was drawn, for the record.
  [[nodiscard]] std::vector<float> record(const PianoPerformance& performance, double seconds, Random random,
                                          std::string& recipe);

 private:
  [[nodiscard]] std::vector<float> sound_of(const PianoPerformance& performance, const Preset& preset, int semitones,
                                            double speed, double seconds);

  SoundFontShelf shelf_;
  std::vector<Preset> presets_;
  std::vector<std::string> names_;  // [presets]
};

}  // namespace pop2piano
