// SPDX-License-Identifier: MIT
#include "app/trainer/piano_commands.h"

#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "learning/dataset/record_set.h"
#include "learning/performances/piano_songs.h"
#include "learning/train_piano/piano_measures.h"
#include "learning/train_piano/piano_trainer.h"

namespace pop2piano::training::app {
namespace {

struct PianoArguments {
  std::string config, output, network, out, split = "train";
  std::vector<std::string> records, scores, sound_fonts;
  bool resume = false;
  std::int64_t steps = 0;
  int count = 96, first = 0, jobs = 0;
  double seconds = 40.0, textures = 0.15, onset = PianoNoteOptions{}.onset, sounds = PianoNoteOptions{}.sounds;
  std::uint64_t seed = 1;
};

void note(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void train_piano(const PianoArguments& a, const CancelToken& cancel) {
  TrainConfig config =
      read_train_config(a.config, Training::piano, [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  if (!a.output.empty()) config.output = a.output;
  if (a.steps > 0) config.steps = a.steps;
  using Start = PianoTrainer::Start;
  PianoTrainer(config, a.resume ? Start::newest_checkpoint : Start::fresh, note).run(cancel);
  note(fmt::format("{}/{}: {} steps", config.output, PianoTask::kFile, config.steps));
}

void make_piano_songs(const PianoArguments& a, const CancelToken& cancel) {
  PianoSongOptions options{.sound_fonts = {a.sound_fonts.begin(), a.sound_fonts.end()},
                           .scores = {a.scores.begin(), a.scores.end()},
                           .split = a.split,
                           .seconds = a.seconds,
                           .texture_share = a.textures,
                           .first = a.first,
                           .count = a.count,
                           .seed = a.seed};
  if (options.sound_fonts.empty()) options.sound_fonts = installed_soundfonts();
  ThreadPool pool(a.jobs);
  const PianoSongsMade made = write_piano_songs(a.out, options, pool, Monitor{.cancel = &cancel});
  for (const std::string& line : made.unreadable) fmt::print(stderr, "cannot be read: {}\n", line);
  for (const std::string& line : made.too_short) fmt::print(stderr, "{}: fewer than 20 notes\n", line);
  note(fmt::format("{}: {} records made; of the scores drawn {} could not be read, {} were too short", a.out,
                   made.records, made.unreadable.size(), made.too_short.size()));
}

void measure(const PianoArguments& a, const CancelToken& cancel) {
  const auto network = PianoNetwork::load(a.network);
  const std::vector<std::filesystem::path> paths(a.records.begin(), a.records.end());
  const RecordSet set = RecordSet::open(paths);
  const PianoNoteOptions options{.onset = static_cast<float>(a.onset), .sounds = static_cast<float>(a.sounds)};
  ThreadPool pool(a.jobs);
  PianoMeasures sum;
  double songs = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    cancel.check();
    const SongView view = set.song(i);
    if (view.description.split != a.split) continue;
    const PianoMeasures m = measure_piano(view, *network, options, pool);
    sum.note += m.note;
    sum.with_velocity += m.with_velocity;
    sum.with_offset += m.with_offset;
    sum.pedal += m.pedal;
    sum.onset_error += m.onset_error;
    ++songs;
  }
  if (songs == 0) throw Error(ErrorCode::nothing_found, a.records.front() + ": no record of the split " + a.split);
  fmt::print(
      "{}: {} records; F1 of notes {:.3f}, with velocity {:.3f}, with offset {:.3f}; of the pedal's frames {:.3f}; "
      "onsets are {:.1f} ms off\n",
      a.network, songs, sum.note / songs, sum.with_velocity / songs, sum.with_offset / songs, sum.pedal / songs,
      1000.0 * sum.onset_error / songs);
}

void add_training(CLI::App& program, const std::shared_ptr<PianoArguments>& a, const CancelToken& cancel) {
  auto* piano = program.add_subcommand("piano", "Train the network that transcribes pianos as a config file says");
  piano->add_option("CONFIG", a->config, "JSON; its keys stand below")->required();
  piano->add_flag("--resume", a->resume, "Go on from the checkpoint of the output folder");
  piano->add_option("--output", a->output, "Folder of the run, instead of the config's");
  piano->add_option("--steps", a->steps, "Steps, instead of the config's")->check(CLI::PositiveNumber);
  piano->footer([] { return config_help(Training::piano); });
  piano->callback([a, &cancel] { train_piano(*a, cancel); });
}

CLI::Option* add_split(CLI::App& command, const std::shared_ptr<PianoArguments>& a, const char* meaning) {
  return command.add_option("--split", a->split, meaning)
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "validation", "test"}));
}

void add_songs(CLI::App& program, const std::shared_ptr<PianoArguments>& a, const CancelToken& cancel) {
  auto* songs = program.add_subcommand("piano-songs", "Perform scores on the pianos of sound fonts to learn from");
  songs->add_option("FOLDER", a->out, "Where to; shards that are there stay")->required();
  songs->add_option("SCORES", a->scores, "MIDI and MusicXML files, or folders with them");
  songs->add_option("--soundfont", a->sound_fonts, "SF2 or SF3, may be repeated (default: all installed)");
  songs->add_option("--count", a->count, "How many records")->capture_default_str()->check(CLI::PositiveNumber);
  songs->add_option("--first", a->first, "Number of the first, a multiple of 8")->capture_default_str();
  songs->add_option("--seconds", a->seconds, "Of a record")->capture_default_str()->check(CLI::Range(5.0, 3600.0));
  songs->add_option("--textures", a->textures, "Share of the records that play textures instead of scores")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  add_split(*songs, a, "Scores of this part, and what the records are for");
  songs->add_option("--seed", a->seed, "Everything random follows from it")->capture_default_str();
  songs->add_option("--threads", a->jobs, "Shards at a time; 0: one for each processor")->capture_default_str();
  songs->callback([a, &cancel] { make_piano_songs(*a, cancel); });
}

void add_measuring(CLI::App& program, const std::shared_ptr<PianoArguments>& a, const CancelToken& cancel) {
  auto* command = program.add_subcommand("measure-piano", "How many of the notes that records play are found");
  command->add_option("NETWORK", a->network, "piano.safetensors")->required();
  command->add_option("RECORDS", a->records, "Record files or folders")->required();
  add_split(*command, a, "Records of this part");
  command->add_option("--onset", a->onset, "Least chance of a note's beginning")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.99));
  command->add_option("--sounds", a->sounds, "A note ends where its chance to sound falls below")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.99));
  command->callback([a, &cancel] { measure(*a, cancel); });
}

}  // namespace

void add_piano_commands(CLI::App& program, const CancelToken& cancel) {
  add_training(program, std::make_shared<PianoArguments>(), cancel);
  add_songs(program, std::make_shared<PianoArguments>(), cancel);
  const auto measuring = std::make_shared<PianoArguments>();
  measuring->split = "test";
  add_measuring(program, measuring, cancel);
}

}  // namespace pop2piano::training::app
