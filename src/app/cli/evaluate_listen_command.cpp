// SPDX-License-Identifier: MIT
// pop2piano evaluate listen: a blind listening test as a folder with a page, and the analysis of its answers.
#include <pop2piano/error.h>

#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/cli/evaluate_command.h"
#include "base/core/paths.h"
#include "judging/evaluate/evaluation_files.h"
#include "judging/evaluate/listening_clips.h"
#include "judging/evaluate/listening_test.h"

namespace pop2piano::cli {
namespace {

struct ListenArguments {
  std::string manifest, output, soundfont;
  ListeningTestOptions test{.title = "Piano covers: a listening test"};
  bool force = false;
};

struct AnalyseArguments {
  std::vector<std::string> answers;
  std::string key;
};

void make_test(const ListenArguments& a, Console& console) {
  if (a.manifest.empty()) throw Error(ErrorCode::invalid_argument, "evaluate listen: expected a manifest");
  if (a.output.empty()) throw Error(ErrorCode::invalid_argument, "evaluate listen: expected --output FOLDER");
  const std::filesystem::path folder = a.output;
  if (path_exists(folder) && !std::filesystem::is_empty(folder) && !a.force) {
    throw Error(ErrorCode::already_exists, folder.string() + ": exists and is not empty; use --force to write into it");
  }
  ListeningTestOptions options = a.test;
  options.soundfont = a.soundfont;
  const ListeningTestFiles files =
      write_listening_test(read_cover_manifest(a.manifest), a.manifest, folder, options, evaluation_monitor(console));
  console.say(files.page.string());
  console.say(files.key.string() + "  (keep it from the listeners)");
  if (console.json()) {
    print_json_document({{"page", files.page.string()}, {"key", files.key.string()}, {"clips", files.clips}});
  }
}

nlohmann::ordered_json result_json(const ListeningResult& result) {
  nlohmann::ordered_json json = {{"listeners", result.listeners}, {"answers", result.answers}};
  for (const auto& [system, mean] : result.opinion) {
    json["mos"][system] = {{"mean", mean.mean}, {"low", mean.low}, {"high", mean.high}, {"ratings", mean.count}};
  }
  for (const Preference& preference : result.preferences) {
    json["preferences"].push_back({{"first", preference.first},
                                   {"second", preference.second},
                                   {"for_first", preference.for_first},
                                   {"for_second", preference.for_second},
                                   {"equal", preference.equal},
                                   {"share_first", to_json(preference.share())}});
  }
  return json;
}

void analyse(const AnalyseArguments& a, Console& console) {
  const std::vector<std::filesystem::path> files(a.answers.begin(), a.answers.end());
  const ListeningResult result = analyse_listening(files, read_listening_key(a.key));
  if (console.json()) return print_json_document(result_json(result));
  console.print(fmt::format("{} listeners, {} answers", result.listeners, result.answers));
  for (const auto& [system, mean] : result.opinion) {
    console.print(
        fmt::format("MOS {:<20} {:.2f}  [{:.2f}, {:.2f}]  n {}", system, mean.mean, mean.low, mean.high, mean.count));
  }
  for (const Preference& p : result.preferences) {
    const Measure share = p.share();
    console.print(fmt::format("{} preferred to {}: {} ({} to {}, {} equal)", p.first, p.second,
                              share.defined() ? fmt::format("{:.1f} %", 100.0 * share.value()) : "undefined",
                              p.for_first, p.for_second, p.equal));
  }
}

void add_analyse(CLI::App& listen, Console& console) {
  auto a = std::make_shared<AnalyseArguments>();
  CLI::App* command = listen.add_subcommand("analyse", "Mean opinion scores and preferences from exported answers");
  command->add_option("CSV", a->answers, "Files that listeners exported")->required()->type_name("");
  command->add_option("--key", a->key, "key.tsv of the test")->required()->type_name("FILE");
  console.add_options(*command);
  command->callback([a, &console] { analyse(*a, console); });
}

}  // namespace

void add_evaluate_listen(CLI::App& evaluate, Console& console) {
  auto a = std::make_shared<ListenArguments>();
  CLI::App* command = evaluate.add_subcommand("listen", "Make a blind listening test, or analyse its answers");
  command
      ->add_option("MANIFEST", a->manifest,
                   "As for `evaluate set`; the column group names the system, song is optional")
      ->type_name("");
  command->add_option("-o,--output", a->output, "Folder to write the page and its clips to")
      ->type_name("FOLDER")
      ->group("Files");
  command->add_flag("--force", a->force, "Write into a folder that is not empty")->group("Files");
  command->add_option("--soundfont", a->soundfont, "Sound font for MIDI covers (default: the first one installed)")
      ->type_name("FILE")
      ->group("Files");
  command->add_option("--start", a->test.start, "Where clips begin, in seconds (default: 0)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS")
      ->group("Test");
  command->add_option("--seconds", a->test.seconds, "How long clips are (default: 45)")
      ->check(CLI::Range(1.0, 600.0))
      ->type_name("SECONDS")
      ->group("Test");
  command->add_option("--seed", a->test.seed, "Order and names of the clips (default: 1)")
      ->type_name("N")
      ->group("Test");
  command->add_option("--title", a->test.title, "Title of the page")->type_name("TEXT")->group("Test");
  console.add_options(*command);
  add_analyse(*command, console);
  command->footer(
      "Examples:\n"
      "  pop2piano evaluate listen covers.tsv --output test\n"
      "  pop2piano evaluate listen analyse answers-*.csv --key test/key.tsv");
  command->callback([a, command, &console] {
    if (command->get_subcommands().empty()) make_test(*a, console);
  });
}

}  // namespace pop2piano::cli
