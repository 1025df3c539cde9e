// SPDX-License-Identifier: MIT
// Writes the files of one cover.
#pragma once

#include <pop2piano/cover.h>
#include <pop2piano/render.h>

#include <filesystem>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "app/console/console.h"
#include "app/targets/output_plan.h"

namespace pop2piano::cli {

struct CoverFileOptions {
  bool lock = true;          ///< MIDI in the recording's own time
  std::string soundfont;     ///< empty: searched
  double mix_balance = 0.0;  ///< -1 song only .. 1 piano only
  PedalMode pedal = PedalMode::by_harmony;
  MusicXmlOptions sheet{};
  bool sound_is_optional = false;  ///< no sound font: say so and go on, since sound was not asked for by name
};

/// The piano, which is loaded while the first song is listened to. Not valid: no sound is wanted.
using ComingInstrument = std::shared_future<LoadedInstrument>;

/// What the cover was made from, for the report and the mix.
struct CoverSource {
  const Recording* recording;  ///< for the mix; null: only what was kept of it is there
  const Analysis& analysis;
  const Model& model;
  const CoverOptions& options;
  const ComingInstrument& instrument;
};

/// Begins to load the piano if one of the plans wants sound.
ComingInstrument load_instrument(std::span<const CoverFiles> plans, const RenderOptions& options);

/// Returns what was written, in order. Each file is there whole or not at all.
std::vector<std::filesystem::path> write_cover_files(const CoverFiles& plan, const Cover& cover,
                                                     const CoverSource& source, const CoverFileOptions& options,
                                                     Console& console, const Monitor& monitor);

/// "04 - My song.mp3" -> "My song"; "-" -> "Piano cover"
std::string title_from_name(const std::string& song);

}  // namespace pop2piano::cli
