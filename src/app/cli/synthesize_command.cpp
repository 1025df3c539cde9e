// SPDX-License-Identifier: MIT
// pop2piano synthesize: symbolic songs -> rendered bands with their piano parts, as training records.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "learning/genres/genre.h"
#include "learning/records/song_corpus.h"
#include "learning/records/synthesize.h"

namespace pop2piano::cli {
namespace {

struct SynthesizeArguments {
  std::string corpus, out, songs, split, corrections, melody_track, licence, singers = "usual", repeats = "play";
  std::vector<std::string> sound_fonts, genres;
  int variants = 1, first_variant = 0, jobs = 0;
  std::uint64_t seed = 1;
  double thin = SynthesisOptions{}.thin_share, stereo = SynthesisOptions{}.stereo_share;
  int songs_per_shard = 8;
  bool audio = false, no_features = false;
};

// "1-100" or "7": numbers of songs; empty: all.
bool in_range(const std::string& range, int number) {
  if (range.empty()) return true;
  int first = 0, last = 0;
  char rest = 0;
  const int fields = std::sscanf(range.c_str(), "%d-%d%c", &first, &last, &rest);
  if (fields == 1) last = first;
  if (fields < 1 || fields > 2 || last < first) {
    throw Error(ErrorCode::invalid_argument, "--songs: a number or FIRST-LAST expected, \"" + range + "\" found");
  }
  return number >= first && number <= last;
}

std::vector<int> chosen_songs(const SynthesizeArguments& arguments) {
  std::vector<int> songs;
  const auto corpus = open_corpus(arguments.corpus, {.melody_track = arguments.melody_track});
  for (const int number : corpus->numbers()) {
    const bool in_split = arguments.split.empty() || arguments.split == corpus->split_of(number);
    if (in_split && in_range(arguments.songs, number)) songs.push_back(number);
  }
  if (songs.empty()) throw Error(ErrorCode::nothing_found, "no song of the corpus is in --songs and --split");
  return songs;
}

SynthesisOptions options_of(const SynthesizeArguments& arguments) {
  SynthesisOptions options;
  options.sound_fonts.assign(arguments.sound_fonts.begin(), arguments.sound_fonts.end());
  options.songs = chosen_songs(arguments);
  options.corpus = {.melody_track = arguments.melody_track,
                    .licence = arguments.licence,
                    .repeats = arguments.repeats == "keep" ? Repeats::keep : Repeats::play};
  options.corrections = arguments.corrections;
  options.first_variant = arguments.first_variant;
  options.variants = arguments.variants;
  options.seed = arguments.seed;
  options.thin_share = arguments.thin;
  options.stereo_share = arguments.stereo;
  options.singers = arguments.singers == "unseen" ? SingerKind::unseen : SingerKind::usual;
  options.genres = chosen_genres(arguments.genres);
  options.songs_per_shard = arguments.songs_per_shard;
  options.features = arguments.no_features ? KeepFeatures::none : KeepFeatures::all;
  options.audio = arguments.audio ? KeepAudio::flac : KeepAudio::none;
  return options;
}

void synthesize(const SynthesizeArguments& arguments, Console& console) {
  const Monitor monitor = console.monitor(&interrupt_token());
  ThreadPool pool(arguments.jobs);
  const SynthesisReport report =
      synthesize_corpus(arguments.corpus, arguments.out, options_of(arguments), pool, monitor);
  console.finish_progress();
  for (const std::string& failed : report.failed) console.warn(failed);
  console.event("synthesize", {{"made", report.made},
                               {"present", report.present},
                               {"failed", report.failed.size()},
                               {"sound_seconds", report.sound_s}});
  console.say(fmt::format("{}: {} records made ({:.1f} h of sound), {} were there, {} songs left out", arguments.out,
                          report.made, report.sound_s / 3600, report.present, report.failed.size()));
}

void add_options(CLI::App& command, SynthesizeArguments& a) {
  command
      .add_option("CORPUS", a.corpus,
                  "POP909's folder of songs (001, 002, ...), or a folder with MIDI, MusicXML or ABC files")
      ->required()
      ->type_name("");
  command.add_option("-o,--output", a.out, "Folder for the records; a broken-off run goes on there")
      ->required()
      ->type_name("DIR");
  command.add_option("--variants", a.variants, "Renderings of each song")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  command.add_option("--first-variant", a.first_variant, "Number of the first")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command.add_option("--threads", a.jobs, "Songs at a time; 0: one for each processor")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command.add_option("--seed", a.seed, "Everything random follows from it")->capture_default_str();
  command.add_option("--thin", a.thin, "Share of the songs, 0 to 1, that few players play, or the melody alone")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--stereo", a.stereo, "Share of the songs, 0 to 1, that are mixed in stereo and then folded to mono")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--singers", a.singers,
                  "usual, or unseen: voices, vowels and ways of singing that usual ones never have, to test with")
      ->capture_default_str()
      ->check(CLI::IsMember({"usual", "unseen"}));
  command.add_option(
      "--genre", a.genres,
      "Songs are played in this genre, may be repeated: all, " + genre_names() + " (default: a pop band)");
  command.add_option("--songs", a.songs, "Only these numbers: FIRST-LAST")->type_name("RANGE");
  command.add_option("--split", a.split, "Only songs of this part (POP909: number % 20 == 7 test, 13 validation)")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command
      .add_option("--corrections", a.corrections, "POP909-CL's folder of 001.mid, 002.mid, ...: its bars and chords")
      ->type_name("DIR");
  command
      .add_option("--melody-track", a.melody_track,
                  "Part of the name of the track with the melody (default: melody, vocal, voice, lead)")
      ->type_name("NAME");
  command
      .add_option("--repeats", a.repeats,
                  "Of MusicXML and ABC: play, each bar as often as its repeat signs say; keep, each bar once")
      ->capture_default_str()
      ->check(CLI::IsMember({"play", "keep"}))
      ->type_name("HOW");
  command.add_option("--licence", a.licence, "Of the songs, noted in the records; POP909's is known")
      ->type_name("TEXT");
  command.add_option("--soundfont", a.sound_fonts, "SF2 or SF3, may be repeated (default: all that are installed)")
      ->type_name("FILE");
  command.add_option("--songs-per-shard", a.songs_per_shard, "Records in a file")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  command.add_flag("--audio", a.audio, "Keep the sound in the records too (FLAC, 22.05 kHz)");
  command.add_flag("--no-features", a.no_features, "Leave the features out");
}

}  // namespace

void add_synthesize_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<SynthesizeArguments>();
  CLI::App* command =
      program.add_subcommand("synthesize", "Render symbolic songs as bands: records to train a model from");
  add_options(*command, *arguments);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano synthesize POP909 --output records/train --split train --variants 8\n"
      "  pop2piano synthesize POP909 --output records/validation --split validation\n"
      "  pop2piano synthesize POP909 --output records/strangers --split test --singers unseen\n"
      "  pop2piano synthesize tunebooks --output records/folk --licence 'public domain'\n"
      "The same options make the same records, however many jobs. `pop2piano dataset` looks at them.");
  command->callback([arguments, &console] { synthesize(*arguments, console); });
}

}  // namespace pop2piano::cli
