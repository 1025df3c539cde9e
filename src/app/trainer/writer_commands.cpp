// SPDX-License-Identifier: MIT
#include "app/trainer/writer_commands.h"

#include <pop2piano/error.h>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/trainer/section_textures.h"
#include "app/trainer/texture_table.h"
#include "app/trainer/writer_measure.h"
#include "base/core/thread_pool.h"
#include "learning/dataset/record_set.h"
#include "learning/records/symbolic_records.h"
#include "learning/train_writer/writer_batches.h"
#include "writing/figures/figure_bars.h"

namespace pop2piano::training::app {
namespace {

struct SongArguments {
  std::string corpus, out, corrections, style, melody_track, licence;
  int jobs = 0;
};

void make_songs(const SongArguments& a, const CancelToken& cancel) {
  SymbolicRecordOptions options;
  options.corpus.melody_track = a.melody_track;
  options.corpus.licence = a.licence;
  options.corrections = a.corrections;
  options.style = a.style;
  ThreadPool pool(a.jobs);
  const auto report = write_symbolic_records(a.corpus, a.out, options, pool, Monitor{.cancel = &cancel});
  for (const std::string& line : report.left_out) std::fprintf(stderr, "%s\n", line.c_str());
  fmt::print("{}: {} songs ({} corrected), {} earlier versions, {} counted in halves of the beat\n", a.out,
             report.songs, report.corrected, report.versions, report.halved);
}

struct MeasureArguments {
  std::string model;
  std::vector<std::string> records;
  WriterMeasureOptions options;
  std::vector<double> wrong_chords = {0.0};
  std::string out;
  int jobs = 0;
};

void run_measure(const MeasureArguments& a, const CancelToken& cancel) {
  ThreadPool pool(a.jobs);
  const std::vector<std::filesystem::path> records(a.records.begin(), a.records.end());
  bool first = true;
  for (const double share : a.wrong_chords) {
    WriterMeasureOptions options = a.options;
    options.wrong_chords = share;
    if (!a.out.empty()) {
      options.out = a.wrong_chords.size() == 1 ? a.out : a.out + fmt::format("/wrong-{:.0f}", 100 * share);
    }
    const WriterMeasures m = measure_writer(a.model, records, options, pool, Monitor{.cancel = &cancel});
    if (first) {
      fmt::print("{} songs, style {}\n", m.songs, options.style);
      print_texture_header();
      print_texture_row("human", m.human);
    }
    first = false;
    print_texture_row(fmt::format("written, {:.0f} % wrong ({:.1f} s)", 100 * share, m.seconds), m.ours);
    std::fflush(stdout);
  }
}

void add_songs(CLI::App& program, const CancelToken& cancel) {
  const auto a = std::make_shared<SongArguments>();
  auto* songs = program.add_subcommand("writer-songs", "Write a corpus as records without sound, for the writer");
  songs->add_option("CORPUS", a->corpus, "POP909's folder, or any that `synthesize` takes")->required();
  songs->add_option("FOLDER", a->out, "Where to")->required();
  songs->add_option("--corrections", a->corrections, "POP909-CL's folder of 001.mid, 002.mid, ...");
  songs->add_option("--style", a->style, "Of all songs; default: the texture of each");
  songs->add_option("--melody-track", a->melody_track, "Part of the name of the melody's track or part");
  songs->add_option("--licence", a->licence, "Noted in the records");
  songs->add_option("--threads", a->jobs, "Songs at a time; 0: one for each processor")->capture_default_str();
  songs->callback([a, &cancel] { make_songs(*a, cancel); });
}

void add_measure(CLI::App& program, const CancelToken& cancel) {
  const auto a = std::make_shared<MeasureArguments>();
  auto* measure =
      program.add_subcommand("writer-measure", "What the writer writes for songs of records, beside the pianist's");
  measure->add_option("MODEL", a->model, "Model folder")->required();
  measure->add_option("RECORDS", a->records, "Files or folders that writer-songs wrote")->required();
  measure->add_option("--split", a->options.split, "Which songs")
      ->check(CLI::IsMember({"test", "validation", "train"}));
  measure->add_option("--songs", a->options.most_songs, "Only the first so many; 0: all")
      ->check(CLI::NonNegativeNumber);
  measure->add_option("--wrong-chords", a->wrong_chords, "Shares of the chords that are told wrongly; a row for each")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0));
  measure->add_option("--seed", a->options.seed, "Of the wrong chords")->capture_default_str();
  measure->add_option("--style", a->options.style, "Of the model's")->capture_default_str();
  measure->add_flag("--humans-plan", a->options.humans_plan, "Wish in each section the density of the pianist's");
  measure->add_option("--bass-weight", a->options.bass_weight, "How much the bass that is told is preferred; 0: not")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 10.0));
  measure->add_option("--output", a->out, "Folder for SONG/human.mid, ours.mid and beats.txt");
  measure->add_option("--threads", a->jobs, "Threads; 0: one for each processor")->capture_default_str();
  measure->callback([a, &cancel] { run_measure(*a, cancel); });
}

struct SectionArguments {
  std::vector<std::string> records;
  std::string split = "train";
};

void add_sections(CLI::App& program) {
  const auto a = std::make_shared<SectionArguments>();
  auto* sections = program.add_subcommand("section-textures", "What pianists play in loud and in quiet sections");
  sections->add_option("RECORDS", a->records, "Files or folders of records with the notes of songs")->required();
  sections->add_option("--split", a->split, "Which songs")->check(CLI::IsMember({"test", "validation", "train"}));
  sections->callback([a] {
    print_section_textures(std::vector<std::filesystem::path>(a->records.begin(), a->records.end()), a->split);
  });
}

struct FigureArguments {
  std::vector<std::string> records;
  std::string out, split = "train";
  bool force = false;
};

void make_figures(const FigureArguments& a) {
  if (!a.force && std::filesystem::exists(a.out)) {
    throw Error(ErrorCode::already_exists, a.out + ": exists; use --force to overwrite it");
  }
  const std::vector<std::filesystem::path> records(a.records.begin(), a.records.end());
  const RecordSet set = RecordSet::open(records);
  FigureBars figures;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView view = set.song(i);
    const SongDescription& d = view.description;
    if (d.split != a.split || d.beat_times.size() < 2) continue;
    const BeatGrid grid{.times = d.beat_times, .numbers = d.beat_numbers, .confidence = {}};
    figures.add(writer_song_of(view), accompaniment_of(d), grid.median_interval());
  }
  if (figures.bars.empty()) {
    throw Error(ErrorCode::nothing_found,
                a.records.front() + ": no song of the split " + a.split + " with bars of four");
  }
  save_figures(figures, a.out, {{"source", "pop2piano-train figures, split " + a.split}});
  fmt::print("{}: {} bars of {} songs, {} notes\n", a.out, figures.bars.size(), figures.beat_seconds.size(),
             figures.notes.size());
}

void add_figures(CLI::App& program) {
  const auto a = std::make_shared<FigureArguments>();
  auto* figures = program.add_subcommand("figures", "The bars of pianists that covers choose their accompaniment from");
  figures->add_option("RECORDS", a->records, "Files or folders that writer-songs wrote")->required();
  figures->add_option("--output", a->out, "The file, as models/figures/figures.safetensors")->required();
  figures->add_option("--split", a->split, "Which songs")->check(CLI::IsMember({"test", "validation", "train"}));
  figures->add_flag("--force", a->force, "Overwrite a file that is there");
  figures->callback([a] { make_figures(*a); });
}

}  // namespace

void add_writer_commands(CLI::App& program, const CancelToken& cancel) {
  add_songs(program, cancel);
  add_measure(program, cancel);
  add_sections(program);
  add_figures(program);
}

}  // namespace pop2piano::training::app
