// SPDX-License-Identifier: MIT
// Writes the files of one cover: MIDI, sheet music, pages, sound, report, all of them in one archive. The command line
// and the page's server both write them here.
#pragma once

#include <pop2piano/cover.h>
#include <pop2piano/render.h>

#include <filesystem>
#include <functional>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "app/targets/output_plan.h"
#include "writing/cover/report.h"

namespace pop2piano {

struct CoverFileOptions {
  bool lock = true;          ///< MIDI in the recording's own time
  double mix_balance = 0.0;  ///< -1 song only .. 1 piano only
  PedalMode pedal = PedalMode::by_harmony;
  MusicXmlOptions sheet{};
  int sample_rate = 44100;          ///< of sound, per second; see sample_rate_for()
  bool sound_is_optional = false;   ///< no sound font: say so and go on, since sound was not asked for by name
  std::filesystem::path scratch{};  ///< folder for what is made on the way; empty: one of its own
};

/// The piano, which may be loaded while the first song is listened to. Not valid: no sound is wanted.
using ComingInstrument = std::shared_future<LoadedInstrument>;

/// What the cover was made from, for the report and the mix.
struct CoverSource {
  const Recording* recording;  ///< for the mix; null: only what was kept of it is there
  const Analysis& analysis;
  const Model& model;
  const CoverOptions& options;
  const ComingInstrument& instrument;
  ReportSource about;
};

using Warn = std::function<void(const std::string&)>;

/// Before the work, so that no minutes are lost: can the files be made with what is installed? Throws Error:
/// unsupported (sound that this libsndfile cannot write), not_found (no program that engraves PDF).
void check_possible(std::span<const CoverFiles> plans);

/// That all sound files of the plans can have: 48000 where one is Opus, else 44100 per second.
[[nodiscard]] int sample_rate_for(std::span<const CoverFiles> plans);

/// Begins to load the piano if one of the plans wants sound.
ComingInstrument load_instrument(std::span<const CoverFiles> plans, const RenderOptions& options);

/// Returns what was written, in the plan's order; what needs the recording is left out where it is not there. An
/// archive holds MIDI, sheet music, report, piano and mix as FLAC, and the pages where an engraver is installed. Each
/// file is there whole or not at all. Throws what its writers throw.
std::vector<std::filesystem::path> write_cover_files(const CoverFiles& plan, const Cover& cover,
                                                     const CoverSource& source, const CoverFileOptions& options,
                                                     const Warn& warn, const Monitor& monitor = {});

/// Pages of a MusicXML file. `scratch`: an empty folder. Throws as engrave().
void write_pages(const std::filesystem::path& score, const std::filesystem::path& pdf,
                 const std::filesystem::path& scratch, const CancelToken* cancel = nullptr);

}  // namespace pop2piano
