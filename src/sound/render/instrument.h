// SPDX-License-Identifier: MIT
// What a loaded instrument is made of: fonts for the threads that play it, and how loud it must be played.
#pragma once

#include <pop2piano/render.h>

#include <filesystem>
#include <memory>

#include "sound/render/fluid_synth.h"

namespace pop2piano {

struct LoadedInstrument::State {
  std::filesystem::path soundfont;
  RenderOptions options;
  double gain = 1.0;                     ///< of the synthesiser: brings the reference chord to the common loudness
  bool dry = false;                      ///< it sends nothing to the reverberation unless controller 91 says so
  std::unique_ptr<SoundFontShelf> kept;  ///< keeps the samples decoded; no thread plays from it

  enum class Reverb : std::uint8_t { off, on };
  /// A shelf for one thread to play from.
  [[nodiscard]] std::unique_ptr<SoundFontShelf> new_shelf(Reverb reverb) const;
};

}  // namespace pop2piano
