// SPDX-License-Identifier: MIT
#include "app/cli/cover_files.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/core/output_file.h"
#include "writing/cover/report.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

void write_report(const fs::path& path, const CoverFiles& plan, const Cover& cover, const CoverSource& source,
                  const CoverFileOptions& options) {
  const ReportSource about{.file = plan.kept ? source.analysis.source.name : plan.song,
                           .analysis = plan.kept ? plan.song : "",
                           .program = "pop2piano " POP2PIANO_VERSION,
                           .midi_locked = options.lock};
  nlohmann::ordered_json report = report_head(about, source.analysis, source.model, source.options);
  report.update(report_of(cover));
  write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// Sound needs a sound font. Where sound was only part of the default, its lack is said and the rest goes on.
std::optional<LoadedInstrument> instrument_for(const CoverSource& source, const CoverFileOptions& options,
                                               Console& console) {
  try {
    return source.instrument.get();
  } catch (const Error& error) {
    if (!options.sound_is_optional || error.code() == ErrorCode::malformed) throw;
    console.warn(std::string("no sound is written: ") + error.what());
    return std::nullopt;
  }
}

void write_sound(const SoundFiles& files, const Cover& cover, const CoverSource& source,
                 const LoadedInstrument& instrument, double balance, const Monitor& monitor) {
  if (source.recording == nullptr) return render_wav(cover.piano.score, files.piano, instrument, monitor);
  render_cover(cover.piano.score, *source.recording, files, instrument, {.balance = balance}, monitor);
}

}  // namespace

ComingInstrument load_instrument(std::span<const CoverFiles> plans, const RenderOptions& options) {
  const bool wanted = std::any_of(plans.begin(), plans.end(), [](const CoverFiles& plan) {
    return plan.find(OutputKind::wav) || plan.find(OutputKind::mix);
  });
  if (!wanted) return {};
  return std::async(std::launch::async, [options] { return LoadedInstrument::load(options); }).share();
}

std::vector<fs::path> write_cover_files(const CoverFiles& plan, const Cover& cover, const CoverSource& source,
                                        const CoverFileOptions& options, Console& console, const Monitor& monitor) {
  std::vector<fs::path> written;
  if (const auto path = plan.find(OutputKind::midi)) {
    write_midi(*path, cover.piano.score,
               {.tempo = options.lock ? MidiTempo::song : MidiTempo::constant, .pedal = options.pedal});
    written.push_back(*path);
  }
  if (const auto path = plan.find(OutputKind::musicxml)) {
    write_musicxml(*path, cover.piano.score, options.sheet);
    written.push_back(*path);
  }
  const auto wav = plan.find(OutputKind::wav), mix = source.recording ? plan.find(OutputKind::mix) : std::nullopt;
  const auto instrument = wav || mix ? instrument_for(source, options, console) : std::nullopt;
  if (instrument) {
    write_sound({.piano = wav.value_or(""), .mix = mix.value_or("")}, cover, source, *instrument, options.mix_balance,
                monitor);
    if (wav) written.push_back(*wav);
    if (mix) written.push_back(*mix);
  }
  if (const auto path = plan.find(OutputKind::json)) {
    write_report(*path, plan, cover, source, options);
    written.push_back(*path);
  }
  if (const auto path = plan.find(OutputKind::analysis)) {
    save_analysis(source.analysis, *path);
    written.push_back(*path);
  }
  return written;
}

std::string title_from_name(const std::string& song) {
  if (song == "-") return "Piano cover";
  std::string name = fs::path(song).stem().string();
  std::replace(name.begin(), name.end(), '_', ' ');
  const std::size_t first = name.find_first_not_of("0123456789.- ");  // a track number
  const bool numbered = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0;
  return numbered && first != std::string::npos ? name.substr(first) : name;
}

}  // namespace pop2piano::cli
