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

nlohmann::ordered_json source_json(const CoverFiles& plan, const CoverSource& source, const WriteOptions& options) {
  const Recording::Description& d = source.recording.description();
  return {
      {"format", "pop2piano-cover/1"},
      {"program", "pop2piano " POP2PIANO_VERSION},
      {"song",
       {{"file", plan.song}, {"codec", d.codec}, {"samples", source.recording.sample_count()}, {"artist", d.artist}}},
      {"model", report_of(source.model)},
      {"options", report_of(source.options)},
      {"midi_locked_to_recording", options.lock}};
}

void write_report(const fs::path& path, const CoverFiles& plan, const Cover& cover, const CoverSource& source,
                  const WriteOptions& options) {
  nlohmann::ordered_json report = source_json(plan, source, options);
  report.update(report_of(cover));
  write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// Sound needs a sound font. Where sound was only part of the default, its lack is said and the rest goes on.
std::optional<LoadedInstrument> instrument_for(const CoverSource& source, const WriteOptions& options,
                                               Console& console) {
  try {
    return source.instrument.get();
  } catch (const Error& error) {
    if (!options.sound_is_optional || error.code() == ErrorCode::malformed) throw;
    console.warn(std::string("no sound is written: ") + error.what());
    return std::nullopt;
  }
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
                                        const WriteOptions& options, Console& console, const Monitor& monitor) {
  std::vector<fs::path> written;
  if (const auto path = plan.find(OutputKind::midi)) {
    write_midi(*path, cover.score,
               {.tempo = options.lock ? MidiTempo::song : MidiTempo::constant, .pedal = options.pedal});
    written.push_back(*path);
  }
  if (const auto path = plan.find(OutputKind::musicxml)) {
    write_musicxml(*path, cover.score, options.sheet);
    written.push_back(*path);
  }
  const auto wav = plan.find(OutputKind::wav), mix = plan.find(OutputKind::mix);
  const auto instrument = wav || mix ? instrument_for(source, options, console) : std::nullopt;
  if (instrument) {
    render_cover(cover.score, source.recording, {.piano = wav.value_or(""), .mix = mix.value_or("")}, *instrument,
                 {.balance = options.mix_balance}, monitor);
    if (wav) written.push_back(*wav);
    if (mix) written.push_back(*mix);
  }
  if (const auto path = plan.find(OutputKind::json)) {
    write_report(*path, plan, cover, source, options);
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
