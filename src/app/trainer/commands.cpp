// SPDX-License-Identifier: MIT
#include "app/trainer/commands.h"

#include <pop2piano/error.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/targets/free_target.h"
#include "app/trainer/beats_commands.h"
#include "app/trainer/harmony_measure.h"
#include "app/trainer/piano_commands.h"
#include "app/trainer/texture_table.h"
#include "app/trainer/writer_commands.h"
#include "base/core/paths.h"
#include "learning/train/train_config.h"
#include "learning/train_harmony/harmony_trainer.h"
#include "learning/train_melody/melody_trainer.h"
#include "learning/train_t5/export_model.h"
#include "learning/train_t5/measure.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/trainer.h"
#include "learning/train_writer/writer_batches.h"

namespace pop2piano::training::app {
namespace {

struct Arguments {
  std::string config, model, output;
  std::vector<std::string> models;
  std::string split = "test";
  bool resume = false, unchecked = false, styles = false, force = false;
  std::int64_t songs = 4, steps = 0;
  double melody_weight = 0.0;
  int overlap_beats = 0;
};

std::string duration_text(double seconds) {
  const auto minutes = static_cast<long>(seconds / 60.0);
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

TrainerEvents events_on_stderr() {
  TrainerEvents events;
  events.note = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  events.logged = [](const LogLine& l, double left) {
    fmt::print(stderr, "step {:>7}  loss {:.4f}  rate {:.2e}  norm {:.3f}  {:.1f} segments/s  {} left\n", l.step,
               l.loss, l.rate, l.norm, l.segments_per_second, duration_text(left));
  };
  events.validated = [](const ValidationLine& v, bool best) {
    fmt::print(stderr,
               "step {:>7}  validation: loss {:.4f}  accuracy {:.3f}  melody F1 {:.3f}  all notes F1 {:.3f}{}\n",
               v.step, v.loss, v.accuracy, v.melody_f1, v.all_f1, best ? "  best" : "");
  };
  return events;
}

TrainConfig config_of(const Arguments& a, Training training) {
  auto config = read_train_config(a.config, training, events_on_stderr().note);
  if (!a.output.empty()) config.output = a.output;
  return config;
}

void run_training(const Arguments& a, const CancelToken& cancel) {
  auto config = config_of(a, Training::t5);
  if (a.steps > 0) config.steps = config.rate.total_steps = a.steps;
  Trainer trainer(config, a.resume ? StartFrom::newest_checkpoint : StartFrom::scratch, events_on_stderr(),
                  segments_by_features);
  trainer.run(cancel);
  fmt::print("{}: {} steps; best validation loss {:.4f} at step {}\n", config.output, trainer.state().step,
             trainer.state().best_loss, trainer.state().best_step);
}

// A few songs by heart: what cannot learn them has a fault.
void run_overfit(const Arguments& a, const CancelToken& cancel) {
  const auto config = overfit_config(config_of(a, Training::t5), a.songs, a.steps > 0 ? a.steps : 1500);
  Trainer trainer(config, StartFrom::scratch, events_on_stderr(), segments_by_features);
  trainer.run(cancel);
  const double accuracy = trainer.training_accuracy(32 * a.songs);
  fmt::print("token accuracy on {} songs after {} steps: {:.4f}\n", a.songs, config.steps, accuracy);
  if (accuracy < 0.99) {
    throw Error(ErrorCode::nothing_found, fmt::format("{}: token accuracy {:.4f} on {} songs, more than 0.99 expected; "
                                                      "raise --steps, or look for a fault in records or network",
                                                      config.output, accuracy, a.songs));
  }
}

void run_melody(const Arguments& a, const CancelToken& cancel) {
  auto config = config_of(a, Training::melody);
  if (a.steps > 0) config.steps = a.steps;
  using Start = MelodyTrainer::Start;
  MelodyTrainer(config, a.resume ? Start::newest_checkpoint : Start::fresh, events_on_stderr().note).run(cancel);
  fmt::print("{}/melody.safetensors: {} steps\n", config.output, config.steps);
}

void run_harmony(const Arguments& a, const CancelToken& cancel) {
  auto config = config_of(a, Training::harmony);
  if (a.steps > 0) config.steps = a.steps;
  using Start = HarmonyTrainer::Start;
  HarmonyTrainer(config, a.resume ? Start::newest_checkpoint : Start::fresh, events_on_stderr().note).run(cancel);
  fmt::print("{}/harmony.safetensors: {} steps\n", config.output, config.steps);
}

void compare_export(const std::string& folder, const NamedModel& model) {
  const auto report = compare_with_engine(folder, model, 8);
  fmt::print("{}: engine and training network agree on {} of {} segments ({} tokens)\n", folder, report.equal,
             report.segments, report.tokens);
  if (report.equal != report.segments) {
    throw Error(ErrorCode::malformed, folder +
                                          ": the engine's greedy tokens differ from the training network's; the "
                                          "model was written, but do not ship it");
  }
}

// Before models are read: that takes a while.
void check_free(const Arguments& a) {
  const std::filesystem::path folder = a.output;
  if (a.force) return;
  for (const char* name : {"model.safetensors", "config.json"}) {
    if (!path_exists(folder / name)) continue;
    throw Error(ErrorCode::already_exists, (folder / name).string() + ": exists; use --force to overwrite the model");
  }
}

void export_model(const Arguments& a, const NamedModel& model, const std::string& description) {
  write_model(a.output, model.config, model.weights, description);
  check_written(a.output, model.weights);
  if (!a.unchecked) compare_export(a.output, model);
}

void run_export(const Arguments& a) {
  check_free(a);
  export_model(a, read_any_model(a.model), "from " + std::filesystem::path(a.model).filename().string());
}

void run_average(const Arguments& a) {
  check_free(a);
  const std::vector<std::filesystem::path> paths(a.models.begin(), a.models.end());
  export_model(a, average_models(paths), fmt::format("average of {} models", paths.size()));
}

void run_average_melody(const Arguments& a) {
  pop2piano::check_free(a.output, a.force);
  const std::vector<std::filesystem::path> paths(a.models.begin(), a.models.end());
  average_melody_networks(paths, a.output);
}

void print_measures(const std::string& name, const ModelMeasures& m) {
  fmt::print("{}: {} songs, {} segments\n", name, m.songs, m.segments);
  fmt::print("onset within one step    F1  precision  recall\n");
  for (const auto& [what, counts] : {std::pair{"melody", m.notes.melody},
                                     {"melody, octaves folded", m.notes.melody_folded},
                                     {"all notes", m.notes.all}}) {
    fmt::print("  {:<22} {:>5.3f} {:>9.3f} {:>8.3f}\n", what, counts.f1(), counts.precision(), counts.recall());
  }
  const auto share = [](const MelodyMeasures& t) {
    return static_cast<double>(t.right) / static_cast<double>(t.steps);
  };
  if (m.melodia.steps > 0) fmt::print("melody's pitch class where it sounds: MELODIA {:.3f}", share(m.melodia));
  if (m.melody.steps > 0) {
    fmt::print(", network {:.3f}; its onsets: F1 {:.3f}, precision {:.3f}, recall {:.3f}", share(m.melody),
               m.melody.begins.f1(), m.melody.begins.precision(), m.melody.begins.recall());
  }
  if (m.melodia.steps > 0) fmt::print("\n");
  fmt::print("every 2nd beat       register jump  density jump  struck again  held over\n");
  for (const auto& [where, b] : {std::pair{"segment borders", m.borders}, {"inside", m.inside}}) {
    fmt::print("  {:<18} {:>13.2f} {:>13.2f} {:>13.3f} {:>10.2f}\n", where, b.register_jump, b.density_jump,
               b.struck_again, b.held_over);
  }
  print_texture_header();
  print_texture_row("target", m.target);
  print_texture_row("written", m.written);
  if (m.styles.empty()) return;
  fmt::print("style              notes/s  notes per onset\n");
  for (const auto& [style, d] : m.styles) {
    fmt::print("  {:<16} {:>7.2f} {:>16.2f}\n", style, d.notes_per_second, d.notes_per_onset);
  }
  fmt::print("styles in the right order in {} of {} songs\n", m.songs_in_order, m.songs);
}

void run_measure(const Arguments& a, const CancelToken& cancel) {
  const MeasureOptions options{.split = a.split == "test" ? Split::test : Split::validation,
                               .styles = a.styles,
                               .threads = 0,
                               .melody_weight = a.melody_weight,
                               .overlap_beats = a.overlap_beats};
  const Monitor monitor{
      .progress = [](std::string_view, double done) { fmt::print(stderr, "\r{:3.0f} %", 100.0 * done); },
      .cancel = &cancel};
  const auto measures = measure_model(a.model, a.models, options, monitor);
  fmt::print(stderr, "\r");
  print_measures(a.model, measures);
}

constexpr std::array kTrainings{Training::t5, Training::melody, Training::harmony, Training::beats, Training::piano};

void print_options(const std::string& command) {
  for (const Training training : kTrainings) {
    if (command == command_of(training))
      fmt::print("{}\nDefaults:\n{}", config_help(training), to_json(default_config(training), training));
  }
}

void add_options(CLI::App& program) {
  const auto command = std::make_shared<std::string>(command_of(Training::t5));
  auto* options = program.add_subcommand("options", "Print every key of a config file with meaning and default");
  std::vector<std::string> commands;
  for (const Training training : kTrainings) commands.emplace_back(command_of(training));
  options->add_option("COMMAND", *command, "Whose config file")->capture_default_str()->check(CLI::IsMember(commands));
  options->callback([command] { print_options(*command); });
}

void add_run(CLI::App& program, const std::shared_ptr<Arguments>& a, const CancelToken& cancel) {
  auto* run = program.add_subcommand("run", "Train as a config file says");
  run->add_option("CONFIG", a->config, "JSON; its keys stand below")->required();
  run->add_flag("--resume", a->resume, "Go on from the newest checkpoint of the output folder");
  run->add_option("--output", a->output, "Folder of the run, instead of the config's");
  run->add_option("--steps", a->steps, "Steps, instead of the config's")->check(CLI::PositiveNumber);
  run->footer([] { return config_help(Training::t5); });
  run->callback([a, &cancel] { run_training(*a, cancel); });
}

// The small networks that hear for the large one.
void add_small_networks(CLI::App& program, const std::shared_ptr<Arguments>& a, const CancelToken& cancel) {
  const auto add = [&](Training training, const char* meaning, void (*run)(const Arguments&, const CancelToken&)) {
    auto* command = program.add_subcommand(command_of(training), meaning);
    command->add_option("CONFIG", a->config, "JSON; its keys stand below")->required();
    command->add_flag("--resume", a->resume, "Go on from the checkpoint of the output folder");
    command->add_option("--output", a->output, "Folder of the run, instead of the config's");
    command->add_option("--steps", a->steps, "Steps, instead of the config's")->check(CLI::PositiveNumber);
    command->footer([training] { return config_help(training); });
    command->callback([a, &cancel, run] { run(*a, cancel); });
  };
  add(Training::melody, "Train the network that hears the melody as a config file says", run_melody);
  add(Training::harmony, "Train the network that hears bass and chords as a config file says", run_harmony);
}

void add_overfit(CLI::App& program, const std::shared_ptr<Arguments>& a, const CancelToken& cancel) {
  auto* overfit = program.add_subcommand("overfit", "Self-test: learn a few songs by heart");
  overfit->add_option("CONFIG", a->config, "JSON; see pop2piano-train options")->required();
  overfit->add_option("--songs", a->songs, "How many")->check(CLI::PositiveNumber);
  overfit->add_option("--output", a->output, "Folder of the run, instead of the config's");
  overfit->add_option("--steps", a->steps, "Steps")->check(CLI::PositiveNumber);
  overfit->callback([a, &cancel] { run_overfit(*a, cancel); });
}

void add_export_and_average(CLI::App& program, const std::shared_ptr<Arguments>& a) {
  auto* write = program.add_subcommand("export", "Write a checkpoint as a model folder and compare with the engine");
  write->add_option("CHECKPOINT", a->model, "step-NNNNNNNNN.safetensors, or a model folder")->required();
  write->add_option("FOLDER", a->output, "Where to")->required();
  write->add_flag("--force", a->force, "Overwrite a model that is there");
  write->add_flag("--unchecked", a->unchecked, "Do not compare with the engine");
  write->callback([a] { run_export(*a); });
  auto* average = program.add_subcommand("average", "Average the weights of several checkpoints or models");
  average->add_option("MODEL", a->models, "Checkpoints or model folders")->required();
  average->add_option("--output", a->output, "Folder of the new model")->required();
  average->add_flag("--force", a->force, "Overwrite a model that is there");
  average->add_flag("--unchecked", a->unchecked, "Do not compare with the engine");
  average->callback([a] { run_average(*a); });
  auto* melody = program.add_subcommand("average-melody", "Average the weights of several melody networks");
  melody->add_option("FILE", a->models, "Weights files; one named twice counts twice")->required();
  melody->add_option("--output", a->output, "The new weights file")->required();
  melody->add_flag("--force", a->force, "Overwrite a file that is there");
  melody->callback([a] { run_average_melody(*a); });
}

void add_measure(CLI::App& program, const std::shared_ptr<Arguments>& a, const CancelToken& cancel) {
  auto* measure = program.add_subcommand("measure", "What a model writes for records, beside their target");
  measure->add_option("MODEL", a->model, "Model folder")->required();
  measure->add_option("RECORDS", a->models, "Record files or folders")->required();
  measure->add_option("--split", a->split, "Which songs")->check(CLI::IsMember({"test", "validation"}));
  measure->add_option("--melody-weight", a->melody_weight, "As of pop2piano cover")->check(CLI::Range(0.0, 10.0));
  measure->add_option("--overlap", a->overlap_beats, "Likewise")->check(CLI::Range(0, 4));
  measure->add_flag("--styles", a->styles, "In every style, too: six times the work");
  measure->callback([a, &cancel] { run_measure(*a, cancel); });
}

}  // namespace

void add_commands(CLI::App& program, const CancelToken& cancel) {
  const auto arguments = std::make_shared<Arguments>();
  add_run(program, arguments, cancel);
  add_overfit(program, arguments, cancel);
  add_export_and_average(program, arguments);
  add_measure(program, arguments, cancel);
  add_small_networks(program, arguments, cancel);
  add_options(program);
  add_beats_commands(program, cancel);
  add_measure_harmony(program, cancel);
  add_writer_commands(program, cancel);
  add_piano_commands(program, cancel);
}

}  // namespace pop2piano::training::app
