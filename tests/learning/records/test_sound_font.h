// SPDX-License-Identifier: MIT
// The sound font that tests render with: the smallest installed one. Where there is none, tests that need sound skip.
#pragma once

#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>

#include "learning/records/synthesize.h"
#include "learning/studio/band_synth.h"

namespace pop2piano::testing {

inline constexpr const char* kNoSoundFont =
    "no sound font is installed (musescore-general-soundfont-small in scripts/packages.txt), or the build has no "
    "FluidSynth";

inline std::optional<std::filesystem::path> test_sound_font() {
  const auto fonts = installed_soundfonts();
  if (fonts.empty()) return std::nullopt;
  const auto smallest = std::min_element(fonts.begin(), fonts.end(), [](const auto& a, const auto& b) {
    return std::filesystem::file_size(a) < std::filesystem::file_size(b);
  });
  try {
    const BandSynth synth(std::span(&*smallest, 1));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unsupported) return std::nullopt;
    throw;
  }
  return *smallest;
}

}  // namespace pop2piano::testing
