// SPDX-License-Identifier: MIT
#include "app/cli/dataset_pairs.h"

#include <pop2piano/error.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/console/interrupt.h"
#include "learning/records/pair_records.h"

namespace pop2piano::cli {
namespace {

struct PairsArguments {
  std::string list;
  std::filesystem::path out;
  PairRecordOptions options;
};

void make_pairs(const PairsArguments& a, Console& console) {
  const auto made = [&](const std::filesystem::path& file, const std::vector<SongRecord>& parts, double agreement) {
    std::size_t beats = 0, notes = 0;
    for (const SongRecord& part : parts) {
      beats += part.description.beat_times.size();
      notes += part.description.notes.size();
    }
    console.finish_progress();
    console.say(fmt::format("{}: {} parts, {} beats, {} notes, melody {:.2f}", file.string(), parts.size(), beats,
                            notes, agreement));
  };
  const auto left_out = [&](const std::string& why) {
    console.finish_progress();
    console.warn(why);
  };
  const PairsReport report =
      make_pair_records(a.list, a.out, a.options, {made, left_out}, console.monitor(&interrupt_token()));
  console.finish_progress();
  console.event("pairs", {{"made", report.made}, {"present", report.present}, {"failed", report.left_out}});
  console.say(fmt::format("{}: {} records made, {} were there, {} pairs left out", a.out.string(), report.made,
                          report.present, report.left_out));
  if (report.made + report.present == 0) {
    throw Error(ErrorCode::nothing_found, a.list + ": none of its pairs gave a record");
  }
}

}  // namespace

void add_pairs_action(CLI::App& dataset, Console& console) {
  auto a = std::make_shared<PairsArguments>();
  CLI::App* action = dataset.add_subcommand("pairs", "Make records from recordings and piano covers of them");
  action->add_option("LIST", a->list, "Lines SONG<tab>COVER (MIDI or MusicXML), paths from the list's folder on")
      ->required()
      ->type_name("");
  action->add_option("-o,--output", a->out, "Folder for the records, one file each; those there are kept")
      ->required()
      ->type_name("DIR");
  action
      ->add_option("--least-agreement", a->options.least_agreement,
                   "Pairs are left out whose highest notes have the heard melody's pitch class more rarely")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  action->add_option("--licence", a->options.licence, "Of the pairs, noted in the records")->type_name("TEXT");
  action->add_option("--threads", a->options.threads, "Processor threads (default: all)")->check(CLI::Range(1, 1024));
  action->add_flag("--audio", a->options.keep_sound, "Keep the sound in the records too (FLAC, 22.05 kHz)");
  console.add_options(*action);
  action->footer(
      "A cover may be in a time and a key of its own and leave bars out or play them once more: it is laid over the\n"
      "recording, and each part of at least 8 bars that it plays becomes a record.\n"
      "Example:\n  pop2piano dataset pairs pairs.tsv --output records/pairs");
  action->callback([a, &console] { make_pairs(*a, console); });
}

}  // namespace pop2piano::cli
