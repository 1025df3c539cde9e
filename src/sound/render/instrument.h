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
  std::unique_ptr<SoundFontShelf> kept;  ///< keeps the samples decoded; no thread plays from it

  /// A shelf for one thread to play from.
  [[nodiscard]] std::unique_ptr<SoundFontShelf> new_shelf() const;
};

}  // namespace pop2piano
