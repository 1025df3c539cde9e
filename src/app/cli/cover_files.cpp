// SPDX-License-Identifier: MIT
#include "app/cli/cover_files.h"

#include <pop2piano/render.h>

#include <algorithm>
#include <cctype>

#include "base/core/output_file.h"
#include "writing/cover/report.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

nlohmann::ordered_json source_json(const CoverFiles& plan, const CoverSource& source, const CoverFileOptions& options) {
  const SoundSource& sound = source.analysis.source;
  nlohmann::ordered_json song = {
      {"file", plan.song}, {"codec", sound.codec}, {"samples", sound.samples}, {"artist", sound.artist}};
  if (plan.kept) {
    song["file"] = sound.name;
    song["analysis"] = plan.song;
  }
  return {{"format", "pop2piano-cover/1"},
          {"program", "pop2piano " POP2PIANO_VERSION},
          {"song", song},
          {"model", report_of(source.model)},
          {"options", report_of(source.options)},
          {"midi_locked_to_recording", options.lock}};
}

void write_report(const fs::path& path, const CoverFiles& plan, const Cover& cover, const CoverSource& source,
                  const CoverFileOptions& options) {
  nlohmann::ordered_json report = source_json(plan, source, options);
  report.update(report_of(cover));
  write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// Sound needs a sound font. Where sound was only part of the default, its lack is said and the rest goes on.
bool sound_is_possible(const CoverFileOptions& options, Console& console) {
  try {
    static_cast<void>(find_soundfont(options.soundfont));
    return true;
  } catch (const Error& error) {
    if (!options.sound_is_optional || error.code() == ErrorCode::malformed) throw;
    console.warn(std::string("no sound is written: ") + error.what());
    return false;
  }
}

void write_sound(const SoundFiles& files, const Cover& cover, const CoverSource& source,
                 const CoverFileOptions& options, const Monitor& monitor) {
  const RenderOptions sound{.soundfont = options.soundfont};
  if (source.recording == nullptr) return render_wav(cover.piano.score, files.piano, sound, monitor);
  render_cover(cover.piano.score, *source.recording, files, sound, {.balance = options.mix_balance}, monitor);
}

}  // namespace

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
  if ((wav || mix) && sound_is_possible(options, console)) {
    write_sound({.piano = wav.value_or(""), .mix = mix.value_or("")}, cover, source, options, monitor);
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
