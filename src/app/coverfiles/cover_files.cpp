// SPDX-License-Identifier: MIT
#include "app/coverfiles/cover_files.h"

#include <algorithm>
#include <optional>

#include "app/bundle/zip_writer.h"
#include "app/engrave/engravers.h"
#include "base/core/child_process.h"
#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "sound/soundfiles/sound_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr int kRateOfOpus = 48000;

bool any_of(std::span<const CoverFiles> plans, bool (*wanted)(OutputKind)) {
  return std::any_of(plans.begin(), plans.end(), [&](const CoverFiles& plan) {
    return std::any_of(plan.files.begin(), plan.files.end(),
                       [&](const PlannedFile& file) { return wanted(file.kind); });
  });
}

bool needs_sound(OutputKind kind) { return is_sound(kind) || kind == OutputKind::zip; }

// The plan and, in `scratch`, what its files are made from.
CoverFiles with_sources(const CoverFiles& plan, const fs::path& scratch, bool recording) {
  CoverFiles all = plan;
  std::erase_if(all.files, [&](const PlannedFile& file) { return is_mix(file.kind) && !recording; });
  const auto add = [&](OutputKind kind) {
    if (!all.find(kind)) all.files.push_back({kind, scratch / ("cover" + extension_of(kind))});
  };
  if (all.find(OutputKind::zip)) {
    for (const OutputKind kind : {OutputKind::midi, OutputKind::musicxml, OutputKind::json, OutputKind::flac})
      add(kind);
    if (recording) add(OutputKind::mix_flac);
    if (can_engrave_pdf()) add(OutputKind::pdf);
  }
  if (all.find(OutputKind::pdf)) add(OutputKind::musicxml);
  const std::vector<PlannedFile> files = all.files;
  for (const PlannedFile& file : files) {
    if (is_sound(file.kind)) add(is_mix(file.kind) ? OutputKind::mix : OutputKind::wav);
  }
  return all;
}

// Sound needs a sound font. Where sound was only part of the default, its lack is said and the rest goes on.
std::optional<LoadedInstrument> instrument_for(const CoverSource& source, const CoverFileOptions& options,
                                               const Warn& warn) {
  try {
    return source.instrument.get();
  } catch (const Error& error) {
    if (!options.sound_is_optional || error.code() == ErrorCode::malformed) throw;
    warn(std::string("no sound is written: ") + error.what());
    return std::nullopt;
  }
}

void write_sound(const CoverFiles& all, const Cover& cover, const CoverSource& source,
                 const LoadedInstrument& instrument, const CoverFileOptions& options, const Monitor& monitor) {
  const SoundFiles wav{.piano = all.find(OutputKind::wav).value_or(""), .mix = all.find(OutputKind::mix).value_or("")};
  if (wav.mix.empty()) {
    render_wav(cover.piano.score, wav.piano, instrument, monitor);
  } else {
    render_cover(cover.piano.score, *source.recording, wav, instrument,
                 {.balance = options.mix_balance, .sample_rate = options.sample_rate}, monitor);
  }
  for (const PlannedFile& file : all.files) {
    if (!is_sound(file.kind) || file.kind == OutputKind::wav || file.kind == OutputKind::mix) continue;
    monitor.check();
    encode_sound(is_mix(file.kind) ? wav.mix : wav.piano, file.path);
  }
}

void write_report(const fs::path& path, const Cover& cover, const CoverSource& source) {
  nlohmann::ordered_json report = report_head(source.about, source.analysis, source.model, source.options);
  report.update(report_of(cover));
  write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// Files have the archive's name with their own endings, whatever else they are called.
void write_archive(const CoverFiles& all) {
  const fs::path target = *all.find(OutputKind::zip);
  std::vector<ZipEntry> entries;
  for (const OutputKind kind : {OutputKind::musicxml, OutputKind::pdf, OutputKind::midi, OutputKind::json,
                                OutputKind::flac, OutputKind::mix_flac}) {
    if (const auto file = all.find(kind)) {
      entries.push_back({.name = target.stem().string() + extension_of(kind), .file = *file});
    }
  }
  write_zip(target, entries);
}

void write_sheets(const CoverFiles& all, const fs::path& scratch, const Cover& cover, const CoverFileOptions& options,
                  const Monitor& monitor) {
  if (const auto path = all.find(OutputKind::midi)) {
    write_midi(*path, cover.piano.score,
               {.tempo = options.lock ? MidiTempo::song : MidiTempo::constant, .pedal = options.pedal});
  }
  if (const auto path = all.find(OutputKind::musicxml)) write_musicxml(*path, cover.piano.score, options.sheet);
  if (const auto path = all.find(OutputKind::pdf)) {
    fs::create_directory(scratch / "pages");
    write_pages(*all.find(OutputKind::musicxml), *path, scratch / "pages", monitor.cancel);
    fs::remove_all(scratch / "pages");
  }
}

}  // namespace

void check_possible(std::span<const CoverFiles> plans) {
  for (const CoverFiles& plan : plans) {
    for (const PlannedFile& file : plan.files) {
      const std::string ending = fs::path("x" + extension_of(file.kind)).extension().string();
      if (is_sound(file.kind) && !can_encode(ending)) {
        throw Error(ErrorCode::unsupported,
                    file.path.string() + ": the installed libsndfile cannot write " + ending + "; write .flac");
      }
      if (file.kind == OutputKind::pdf) require_pdf_engraver();
    }
  }
}

int sample_rate_for(std::span<const CoverFiles> plans) {
  const bool opus = any_of(plans, [](OutputKind k) { return k == OutputKind::opus || k == OutputKind::mix_opus; });
  return opus ? kRateOfOpus : RenderOptions{}.sample_rate;
}

ComingInstrument load_instrument(std::span<const CoverFiles> plans, const RenderOptions& options) {
  if (!any_of(plans, needs_sound)) return {};
  return std::async(std::launch::async, [options] { return LoadedInstrument::load(options); }).share();
}

std::vector<fs::path> write_cover_files(const CoverFiles& plan, const Cover& cover, const CoverSource& source,
                                        const CoverFileOptions& options, const Warn& warn, const Monitor& monitor) {
  std::optional<WorkFolder> own;
  if (options.scratch.empty()) own.emplace();
  const fs::path scratch = own ? own->path() : options.scratch;
  CoverFiles all = with_sources(plan, scratch, source.recording != nullptr);
  const bool sound = std::any_of(all.files.begin(), all.files.end(), [](const auto& f) { return is_sound(f.kind); });
  const auto instrument = sound ? instrument_for(source, options, warn) : std::nullopt;
  if (!instrument) std::erase_if(all.files, [](const PlannedFile& file) { return is_sound(file.kind); });
  write_sheets(all, scratch, cover, options, monitor);
  if (instrument) write_sound(all, cover, source, *instrument, options, monitor);
  if (const auto path = all.find(OutputKind::json)) write_report(*path, cover, source);
  if (const auto path = all.find(OutputKind::analysis)) save_analysis(source.analysis, *path);
  if (all.find(OutputKind::zip)) write_archive(all);
  std::vector<fs::path> written;
  for (const PlannedFile& file : plan.files) {
    if (all.find(file.kind)) written.push_back(file.path);
  }
  for (const PlannedFile& file : all.files) {
    if (!plan.find(file.kind)) fs::remove(file.path);
  }
  return written;
}

void write_pages(const fs::path& score, const fs::path& pdf, const fs::path& scratch, const CancelToken* cancel) {
  const EngravedPages pages = engrave(
      {.score = fs::absolute(score), .folder = scratch, .format = PageFormat::pdf, .engraver = "", .cancel = cancel});
  write_file(pdf, MappedFile(pages.files.front()).bytes());
}

}  // namespace pop2piano
