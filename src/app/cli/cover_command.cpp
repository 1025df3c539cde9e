// SPDX-License-Identifier: MIT
// pop2piano cover: songs in; MIDI, sheet music, sound and a report out.
#include <pop2piano/cover.h>

#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "app/cli/arranging_options.h"
#include "app/cli/command.h"
#include "app/cli/cover_files.h"
#include "app/cli/interrupt.h"
#include "app/cli/output_plan.h"
#include "app/cli/song_options.h"
#include "app/cli/time_text.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::cli {
namespace {

struct CoverArguments {
  std::vector<std::string> songs;
  std::string output, only, style = "auto", model = "default", arithmetic = "auto";
  ArrangingOptions arranging;
  SongOptions song_options;
  GenerateOptions generation;
  CoverOptions guide;  // only what guides the writing
  WriteOptions writing;
  int velocity = 0;
  bool force = false, share_weights = false;
};

Arithmetic arithmetic_named(const std::string& name) {
  if (name == "f32") return Arithmetic::f32;
  if (name == "bf16") return Arithmetic::bf16;
  return name == "int8" ? Arithmetic::int8 : Arithmetic::automatic;
}

void add_music_options(CLI::App& command, CoverArguments& a) {
  command.add_option("--style", a.style, "An arranger of the model, or all (default: auto)")
      ->type_name("NAME")
      ->group("Music");
  command.add_option("--velocity", a.velocity, "Strike every note alike (default: follow the song's loudness)")
      ->check(CLI::Range(1, 127))
      ->type_name("1..127")
      ->group("Music");
  command
      .add_option("--melody-weight", a.guide.melody_weight,
                  "How much the tune follows what is heard as the song's melody; 0: the network alone")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("W")
      ->group("Music");
  command
      .add_option("--overlap", a.guide.overlap_beats,
                  "Beats of what it wrote before that the network goes on from; 0: each eight beats alone, faster")
      ->capture_default_str()
      ->check(CLI::Range(0, 4))
      ->type_name("BEATS")
      ->group("Music");
  command.add_option("--title", a.writing.title, "Title of the score (default: the song's)")
      ->type_name("TEXT")
      ->group("Music");
}

void add_search_options(CLI::App& command, CoverArguments& a) {
  command
      .add_option("--temperature", a.generation.temperature,
                  "0: always the likeliest note; 1: as drawn by chance (default: 0)")
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("T")
      ->group("Music");
  command.add_option("--top-k", a.generation.top_k, "Draw among the K likeliest only (default: all)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("K")
      ->group("Music");
  command
      .add_option("--top-p", a.generation.top_p,
                  "Draw among the likeliest that hold this share of the chance (default: 1)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P")
      ->group("Music");
  command
      .add_option("--beams", a.generation.beams,
                  "Follow so many versions of each phrase at once, keep the likeliest (default: 1)")
      ->check(CLI::Range(1, 64))
      ->type_name("N")
      ->group("Music");
  command.add_option("--seed", a.generation.seed, "Another seed, another cover (with a temperature)")
      ->type_name("N")
      ->group("Music");
  command.add_option("--model", a.model, "A model folder or a model's name (default: default)")
      ->type_name("DIR")
      ->group("Machine");
  command
      .add_option("--arithmetic", a.arithmetic,
                  "Number format of the network: bf16 and int8 are faster and change a few notes (default: f32, or as "
                  "the model was rounded)")
      ->check(CLI::IsMember({"auto", "f32", "bf16", "int8"}))
      ->type_name("FORMAT")
      ->group("Machine");
  command
      .add_flag("--share-weights", a.share_weights,
                "Map the weights from a file in ~/.cache/pop2piano/weights, so that several runs at once share that "
                "memory")
      ->group("Machine");
}

void add_file_options(CLI::App& command, CoverArguments& a) {
  command
      .add_option("-o,--output", a.output,
                  "A folder, or one file whose ending says what to write (default: this folder)")
      ->type_name("DIR|FILE")
      ->group("Files");
  command.add_option("--only", a.only, "Write only these: midi,musicxml,wav,mix,json")
      ->type_name("KINDS")
      ->group("Files");
  command.add_flag("--force", a.force, "Overwrite files that exist")->group("Files");
  command
      .add_flag("--lock,!--no-lock", a.writing.lock,
                "MIDI follows the recording's tempo beat by beat (default); --no-lock: one steady tempo")
      ->group("Files");
  command.add_option("--soundfont", a.writing.soundfont, "Sound font of the piano (default: the first one installed)")
      ->type_name("FILE")
      ->group("Files");
  command
      .add_option("--mix-balance", a.writing.mix_balance,
                  "Song against piano in the mix: -1 song only, 0 equal, 1 piano only")
      ->check(CLI::Range(-1.0, 1.0))
      ->type_name("-1..1")
      ->group("Files");
}

CoverOptions cover_options(const CoverArguments& a) {
  CoverOptions options{.beats = a.song_options.beats(),
                       .generation = a.generation,
                       .melody_weight = a.guide.melody_weight,
                       .overlap_beats = a.guide.overlap_beats,
                       .threads = a.song_options.threads};
  options.title = a.writing.title;
  if (a.velocity > 0) options.velocity = a.velocity;
  options.transpose = a.arranging.semitones();
  if (!options.transpose && !a.arranging.key.empty()) options.key = a.arranging.key;
  const PianoOptions piano = a.arranging.piano();
  options.level = piano.level;
  options.hand_span = piano.hand_span;
  options.tune = piano.tune;
  return options;
}

std::string summary(const std::string& song, const Cover& cover, double seconds) {
  return fmt::format("{}: {}, {:.1f} beats per minute{}, {}/4, {}, style {}, level {}, {} notes, {:.1f} s", song,
                     clock_text(cover.duration), cover.rhythm.grid.tempo(),
                     cover.rhythm.constant_tempo ? " (steady)" : "", cover.score.grid.beats_per_bar,
                     cover.score.key ? to_string(*cover.score.key) : "no key", cover.score.style, cover.level,
                     cover.score.notes.size(), seconds);
}

void tell(const CoverFiles& plan, const std::vector<std::filesystem::path>& written, const Cover& cover, double seconds,
          Console& console) {
  console.say(summary(plan.song, cover, seconds));
  nlohmann::json files = nlohmann::json::array();
  for (const auto& file : written) {
    console.say("  " + file.string());
    files.push_back(file.string());
  }
  if (console.verbose()) {
    for (const auto& [stage, time] : cover.stage_seconds) console.say(fmt::format("  {:<10} {:7.3f} s", stage, time));
  }
  console.event("cover", {{"song", plan.song},
                          {"style", cover.score.style},
                          {"level", cover.level},
                          {"changes", cover.changes.size()},
                          {"files", files},
                          {"tempo", cover.rhythm.grid.tempo()},
                          {"key", cover.score.key ? to_string(*cover.score.key) : ""},
                          {"beats_per_bar", cover.score.grid.beats_per_bar},
                          {"notes", cover.score.notes.size()},
                          {"duration", cover.duration},
                          {"seconds", seconds}});
}

// All styles of one song: `plans` has one entry per style.
void cover_song(std::span<const CoverFiles> plans, const Model& model, const CoverArguments& a, Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const Monitor monitor = console.monitor(&interrupt_token());
  const std::string& song = plans.front().song;
  const Recording recording = Recording::open(song, a.song_options.recording(), monitor);
  for (const std::string& warning : recording.description().warnings) console.warn(song + ": " + warning);
  const CoverOptions options = cover_options(a);
  std::vector<std::string> styles;
  for (const CoverFiles& plan : plans) styles.push_back(plan.style);
  std::vector<Cover> covers = make_covers(recording, model, styles, options, monitor);
  for (const std::string& remark : covers.front().rhythm.remarks) console.warn(song + ": " + remark);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (covers[i].score.title.empty()) covers[i].score.title = title_from_name(song);
    const CoverSource source{.recording = recording, .model = model, .options = options};
    const auto written = write_cover_files(plans[i], covers[i], source, a.writing, console, monitor);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    tell(plans[i], written, covers[i], seconds.count(), console);
  }
}

void cover_songs(CoverArguments a, Console& console) {
  a.writing.pedal = a.arranging.pedal_mode();
  a.writing.sheet = a.arranging.sheet();
  static_cast<void>(cover_options(a));  // wrong names are said before anything is loaded
  LoadOptions loading{.arithmetic = arithmetic_named(a.arithmetic)};
  if (a.share_weights) loading.shared_folder = weight_cache();
  const auto model = Model::load(find_model(a.model), loading);
  std::vector<std::string> styles{a.style};
  if (a.style == "all") {
    styles = model->config().styles;
  } else {
    static_cast<void>(model->style_index(a.style));
  }
  if (a.only.empty() && a.output.empty()) a.writing.sound_is_optional = true;
  const auto plans = plan_outputs(
      {.target = a.output, .kinds = parse_output_kinds(a.only), .songs = a.songs, .styles = styles, .force = a.force});
  std::size_t failed = 0;
  for (std::size_t s = 0; s < a.songs.size(); ++s) {
    try {
      cover_song(std::span(plans).subspan(s * styles.size(), styles.size()), *model, a, console);
    } catch (const Error& error) {
      if (a.songs.size() == 1 || error.code() == ErrorCode::cancelled) throw;
      console.error(error.what());
      ++failed;
    }
  }
  if (failed > 0) {
    throw Error(ErrorCode::unreadable, fmt::format("{} of {} songs failed, see above", failed, a.songs.size()));
  }
}

}  // namespace

void add_cover_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<CoverArguments>();
  CLI::App* command = program.add_subcommand("cover", "Turn songs into piano covers");
  command
      ->add_option("SONG", arguments->songs,
                   "Any file with sound: MP3, FLAC, WAV, M4A, video, ...; - reads standard input")
      ->required()
      ->type_name("");
  add_file_options(*command, *arguments);
  add_music_options(*command, *arguments);
  add_search_options(*command, *arguments);
  arguments->arranging.add_to(*command);
  arguments->song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano cover song.mp3                          MIDI, sheet music, sound, report, in this folder\n"
      "  pop2piano cover song.mp3 -o cover.mid             one file\n"
      "  pop2piano cover *.flac -o covers --only midi,musicxml --style dense-chords\n"
      "  pop2piano cover song.mp3 --level easy --key easy  for beginners\n"
      "  pop2piano cover song.mp3 --start 0:30 --end 1:10 --key C\n"
      "  pop2piano cover song.mp3 --tempo-times 0.5        if the pulse that was heard is twice too fast\n"
      "More: pop2piano help files|styles|rhythm|lock");
  command->callback([arguments, &console] { cover_songs(*arguments, console); });
}

}  // namespace pop2piano::cli
