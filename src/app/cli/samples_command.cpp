// SPDX-License-Identifier: MIT
// pop2piano samples: a page of the covers in a folder, with players.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/samples/samples_page.h"
#include "app/targets/free_target.h"
#include "base/core/output_file.h"

namespace pop2piano::cli {
namespace {

struct SamplesArguments {
  std::string folder;
  bool force = false;
};

void write_samples(const SamplesArguments& a, Console& console) {
  const std::filesystem::path target = std::filesystem::path(a.folder) / "index.html";
  check_free(target, a.force);
  const SamplesPage page = samples_page(a.folder, [&](const std::string& words) { console.warn(words); });
  write_file(target, page.html);
  console.say(fmt::format("{} covers of {} songs\n  {}", page.covers, page.songs, target.string()));
  console.event("samples", {{"songs", page.songs}, {"covers", page.covers}, {"file", target.string()}});
}

}  // namespace

void add_samples_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<SamplesArguments>();
  CLI::App* command =
      program.add_subcommand("samples", "A page of the covers in a folder, song by style, with players");
  command->add_option("DIR", arguments->folder, "Folder of covers with their reports and sound")
      ->required()
      ->type_name("");
  command->add_flag("--force", arguments->force, "Overwrite the page if it exists")->group("Files");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano cover *.mp3 -o covers --style all --only json,mp3,musicxml\n"
      "  pop2piano samples covers                          covers/index.html, which a browser opens as it is");
  command->callback([arguments, &console] { write_samples(*arguments, console); });
}

}  // namespace pop2piano::cli
