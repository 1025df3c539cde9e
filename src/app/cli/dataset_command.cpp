// SPDX-License-Identifier: MIT
// pop2piano dataset: look at training records, check, merge, split and export them.
#include <pop2piano/score.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/dataset_pairs.h"
#include "app/cli/dataset_stats.h"
#include "app/console/interrupt.h"
#include "app/targets/free_target.h"
#include "base/core/paths.h"
#include "learning/dataset/record_set.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/record_features.h"
#include "learning/records/record_midi.h"

namespace pop2piano::cli {
namespace {

struct DatasetArguments {
  std::vector<std::filesystem::path> records;
  std::string out, name = "records", by = "split", song;
  int megabytes = 256, parts = 2, jobs = 0;
  bool force = false;
};

RecordSet open_records(const DatasetArguments& arguments, Console& console) {
  RecordSet set = RecordSet::open(arguments.records);
  for (const std::string& problem : set.problems()) console.warn(problem);
  return set;
}

void say_counts(const std::map<std::string, std::size_t>& counts, const char* title, Console& console) {
  console.say(fmt::format("{}:", title));
  for (const auto& [name, count] : counts)
    console.say(fmt::format("  {:<40} {}", name.empty() ? "(none)" : name, count));
}

void info(const DatasetArguments& arguments, Console& console) {
  const RecordSet set = open_records(arguments, console);
  const RecordCounts counts = count_records(set);
  console.event("dataset", {{"records", counts.records},
                            {"songs", counts.songs},
                            {"shards", set.shard_count()},
                            {"hours", counts.hours},
                            {"beats", counts.beats},
                            {"notes", counts.notes},
                            {"melody_notes", counts.melody_notes},
                            {"bytes", counts.bytes},
                            {"by_style", counts.by_style},
                            {"by_split", counts.by_split}});
  console.say(fmt::format("{} records of {} songs in {} shards, {:.1f} MB", counts.records, counts.songs,
                          set.shard_count(), static_cast<double>(counts.bytes) / 1e6));
  console.say(fmt::format("{:.2f} h, {} beats, {} notes ({} of the melody)", counts.hours, counts.beats, counts.notes,
                          counts.melody_notes));
  say_counts(counts.by_split, "split", console);
  say_counts(counts.by_style, "style", console);
  say_counts(counts.by_source, "source", console);
  say_counts(counts.by_licence, "licence", console);
}

void verify(const DatasetArguments& arguments, Console& console) {
  const RecordSet set = RecordSet::open(arguments.records);
  const auto problems = verify_records(set, console.monitor(&interrupt_token()));
  console.finish_progress();
  for (const std::string& problem : problems) console.warn(problem);
  console.event("verify", {{"records", set.size()}, {"problems", problems.size()}});
  console.say(fmt::format("{} records read, {} problems", set.size(), problems.size()));
  if (!problems.empty()) throw Error(ErrorCode::malformed, "the records are damaged; make the named ones again");
}

MergeOptions merge_options(const DatasetArguments& arguments) {
  return {.name = arguments.name, .shard_bytes = static_cast<std::uint64_t>(arguments.megabytes) * 1000000};
}

void say_written(const std::vector<std::filesystem::path>& files, Console& console) {
  console.finish_progress();
  for (const auto& file : files) {
    console.say(file.string());
    console.event("wrote", {{"file", file.string()}});
  }
}

void merge(const DatasetArguments& arguments, Console& console) {
  const RecordSet set = open_records(arguments, console);
  say_written(merge_records(set, arguments.out, merge_options(arguments), console.monitor(&interrupt_token())),
              console);
}

void split(const DatasetArguments& arguments, Console& console) {
  const RecordSet set = open_records(arguments, console);
  std::size_t next = 0;
  const auto part_of = [&](const SongDescription& song) -> std::string {
    if (arguments.by == "style") return song.style;
    if (arguments.by == "split") return song.split;
    return fmt::format("part{}", next++ % static_cast<std::size_t>(arguments.parts));
  };
  say_written(split_records(set, arguments.out, part_of, merge_options(arguments), console.monitor(&interrupt_token())),
              console);
}

struct MidiExport {
  std::size_t record = 0;  // in the set
  std::filesystem::path file;
};

// Every file is checked before the first is written.
std::vector<MidiExport> plan_midi(const RecordSet& set, const DatasetArguments& arguments) {
  std::vector<MidiExport> plan;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongDescription song = set.song(i).description;
    if (!arguments.song.empty() && song.song != arguments.song) continue;
    std::string name = fmt::format("{}-v{:03}.mid", song.song, song.variant);
    std::replace(name.begin(), name.end(), '/', '-');
    plan.push_back({i, std::filesystem::path(arguments.out) / name});
    check_free(plan.back().file, arguments.force);
  }
  if (plan.empty()) throw Error(ErrorCode::nothing_found, "no record of the song " + arguments.song);
  return plan;
}

void export_midi(const DatasetArguments& arguments, Console& console) {
  const RecordSet set = open_records(arguments, console);
  const std::vector<MidiExport> plan = plan_midi(set, arguments);
  std::filesystem::create_directories(arguments.out);
  std::vector<std::filesystem::path> written;
  for (const MidiExport& part : plan) {
    write_record_midi(part.file, set.song(part.record).description);
    written.push_back(part.file);
  }
  say_written(written, console);
}

std::vector<std::filesystem::path> shards_of(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> shards;
  for (const auto& path : paths) {
    if (!is_folder(path)) {
      shards.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == kShardExtension) shards.push_back(entry.path());
    }
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

void features(const DatasetArguments& arguments, Console& console) {
  ThreadPool pool(arguments.jobs);
  const auto shards = shards_of(arguments.records);
  const FeaturesReport report = refresh_features(shards, arguments.out, pool, console.monitor(&interrupt_token()));
  console.finish_progress();
  for (const std::string& omitted : report.omitted) console.warn(omitted);
  console.event("features", {{"made", report.made}, {"present", report.present}, {"omitted", report.omitted.size()}});
  console.say(fmt::format("{}: features of {} records computed, {} shards were there, {} records left out",
                          arguments.out, report.made, report.present, report.omitted.size()));
}

CLI::App* add_action(CLI::App& dataset, const char* name, const char* what,
                     const std::shared_ptr<DatasetArguments>& arguments, Console& console,
                     void (*run)(const DatasetArguments&, Console&)) {
  CLI::App* action = dataset.add_subcommand(name, what);
  action->add_option("RECORDS", arguments->records, "Files *.p2pd, or folders of them")->required()->type_name("");
  console.add_options(*action);
  action->callback([arguments, &console, run] { run(*arguments, console); });
  return action;
}

}  // namespace

void add_dataset_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<DatasetArguments>();
  CLI::App* dataset =
      program.add_subcommand("dataset", "Look at training records, check, merge, split and export them");
  dataset->require_subcommand(1);
  add_action(*dataset, "info", "Counts: records, songs, hours, notes, styles, licences", arguments, console, info);
  add_action(*dataset, "verify", "Compute every checksum", arguments, console, verify);
  add_stats_action(*dataset, console);
  add_pairs_action(*dataset, console);
  CLI::App* merged = add_action(*dataset, "merge", "Copy sound records into few large shards, doubles left out",
                                arguments, console, merge);
  CLI::App* parted = add_action(*dataset, "split", "Copy records into parts", arguments, console, split);
  CLI::App* midi =
      add_action(*dataset, "export-midi", "Write the piano parts as MIDI files", arguments, console, export_midi);
  CLI::App* heard = add_action(*dataset, "features", "Compute features anew from the sound that the records keep",
                               arguments, console, features);
  heard->add_option("--threads", arguments->jobs, "Shards at a time; 0: one for each processor")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  for (CLI::App* action : {merged, parted, midi, heard}) {
    action->add_option("-o,--output", arguments->out, "Folder to write to")->required()->type_name("DIR");
  }
  merged->add_option("--name", arguments->name, "Files are NAME-00000.p2pd, ...")->capture_default_str();
  for (CLI::App* action : {merged, parted}) {
    action->add_option("--shard-size", arguments->megabytes, "Megabytes")
        ->capture_default_str()
        ->check(CLI::Range(1, 100000));
  }
  parted->add_option("--by", arguments->by, "Parts are splits, styles, or as many as --parts")
      ->capture_default_str()
      ->check(CLI::IsMember({"split", "style", "number"}));
  parted->add_option("--parts", arguments->parts, "With --by number")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  midi->add_option("--song", arguments->song, "Only this one: pop909/001");
  midi->add_flag("--force", arguments->force, "Overwrite files that exist");
  dataset->footer(
      "Examples:\n  pop2piano dataset info records/train\n  pop2piano dataset verify records/train\n  pop2piano "
      "dataset merge records/* --output all");
}

}  // namespace pop2piano::cli
