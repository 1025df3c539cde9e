// SPDX-License-Identifier: MIT
// pop2piano arrange: any MIDI file or score as a piano part for a player's level.
#include <pop2piano/cover.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "app/cli/arranging_options.h"
#include "app/cli/command.h"
#include "app/cli/song_options.h"
#include "app/console/interrupt.h"
#include "app/coverfiles/song_title.h"
#include "app/targets/free_target.h"
#include "app/targets/output_plan.h"
#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "listening/align/song_alignment.h"
#include "listening/analysis/beats.h"
#include "music/repeats/played_out.h"
#include "music/scorefiles/import.h"
#include "writing/cover/report.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

struct ArrangeArguments {
  std::string input, output, song, title;
  ArrangingOptions arranging;
  SongOptions song_options;
  std::string repeats = "keep";
  bool force = false, lock = true;
};

/// What was read, and where it was put.
struct Source {
  Score score;
  Rhythm rhythm;        // that it stands on
  double duration = 0;  // seconds
  std::vector<LeftOut> left_out;
  std::vector<float> loudness_db;  // [beats] of the song; empty: there is none
};

Source read_source(const ArrangeArguments& a, Console& console) {
  constexpr double kOffBeat = 0.04;  // beats
  const Monitor monitor = console.monitor(&interrupt_token());
  Imported imported =
      import_score(a.input, {.repeats = a.song.empty() && a.repeats == "keep" ? Repeats::keep : Repeats::play});
  Source source;
  if (!a.song.empty()) {
    const Recording recording = Recording::open(a.song, a.song_options.recording(), monitor);
    source.rhythm = find_beats(recording, a.song_options.beats(), a.song_options.threads, monitor);
    source.duration = recording.duration();
    const BeatGrid grid = source.rhythm.grid.extended(0.0, recording.duration());
    const SongAlignment alignment = align_with_song(imported.score, recording, a.song_options.threads);
    if (alignment.warped) {
      console.warn(
          fmt::format("{}: has a time of its own; it was warped to {} by harmony and onsets", a.input, a.song));
    }
    imported = import_score(a.input, {.grid = grid, .time = alignment.time});
    source.loudness_db = loudness_per_beat(recording, grid);
  }
  for (const std::string& warning : imported.warnings) console.warn(a.input + ": " + warning);
  if (imported.deviation > kOffBeat) {
    console.warn(
        fmt::format("{}: its notes lie off its beats by {:.0f} % of a beat; name the recording with --song, or "
                    "expect bars that mean nothing",
                    a.input, 100.0 * imported.deviation));
  }
  source.left_out = std::move(imported.left_out);
  source.score = std::move(imported.score);
  if (!a.title.empty()) source.score.title = a.title;
  if (source.score.title.empty()) source.score.title = title_from_name(a.input);
  if (a.song.empty()) {
    source.rhythm = {.grid = source.score.grid, .given = true, .confidence = 1.0};
    source.duration = source.score.grid.times.back();
  }
  return source;
}

PianoScore arranged(Source& source, const ArrangeArguments& a) try {
  const std::size_t graces = source.score.graces.size();
  PianoScore piano = arrange(std::move(source.score), a.arranging.piano, source.loudness_db);
  if (const std::size_t lost = graces - piano.score.graces.size(); lost > 0) {
    source.left_out.push_back({"grace notes", lost, "their main notes were left out or moved, or the level has none"});
  }
  return piano;
} catch (const Error& error) {
  if (error.code() != ErrorCode::nothing_found) throw;
  throw Error(error.code(), a.input + ": " + error.what());
}

std::map<OutputKind, fs::path> plan(const ArrangeArguments& a) {
  const std::vector<OutputKind> kinds = {OutputKind::midi, OutputKind::musicxml, OutputKind::json};
  const fs::path target = a.output.empty() ? fs::path(".") : fs::path(a.output);
  std::map<OutputKind, fs::path> files;
  for (const auto& [ending, kind] : {std::pair(".mid", OutputKind::midi), std::pair(".midi", OutputKind::midi),
                                     std::pair(".musicxml", OutputKind::musicxml),
                                     std::pair(".xml", OutputKind::musicxml), std::pair(".json", OutputKind::json)}) {
    if (!is_folder(target) && target.extension() == ending) files[kind] = target;
  }
  if (files.empty()) {
    if (target.has_extension() && !is_folder(target) && a.output.back() != '/') {
      throw Error(ErrorCode::invalid_argument, a.output +
                                                   ": expected a folder or a name ending in .mid, .musicxml or "
                                                   ".json; sheet music as PDF is made by pop2piano engrave");
    }
    const std::string stem = fs::path(a.input).stem().string() + "." + a.arranging.level;
    for (const OutputKind kind : kinds) files[kind] = target / fitting_name(stem, extension_of(kind));
  }
  for (const auto& [kind, path] : files) {
    check_free(path, a.force);
    if (path.has_parent_path()) {
      std::error_code error;
      fs::create_directories(path.parent_path(), error);  // a failure shows when the file is written
    }
  }
  return files;
}

void write_files(const std::map<OutputKind, fs::path>& files, const PianoScore& piano, const Source& source,
                 const ArrangeArguments& a) {
  for (const auto& [kind, path] : files) {
    if (kind == OutputKind::midi) {
      write_midi(path, played_out(piano.score),
                 {.tempo = a.lock ? MidiTempo::song : MidiTempo::constant, .pedal = a.arranging.pedal()});
    }
    if (kind == OutputKind::musicxml) write_musicxml(path, piano.score, a.arranging.sheet);
    if (kind != OutputKind::json) continue;
    nlohmann::ordered_json report = {
        {"format", "pop2piano-arrangement/1"},
        {"program", "pop2piano " POP2PIANO_VERSION},
        {"source", a.input},
        {"song", a.song.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(a.song)}};
    report.update(report_of(piano, source.rhythm, source.duration));
    report["left_out"] = nlohmann::ordered_json::array();
    for (const auto& [what, count, why] : source.left_out) {
      report["left_out"].push_back({{"what", what}, {"count", count}, {"why", why}});
    }
    write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
}

std::string summary(const ArrangeArguments& a, const PianoScore& piano) {
  std::map<ChangeKind, std::size_t> counts;
  for (const NoteChange& change : piano.changes) ++counts[change.kind];
  return fmt::format("{}: level {}, {}, {} notes ({} dropped, {} moved, {} shortened, {} added)", a.input,
                     a.arranging.level, piano.score.key ? to_string(*piano.score.key) : "no key",
                     piano.score.notes.size(), counts[ChangeKind::dropped], counts[ChangeKind::moved],
                     counts[ChangeKind::shortened], counts[ChangeKind::added]);
}

void arrange_file(const ArrangeArguments& a, Console& console) {
  const auto files = plan(a);
  Source source = read_source(a, console);
  const PianoScore piano = arranged(source, a);
  write_files(files, piano, source, a);
  if (!source.left_out.empty()) console.warn(a.input + ": left out: " + to_string(source.left_out));
  if (const std::size_t graces = piano.score.graces.size(); graces > 0 && files.contains(OutputKind::midi)) {
    console.warn(
        fmt::format("{}: {} grace notes are in sheet music only; they have no time of their own", a.input, graces));
  }
  console.say(summary(a, piano));
  nlohmann::json written = nlohmann::json::array();
  for (const auto& [kind, path] : files) {
    console.say("  " + path.string());
    written.push_back(path.string());
  }
  console.event("arrange", {{"source", a.input},
                            {"level", piano.level},
                            {"notes", piano.score.notes.size()},
                            {"changes", piano.changes.size()},
                            {"files", written}});
}

}  // namespace

void add_arrange_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<ArrangeArguments>();
  CLI::App* command =
      program.add_subcommand("arrange", "Arrange a MIDI file or a score for two hands and a player's level");
  command->add_option("SCORE", arguments->input, "MIDI, MusicXML, or compressed MusicXML (.mxl), from any program")
      ->required()
      ->type_name("");
  command
      ->add_option("-o,--output", arguments->output,
                   "A folder, or one file: .mid, .musicxml or .json (default: all three in this folder)")
      ->type_name("DIR|FILE")
      ->group("Files");
  command->add_flag("--force", arguments->force, "Overwrite files that exist")->group("Files");
  command
      ->add_flag("--lock,!--no-lock", arguments->lock,
                 "MIDI keeps the tempo beat by beat (default); --no-lock: one steady tempo")
      ->group("Files");
  command->add_option("--title", arguments->title, "Title of the score (default: the file's)")
      ->type_name("TEXT")
      ->group("Music");
  command
      ->add_option(
          "--repeats", arguments->repeats,
          "keep: repeat signs in sheet music, MIDI plays them; play: written out as often as played, as always "
          "with --song")
      ->capture_default_str()
      ->check(CLI::IsMember({"keep", "play"}))
      ->type_name("HOW")
      ->group("Music");
  command
      ->add_option("--song", arguments->song,
                   "The recording that it belongs to: its beats become the bars, its loudness the dynamics")
      ->type_name("AUDIO")
      ->group("Song");
  arguments->arranging.add_to(*command);
  arguments->song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano arrange band.mid --level easy --key easy     two hands, an octave, few accidentals\n"
      "  pop2piano arrange score.mxl --hands octave -o small.musicxml --fingering\n"
      "  pop2piano arrange transcribed.mid --song song.mp3       bars and dynamics from the recording\n"
      "The report (.json) lists every note that was dropped, moved, cut or added, and why.");
  command->callback([arguments, &console] { arrange_file(*arguments, console); });
}

}  // namespace pop2piano::cli
