// SPDX-License-Identifier: MIT
// pop2piano analyse: what covers need of a song's sound, kept in a file.
#include <pop2piano/cover.h>

#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/song_options.h"
#include "app/console/interrupt.h"
#include "app/console/time_text.h"
#include "app/targets/output_plan.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::cli {
namespace {

struct AnalyseArguments {
  std::vector<std::string> songs;
  std::string output, model = "default";
  SongOptions song_options;
  bool force = false;
};

void tell(const std::string& song, const Analysis& analysis, const std::string& file, Console& console) {
  const Rhythm& rhythm = analysis.rhythm;
  console.say(fmt::format("{}: {}, {:.1f} beats per minute{}, {}/4", song, clock_text(analysis.source.duration()),
                          rhythm.grid.tempo(), rhythm.constant_tempo ? " (steady)" : "", rhythm.grid.beats_per_bar));
  console.say("  " + file);
  console.event("analysis", {{"song", song},
                             {"files", nlohmann::json::array({file})},
                             {"tempo", rhythm.grid.tempo()},
                             {"beats_per_bar", rhythm.grid.beats_per_bar},
                             {"duration", analysis.source.duration()},
                             {"tuning", analysis.tuning.cents}});
}

void analyse_songs(const AnalyseArguments& a, Console& console) {
  const Monitor monitor = console.monitor(&interrupt_token());
  const auto model = Model::load(find_model(a.model));
  const AnalysisOptions options = analysis_options(*model, {.beats = a.song_options.beats()});
  const auto plans = plan_outputs(
      {.target = a.output, .kinds = {OutputKind::analysis}, .songs = a.songs, .styles = {"auto"}, .force = a.force});
  for (const CoverFiles& plan : plans) {
    const Recording recording = Recording::open(plan.song, a.song_options.recording(), monitor);
    for (const std::string& warning : recording.description().warnings) console.warn(plan.song + ": " + warning);
    const Analysis analysis = analyse(recording, options, a.song_options.threads, monitor);
    for (const std::string& remark : analysis.rhythm.remarks) console.warn(plan.song + ": " + remark);
    const auto file = plan.files.front().path;
    save_analysis(analysis, file);
    tell(plan.song, analysis, file.string(), console);
  }
}

}  // namespace

void add_analyse_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<AnalyseArguments>();
  CLI::App* command =
      program.add_subcommand("analyse", "Keep what covers need of songs, so that they need the songs no more");
  command->add_option("SONG", arguments->songs, "Any files with sound; - reads standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("-o,--output", arguments->output,
                   "A folder, or one file ending in .analysis (default: song.analysis in this folder)")
      ->type_name("DIR|FILE")
      ->group("Files");
  command->add_flag("--force", arguments->force, "Overwrite files that exist")->group("Files");
  command
      ->add_option("--model", arguments->model,
                   "The model folder or model's name that shall write from it; models with the same features share "
                   "(default: default)")
      ->type_name("DIR")
      ->group("Machine");
  arguments->song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano analyse song.mp3                        song.analysis, about 4 MB for each minute of song\n"
      "  pop2piano analyse song.mp3 -o kept/song.analysis --downbeat 3\n"
      "  pop2piano cover song.analysis --style all         covers from it, without the song\n"
      "  pop2piano cover song.analysis --song song.mp3     the mix needs the song still");
  command->callback([arguments, &console] { analyse_songs(*arguments, console); });
}

}  // namespace pop2piano::cli
