// SPDX-License-Identifier: MIT
// pop2piano evaluate: the measures of the field. This file: the command, one cover, and a set of covers.
#include "app/cli/evaluate_command.h"

#include <pop2piano/error.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "app/console/interrupt.h"
#include "app/targets/free_target.h"
#include "base/core/output_file.h"
#include "judging/evaluate/evaluation_files.h"
#include "judging/evaluate/report_page.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::cli {
namespace {

struct ReportFiles {
  std::string csv, html;
  bool force = false;
};

struct CoverArguments {
  std::string song, cover, melody, vocals, beats, chords;
  bool score = false;  // of a cover alone
  ReportFiles reports;
  int threads = 0;
};

struct SetArguments {
  std::string manifest;
  ReportFiles reports;
  int threads = 0;
};

void add_bar_options(CLI::App& command, CoverArguments& a) {
  command
      .add_option("--beats", a.beats, "Beats of the song, for figures bar by bar (default: those of COVER's report)")
      ->type_name("FILE")
      ->group("References");
  command.add_option("--chords", a.chords, "Chords of the song, for its bass: lines of start, end, label")
      ->type_name("FILE")
      ->group("References");
}

void add_report_options(CLI::App& command, ReportFiles& reports, int& threads) {
  command.add_option("--csv", reports.csv, "Write a table with one line per cover")->type_name("FILE")->group("Files");
  command.add_option("--html", reports.html, "Write a report with pictures, readable without network")
      ->type_name("FILE")
      ->group("Files");
  command.add_flag("--force", reports.force, "Overwrite files that exist")->group("Files");
  command.add_option("--threads", threads, "Threads to use (default: all; results do not depend on it)")
      ->check(CLI::Range(0, 1024))
      ->type_name("N")
      ->group("Speed");
}

// Before the work, so that no minutes are lost.
void check_targets(const ReportFiles& reports) {
  for (const std::string& file : {reports.csv, reports.html}) {
    if (!file.empty()) check_free(file, reports.force);
  }
}

void write_reports(const ReportFiles& reports, const SetEvaluation& set, const std::vector<CoverPicture>& pictures) {
  if (!reports.csv.empty()) write_file(reports.csv, to_csv(set));
  if (!reports.html.empty()) write_file(reports.html, report_page(set, pictures, reports.html));
}

std::optional<std::filesystem::path> optional_path(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::filesystem::path>(text);
}

void evaluate_one(const CoverArguments& a, Console& console) {
  check_targets(a.reports);
  if (a.score && !is_midi_file(a.cover)) {
    throw Error(ErrorCode::malformed, a.cover + ": expected a MIDI file, found something else");
  }
  const CoverQuery query{.cover = a.cover,
                         .song = optional_path(a.song),
                         .melody = optional_path(a.melody),
                         .vocals = optional_path(a.vocals),
                         .beats = optional_path(a.beats),
                         .group = "",
                         .chords = optional_path(a.chords),
                         .own_beats = a.score};
  SetEvaluation set;
  std::vector<CoverPicture> pictures(1);
  set.covers.push_back(evaluate_cover(query, {.threads = a.threads}, evaluation_monitor(console), &pictures.front()));
  const CoverEvaluation& result = set.covers.front();
  write_reports(a.reports, set, pictures);
  if (console.json()) return print_json_document(to_json(result));
  for (const std::string& remark : result.remarks) console.warn(remark);
  ScoreTable table;
  for (std::size_t m = 0; m < result.measures.size(); ++m) {
    const MeasureInfo& info = cover_measures()[m];
    if (a.score && compares_with_song(info.name)) continue;
    table.add(std::string(info.name), result.measures[m], std::string(info.unit), info.human);
  }
  table.print(console);
}

void print_group(const GroupSummary& group, Console& console) {
  for (std::size_t m = 0; m < group.measures.size(); ++m) {
    const MeanInterval& mean = group.measures[m];
    const MeasureInfo& info = cover_measures()[m];
    if (mean.count == 0) continue;
    const std::string human = info.human ? fmt::format("  human {:g}", *info.human) : "";
    console.print(fmt::format("{:<14} {:<24} {:>9.4f}  [{:.4f}, {:.4f}]  n {}{}", group.group, info.name, mean.mean,
                              mean.low, mean.high, mean.count, human));
  }
}

void print_comparisons(const SetEvaluation& set, Console& console) {
  for (const PairedComparison& comparison : set.comparisons) {
    const MeasureInfo& info = cover_measures()[comparison.measure];
    if (info.better == MeasureInfo::Better::neither) continue;
    const bool distance = info.better == MeasureInfo::Better::near_human && info.human.has_value();
    console.print(fmt::format("{} against {}: {}{} {:+.4f} on {} songs, p {}", comparison.second, comparison.first,
                              info.name, distance ? " (distance to human)" : "", comparison.mean_difference,
                              comparison.songs,
                              comparison.p_value ? fmt::format("{:.4f}", *comparison.p_value) : "not testable"));
  }
}

void print_set(const SetEvaluation& set, Console& console) {
  for (const CoverEvaluation& cover : set.covers) {
    for (const std::string& remark : cover.remarks) console.warn(remark);
    if (!cover.error.empty()) console.warn(cover.error);
  }
  print_group(set.all, console);
  for (const GroupSummary& group : set.groups) print_group(group, console);
  print_comparisons(set, console);
}

void evaluate_manifest(const SetArguments& a, Console& console) {
  check_targets(a.reports);
  const std::vector<CoverQuery> queries = read_cover_manifest(a.manifest);
  std::vector<CoverPicture> pictures;
  const bool draw = !a.reports.html.empty();
  const SetEvaluation set =
      evaluate_set(queries, {.threads = a.threads}, evaluation_monitor(console), draw ? &pictures : nullptr);
  write_reports(a.reports, set, pictures);
  if (console.json()) {
    print_json_document(to_json(set));
  } else {
    print_set(set, console);
  }
  if (set.failed > 0) {
    throw Error(ErrorCode::nothing_found,
                fmt::format("{}: {} of {} covers could not be measured (the reasons are above)", a.manifest, set.failed,
                            set.covers.size()));
  }
}

}  // namespace

void ScoreTable::print(Console& console) const {
  if (console.json()) {
    nlohmann::ordered_json document = nlohmann::ordered_json::object();
    for (const Row& row : rows) {
      document[row.name] = to_json(row.value);
      if (!row.value.defined()) document["undefined"][row.name] = row.value.reason();
    }
    return print_json_document(document);
  }
  for (const Row& row : rows) {
    const std::string human = row.human ? fmt::format("  (human {:g})", *row.human) : "";
    const std::string value = row.value.defined() ? fmt::format("{:10.4f}{}{}{}", row.value.value(),
                                                                row.unit.empty() ? "" : " ", row.unit, human)
                                                  : fmt::format(" undefined: {}", row.value.reason());
    console.print(fmt::format("{:<26}{}", row.name, value));
  }
}

void print_json_document(const nlohmann::ordered_json& document) {
  const std::string text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

Monitor evaluation_monitor(Console& console) {
  Monitor monitor = console.monitor(&interrupt_token());
  if (console.json()) monitor.progress = {};
  return monitor;
}

void add_evaluate_score(CLI::App& evaluate, Console& console) {
  auto a = std::make_shared<CoverArguments>();
  a->score = true;
  CLI::App* command = evaluate.add_subcommand("score", "Measure a MIDI file alone: texture, density, hands");
  command->add_option("SCORE", a->cover, "MIDI")->required()->type_name("");
  add_bar_options(*command, *a);
  add_report_options(*command, a->reports, a->threads);
  console.add_options(*command);
  command->footer(
      "Bars are counted by --beats, else by the report beside the file (SCORE.json), else by the MIDI file's own "
      "beats.\n"
      "Example:\n  pop2piano evaluate score song.piano.mid --chords song.lab");
  command->callback([a, &console] { evaluate_one(*a, console); });
}

void add_evaluate_cover(CLI::App& evaluate, Console& console) {
  auto a = std::make_shared<CoverArguments>();
  CLI::App* command = evaluate.add_subcommand("cover", "Measure a cover against its song");
  command->add_option("SONG", a->song, "The song: any file with sound")->required()->type_name("");
  command->add_option("COVER", a->cover, "The cover: MIDI, or sound (then without the measures of notes)")
      ->required()
      ->type_name("");
  command
      ->add_option("--melody", a->melody, "The song's melody: .tsv, .csv, .mid or .json (default: found in the song)")
      ->type_name("FILE")
      ->group("References");
  command->add_option("--vocals", a->vocals, "The song's voice alone, to find the melody in")
      ->type_name("FILE")
      ->group("References");
  add_bar_options(*command, *a);
  add_report_options(*command, a->reports, a->threads);
  console.add_options(*command);
  command->footer("Example:\n  pop2piano evaluate cover song.mp3 song.piano.mid --html report.html");
  command->callback([a, &console] { evaluate_one(*a, console); });
}

void add_evaluate_set(CLI::App& evaluate, Console& console) {
  auto a = std::make_shared<SetArguments>();
  CLI::App* command = evaluate.add_subcommand("set", "Measure many covers: means, intervals, comparison of systems");
  command
      ->add_option("MANIFEST", a->manifest,
                   "Tab-separated, with a header: cover and, if wanted, song, melody, vocals, beats, chords, group")
      ->required()
      ->type_name("");
  add_report_options(*command, a->reports, a->threads);
  console.add_options(*command);
  command->footer(
      "Example:\n"
      "  pop2piano evaluate set covers.tsv --html report.html --csv figures.csv\n"
      "An empty song measures only what needs no song. A cover that cannot be read does not stop the others; the exit\n"
      "code is then 1.");
  command->callback([a, &console] { evaluate_manifest(*a, console); });
}

void add_evaluate_command(CLI::App& program, Console& console) {
  CLI::App* command = program.add_subcommand("evaluate", "Measure covers, beats, notes, melodies and chords");
  command->require_subcommand(1);
  add_evaluate_cover(*command, console);
  add_evaluate_score(*command, console);
  add_evaluate_set(*command, console);
  add_evaluate_pairs(*command, console);
  add_evaluate_listen(*command, console);
  command->footer("More: pop2piano evaluate cover --help, and so on");
}

}  // namespace pop2piano::cli
