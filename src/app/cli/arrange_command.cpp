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
#include "app/cli/cover_files.h"
#include "app/cli/free_target.h"
#include "app/cli/interrupt.h"
#include "app/cli/output_plan.h"
#include "app/cli/song_options.h"
#include "base/core/output_file.h"
#include "listening/align/song_alignment.h"
#include "music/arrange/dynamics.h"
#include "music/score/clean_notes.h"
#include "music/scorefiles/import.h"
#include "writing/cover/beats.h"
#include "writing/cover/report.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

struct ArrangeArguments {
  std::string input, output, song, title;
  ArrangingOptions arranging;
  SongOptions song_options;
  bool force = false, lock = true;
};

/// What was read, and where it was put.
struct Source {
  Cover cover;  // the score, and the rhythm it stands on
  std::vector<float> loudness_db;
};

Source read_source(const ArrangeArguments& a, Console& console) {
  constexpr double kOffBeat = 0.04;  // beats
  const Monitor monitor = console.monitor(&interrupt_token());
  Imported imported = import_score(a.input);
  Source source;
  if (!a.song.empty()) {
    const Recording recording = Recording::open(a.song, a.song_options.recording(), monitor);
    source.cover.rhythm = find_beats(recording, a.song_options.beats(), a.song_options.threads, monitor);
    source.cover.duration = recording.duration();
    const BeatGrid grid = source.cover.rhythm.grid.extended(0.0, recording.duration());
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
  source.cover.score = std::move(imported.score);
  if (a.song.empty()) {
    source.cover.rhythm = {.grid = source.cover.score.grid, .given = true, .confidence = 1.0};
    source.cover.duration = source.cover.score.grid.times.back();
  }
  return source;
}

/// Notes keep how they were played; a source without loudness gets that of the song or of its metre.
void set_dynamics(Score& score, const std::vector<float>& loudness_db, bool played) {
  if (!played) return set_velocities(score, loudness_db);
  Score even = score;
  set_velocities(even, loudness_db);
  for (std::size_t i = 0; i < score.notes.size(); ++i) {
    if (score.notes[i].velocity == 0) score.notes[i].velocity = even.notes[i].velocity;
  }
}

bool has_dynamics(const std::vector<Note>& notes) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const Note& note) { return note.velocity > 0 && note.velocity != notes.front().velocity; });
}

void arrange(Source& source, const ArrangeArguments& a) {
  Score& score = source.cover.score;
  if (!a.title.empty()) score.title = a.title;
  if (score.title.empty()) score.title = title_from_name(a.input);
  const bool played = has_dynamics(score.notes);
  transpose_as_asked(score, a.arranging);
  const PianoOptions options = a.arranging.piano();
  source.cover.level = options.level;
  source.cover.changes = arrange_for_piano(score, options);
  if (score.notes.empty()) {
    throw Error(ErrorCode::nothing_found, a.input + ": no note is left at level " + a.arranging.level);
  }
  set_dynamics(score, source.loudness_db, played);
}

std::map<OutputKind, fs::path> plan(const ArrangeArguments& a) {
  const std::vector<OutputKind> kinds = {OutputKind::midi, OutputKind::musicxml, OutputKind::json};
  const fs::path target = a.output.empty() ? fs::path(".") : fs::path(a.output);
  std::map<OutputKind, fs::path> files;
  for (const auto& [ending, kind] : {std::pair(".mid", OutputKind::midi), std::pair(".midi", OutputKind::midi),
                                     std::pair(".musicxml", OutputKind::musicxml),
                                     std::pair(".xml", OutputKind::musicxml), std::pair(".json", OutputKind::json)}) {
    if (!fs::is_directory(target) && target.extension() == ending) files[kind] = target;
  }
  if (files.empty()) {
    if (target.has_extension() && !fs::is_directory(target) && a.output.back() != '/') {
      throw Error(ErrorCode::invalid_argument, a.output +
                                                   ": expected a folder or a name ending in .mid, .musicxml or "
                                                   ".json; sheet music as PDF is made by pop2piano engrave");
    }
    const std::string stem = fs::path(a.input).stem().string() + "." + a.arranging.level;
    for (const OutputKind kind : kinds) files[kind] = target / (stem + extension_of(kind));
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

void write_files(const std::map<OutputKind, fs::path>& files, const Cover& cover, const ArrangeArguments& a) {
  for (const auto& [kind, path] : files) {
    if (kind == OutputKind::midi) {
      write_midi(path, cover.score,
                 {.tempo = a.lock ? MidiTempo::song : MidiTempo::constant, .pedal = a.arranging.pedal_mode()});
    }
    if (kind == OutputKind::musicxml) write_musicxml(path, cover.score, a.arranging.sheet());
    if (kind != OutputKind::json) continue;
    nlohmann::ordered_json report = {
        {"format", "pop2piano-arrangement/1"},
        {"program", "pop2piano " POP2PIANO_VERSION},
        {"source", a.input},
        {"song", a.song.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(a.song)}};
    report.update(report_of(cover));
    write_file(path, report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
}

std::string summary(const ArrangeArguments& a, const Cover& cover) {
  std::map<ChangeKind, std::size_t> counts;
  for (const NoteChange& change : cover.changes) ++counts[change.kind];
  return fmt::format("{}: level {}, {}, {} notes ({} dropped, {} moved, {} shortened, {} added)", a.input,
                     a.arranging.level, cover.score.key ? to_string(*cover.score.key) : "no key",
                     cover.score.notes.size(), counts[ChangeKind::dropped], counts[ChangeKind::moved],
                     counts[ChangeKind::shortened], counts[ChangeKind::added]);
}

void arrange_file(const ArrangeArguments& a, Console& console) {
  static_cast<void>(reach_of(a.arranging.piano().level, a.arranging.piano().hand_span));  // before the work
  const auto files = plan(a);
  Source source = read_source(a, console);
  arrange(source, a);
  write_files(files, source.cover, a);
  console.say(summary(a, source.cover));
  nlohmann::json written = nlohmann::json::array();
  for (const auto& [kind, path] : files) {
    console.say("  " + path.string());
    written.push_back(path.string());
  }
  console.event("arrange", {{"source", a.input},
                            {"level", source.cover.level},
                            {"notes", source.cover.score.notes.size()},
                            {"changes", source.cover.changes.size()},
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
