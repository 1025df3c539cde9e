// SPDX-License-Identifier: MIT
#include "app/trainer/beats_commands.h"

#include <pop2piano/error.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "learning/band/rhythm_song.h"
#include "learning/genres/genre.h"
#include "learning/records/beat_features.h"
#include "learning/records/beat_songs.h"
#include "learning/train/train_config.h"
#include "learning/train_beats/beats_trainer.h"

namespace pop2piano::training::app {
namespace {

namespace fs = std::filesystem;

struct BeatArguments {
  std::string config, out, players;
  std::vector<std::string> sound_fonts, genres;
  bool resume = false, kept_apart = false;
  std::int64_t steps = 0;
  int count = 960, first = 0, jobs = 0;
  std::uint64_t seed = 7;
};

void note_on_stderr(const std::string& line) { fmt::print(stderr, "{}\n", line); }

void note(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

std::vector<fs::path> features_of(const std::vector<RecordSource>& sources, const BeatFeatureOptions& options,
                                  ThreadPool& pool, const CancelToken& cancel) {
  std::vector<fs::path> folders;
  for (const RecordSource& source : sources) {
    const BeatFeatures features = beat_features_beside(source.path, options, pool, Monitor{.cancel = &cancel});
    if (features.made > 0) note(fmt::format("{}: {} songs heard", features.folder.string(), features.made));
    folders.push_back(features.folder);
  }
  return folders;
}

void train_beats(const BeatArguments& a, const CancelToken& cancel) {
  TrainConfig config = read_train_config(a.config, Training::beats, note_on_stderr);
  if (a.steps > 0) config.steps = a.steps;
  ThreadPool pool(static_cast<int>(config.threads));
  const auto learnt = features_of(config.records, {}, pool, cancel);
  const auto held_out = features_of(config.validation_records, {.resampled = false}, pool, cancel);
  using Start = BeatTrainer::Start;
  BeatTrainer trainer(config, learnt, held_out, a.resume ? Start::newest_checkpoint : Start::fresh, note);
  trainer.run(cancel);
  note(config.output + "/beats.safetensors: done");
}

// "all": every genre, or every one that has grooves for the test.
std::vector<std::string> genres_of(const BeatArguments& a) {
  if (!a.kept_apart || a.genres.size() != 1 || a.genres.front() != "all") return chosen_genres(a.genres);
  const auto tested = tested_genres();
  return {tested.begin(), tested.end()};
}

void make_beat_songs(const BeatArguments& a, const CancelToken& cancel) {
  const BeatSongOptions options{.sound_fonts = {a.sound_fonts.begin(), a.sound_fonts.end()},
                                .first = a.first,
                                .count = a.count,
                                .seed = a.seed,
                                .genres = genres_of(a),
                                .grooves = a.kept_apart ? GrooveUse::test : GrooveUse::learn,
                                .players = players_named(a.players)};
  ThreadPool pool(a.jobs);
  const std::size_t made = write_beat_songs(a.out, options, pool, Monitor{.cancel = &cancel});
  note(fmt::format("{}: {} songs made", a.out, made));
}

}  // namespace

void add_beats_commands(CLI::App& program, const CancelToken& cancel) {
  const auto a = std::make_shared<BeatArguments>();
  auto* beats = program.add_subcommand("beats", "Train the beat network as a config file says");
  beats->add_option("CONFIG", a->config, "JSON; its keys stand below")->required();
  beats->add_flag("--resume", a->resume, "Go on from the checkpoint of the output folder");
  beats->add_option("--steps", a->steps, "Steps, instead of the config's")->check(CLI::PositiveNumber);
  beats->footer([] { return config_help(Training::beats); });
  beats->callback([a, &cancel] { train_beats(*a, cancel); });
  auto* songs = program.add_subcommand("beat-songs", "Render songs of many metres and feels to learn beats from");
  songs->add_option("FOLDER", a->out, "Where to; shards that are there stay")->required();
  songs->add_option("--count", a->count, "How many")->capture_default_str()->check(CLI::PositiveNumber);
  songs->add_option("--first", a->first, "Number of the first, a multiple of 8")->capture_default_str();
  songs->add_option("--seed", a->seed, "Everything random follows from it")->capture_default_str();
  songs->add_option("--threads", a->jobs, "Songs at a time; 0: one for each processor")->capture_default_str();
  songs->add_option("--soundfont", a->sound_fonts, "SF2 or SF3, may be repeated (default: all installed)");
  songs->add_option("--genre", a->genres,
                    "Songs of a genre with its grooves, may be repeated: all, " + genre_names() +
                        " (default: songs of many metres and feels)");
  songs->add_flag("--kept-apart", a->kept_apart, "With --genre: the grooves that are kept for the test");
  songs
      ->add_option("--players", a->players,
                   "Without --genre: who plays in all of the songs, one of " + players_names() + " (default: drawn)")
      ->excludes("--genre")
      ->check([](const std::string& name) {
        return players_named(name) ? std::string() : name + ": no such players; one of " + players_names();
      });
  songs->callback([a, &cancel] { make_beat_songs(*a, cancel); });
}

}  // namespace pop2piano::training::app
