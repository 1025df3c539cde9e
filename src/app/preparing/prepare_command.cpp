// SPDX-License-Identifier: MIT
#include "app/preparing/prepare_command.h"

#include <pop2piano/error.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/console/interrupt.h"
#include "base/core/paths.h"
#include "learning/prepare/prepare.h"
#include "learning/prepare/prepare_report.h"
#include "learning/prepare/prepare_status.h"

namespace pop2piano::cli {
namespace {

struct PrepareArguments {
  std::string list, part = "1/1";
  std::filesystem::path out;
  PrepareOptions options;
};

// "2/8".
void read_part(PrepareArguments& a) {
  const auto number = [&](const char* begin, const char* end, std::size_t& value) {
    const auto [at, error] = std::from_chars(begin, end, value);
    return error == std::errc{} && at == end;
  };
  const char* begin = a.part.data();
  const char* end = begin + a.part.size();
  const std::size_t slash = std::min(a.part.find('/'), a.part.size());
  const bool read = slash < a.part.size() && number(begin, begin + slash, a.options.part) &&
                    number(begin + slash + 1, end, a.options.parts);
  if (read && a.options.part >= 1 && a.options.part <= a.options.parts) return;
  throw Error(ErrorCode::invalid_argument, "--part: expected I/N with I from 1 to N, found \"" + a.part + "\"");
}

constexpr std::size_t kSaidOfAKind = 20;

// How many pairs ended in which way, so that 100,000 files that are missing are not 100,000 lines.
using SaidKinds = std::map<std::string, std::size_t>;

void say_pair(Console& console, SaidKinds& said, const std::string& name, Stage stage, const StageState& state) {
  const bool done = state.standing == Standing::done;
  console.event("stage", {{"pair", name},
                          {"stage", name_of(stage)},
                          {"state", done                                  ? "done"
                                    : state.standing == Standing::dropped ? "dropped"
                                                                          : "failed"},
                          {"kind", state.kind},
                          {"reason", state.reason},
                          {"seconds", state.seconds}});
  if (done && !console.verbose()) return;
  const std::string kind = fmt::format("{}: {}", name_of(stage), state.kind);
  if (!console.verbose() && ++said[kind] > kSaidOfAKind) {
    if (said[kind] > kSaidOfAKind + 1) return;
    console.finish_progress();
    console.say(fmt::format(
        "more pairs with \"{}\" are not named here: 'prepare status' counts them, --verbose names them", kind));
    return;
  }
  console.finish_progress();
  const std::string what = done                                  ? fmt::format("done in {:.1f} s", state.seconds)
                           : state.standing == Standing::dropped ? "dropped: " + state.reason
                                                                 : "failed: " + state.reason;
  console.say(fmt::format("{}: {}: {}", name, name_of(stage), what));
}

void prepare(PrepareArguments& a, Console& console) {
  if (a.list.empty()) throw CLI::RequiredError("LIST");
  if (a.out.empty()) throw CLI::RequiredError("--output");
  read_part(a);
  a.options.program = POP2PIANO_VERSION;
  const std::filesystem::path& cookies = a.options.download.cookies;
  if (!cookies.empty() && !is_plain_file(cookies)) {
    throw Error(ErrorCode::not_found, cookies.string() + ": no such file (--cookies)");
  }
  SaidKinds said;
  const PrepareNews news{.ended = [&](const std::string& name, Stage stage,
                                      const StageState& state) { say_pair(console, said, name, stage, state); },
                         .remark =
                             [&](const std::string& remark) {
                               console.finish_progress();
                               console.warn(remark);
                             }};
  const PrepareReport report = prepare_pairs(a.list, a.out, a.options, news, console.monitor(&interrupt_token()));
  console.finish_progress();
  console.event("prepare", {{"pairs", report.pairs},
                            {"done", report.done},
                            {"dropped", report.dropped},
                            {"failed", report.failed},
                            {"busy", report.busy},
                            {"lines_left_out", report.lines_left_out}});
  console.say(fmt::format("{}: of {} pairs {} done up to {}, {} dropped, {} failed, {} with another process",
                          a.out.string(), report.pairs, report.done, name_of(a.options.last), report.dropped,
                          report.failed, report.busy));
  if (a.options.parts == 1 && report.done + report.busy == 0) {  // a part may well have dropped pairs only
    throw Error(ErrorCode::nothing_found, a.list + ": none of its pairs went through; 'pop2piano prepare status " +
                                              a.out.string() + "' counts the reasons");
  }
}

void add_download_options(CLI::App& command, DownloadOptions& o) {
  command
      .add_option("--downloader", o.program,
                  "Program that downloads addresses of the list; it is called as yt-dlp is (PROGRAM ... --output "
                  "'sound.%(ext)s' -- ADDRESS)")
      ->capture_default_str()
      ->type_name("PROGRAM");
  command.add_option("--cookies", o.cookies, "File that is handed to the downloader")->type_name("FILE");
  command.add_option("--retries", o.retries, "After a download that failed for now, each with twice the pause")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  command.add_option("--pause", o.pause, "Seconds from one download to the next")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 86400.0));
  command.add_option("--shortest", o.shortest, "Seconds that a downloaded song has at least")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  command.add_option("--longest", o.longest, "Seconds that a downloaded song has at most")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
}

void add_filter_options(CLI::App& command, PrepareOptions& o) {
  command.add_option("--least-bars", o.least_bars, "Bars of a part that the cover plays one after the other")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command.add_option("--least-total", o.filter.least_total, "Bars that the cover plays in all its parts together")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command
      .add_option("--least-gain", o.filter.least_gain,
                  "Pairs are dropped that are less alike; covers of other songs have up to 0.04, of the song 0.07 or "
                  "more")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--least-third", o.filter.least_third,
                  "The same of the third of the cover that is least like the song; of covers of which half is another "
                  "song up to 0.02, of the song 0.05 or more")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--least-share", o.filter.least_share, "Share of the cover, 0 to 1, that plays passages of the song")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--least-agreement", o.filter.least_agreement,
                  "Pairs are dropped whose highest notes have the heard melody's pitch class more rarely")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--most-deviation", o.filter.most_deviation,
                  "Beats that the cover's notes may lie off the song's beats")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--most-density", o.filter.most_density, "Notes a second in the cover's densest tenth")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1000.0));
}

void add_list_options(CLI::App& command, PrepareArguments& a, Console& console) {
  command
      .add_option("LIST", a.list,
                  "Songs and covers: columns piano_ids,pop_ids, or fields with tabs between them (song, cover; with a "
                  "first line that names them also title, arranger, licence, beats, key)")
      ->type_name("");
  command.add_option("-o,--output", a.out, "Folder for everything; a run that was broken off goes on there")
      ->type_name("DIR");
  command.add_option("--part", a.part, "Only every Nth pair, beginning with the Ith: for several machines")
      ->capture_default_str()
      ->type_name("I/N");
  add_download_options(command, a.options.download);
  add_filter_options(command, a.options);
  command.add_option("--licence", a.options.licence, "Of the pairs of which the list does not say it")
      ->type_name("TEXT");
  command.add_flag("--audio", a.options.keep_sound, "Keep the sound in the records too (FLAC, 22.05 kHz)");
  command.add_option("--threads", a.options.threads, "Processor threads (default: all)")->check(CLI::Range(1, 1024));
  console.add_options(command);
}

nlohmann::json counts_of(const PrepareStatus& status) {
  nlohmann::json stages = nlohmann::json::object();
  for (std::size_t k = 0; k < kStageNames.size(); ++k) {
    stages[std::string(kStageNames[k])] = {{"done", status.done[k]}, {"seconds", status.seconds[k]}};
  }
  return {{"pairs", status.pairs},           {"waiting", status.waiting}, {"records", status.records},
          {"stages", std::move(stages)},     {"dropped", status.dropped}, {"failed", status.failed},
          {"damaged", status.damaged.size()}};
}

void say_status(const std::filesystem::path& folder, Console& console) {
  const PrepareStatus status = prepare_status(folder);
  for (const std::string& problem : status.damaged) console.warn(problem);
  console.event("prepare_status", counts_of(status));
  console.print(fmt::format("{} pairs, {} with records, {} not begun", status.pairs, status.records, status.waiting));
  for (std::size_t k = 0; k < kStageNames.size(); ++k) {
    console.print(fmt::format("{:>8} through {} ({:.0f} s)", status.done[k], kStageNames[k], status.seconds[k]));
  }
  for (const auto& [kind, count] : status.dropped) console.print(fmt::format("{:>8} dropped: {}", count, kind));
  for (const auto& [kind, count] : status.failed) console.print(fmt::format("{:>8} failed: {}", count, kind));
}

void add_folder_command(CLI::App& command, const std::string& name, const std::string& description, Console& console,
                        void (*act)(const std::filesystem::path&, Console&)) {
  CLI::App* action = command.add_subcommand(name, description);
  auto folder = std::make_shared<std::filesystem::path>();
  action->add_option("DIR", *folder, "Folder that 'prepare' filled")->required()->type_name("");
  console.add_options(*action);
  action->callback([folder, act, &console] { act(*folder, console); });
}

void say_report(const std::filesystem::path& folder, Console& console) {
  const std::size_t pairs = write_prepare_report(folder);
  const std::string file = (folder / "report.html").string();
  console.event("prepare_report", {{"file", file}, {"pairs", pairs}});
  console.say(fmt::format("{}: {} pairs", file, pairs));
}

}  // namespace

void add_prepare_command(CLI::App& program, Console& console) {
  CLI::App* command =
      program.add_subcommand("prepare", "Make training records from lists of songs and piano covers of them");
  auto all = std::make_shared<PrepareArguments>();
  add_list_options(*command, *all, console);
  command->require_subcommand(0, 1);
  for (std::size_t k = 0; k < kStageNames.size(); ++k) {
    CLI::App* action = command->add_subcommand(
        std::string(kStageNames[k]), k == 0 ? "The first stage only" : fmt::format("Stages up to {}", kStageNames[k]));
    auto own = std::make_shared<PrepareArguments>();
    own->options.last = static_cast<Stage>(k);
    add_list_options(*action, *own, console);
    action->callback([own, &console] { prepare(*own, console); });
  }
  add_folder_command(*command, "status", "Count how far the pairs are, and why some were dropped", console, say_status);
  add_folder_command(*command, "report", "Write a page about the pairs: DIR/report.html", console, say_report);
  command->footer(
      "Stages: download, transcribe, align, quantise, filter, records. Each pair has a folder with its state; what is\n"
      "done is not done again, and a changed option redoes only what depends on it.\n"
      "Examples:\n  pop2piano prepare pairs.tsv --output prepared\n  pop2piano prepare status prepared\n  pop2piano "
      "prepare report prepared");
  command->callback([all, command, &console] {
    if (command->get_subcommands().empty()) prepare(*all, console);
  });
}

}  // namespace pop2piano::cli
