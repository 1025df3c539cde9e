// SPDX-License-Identifier: MIT
// pop2piano cover: songs in; MIDI, sheet music, sound and a report out.
#include <pop2piano/cover.h>

#include <chrono>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "app/cli/arranging_options.h"
#include "app/cli/command.h"
#include "app/cli/song_options.h"
#include "app/console/interrupt.h"
#include "app/console/time_text.h"
#include "app/coverfiles/cover_files.h"
#include "app/coverfiles/song_title.h"
#include "app/targets/output_plan.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::cli {
namespace {

struct CoverArguments {
  std::vector<std::string> songs;
  std::string output, only, style = "auto", model = "default", arithmetic = "auto", accompaniment, plan, again;
  std::string soundfont;  // empty: searched
  std::string recording;  // of a kept analysis
  ArrangingOptions arranging;
  SongOptions song_options;
  CoverOptions options;  // its beats and piano come from the two above
  CoverFileOptions files;
  bool force = false, share_weights = false, keep_analysis = false;
};

// "5-8:2,13-13"
std::vector<AgainPassage> again_passages(const std::string& text) {
  std::vector<AgainPassage> passages;
  static const std::regex kPassage(R"((\d{1,6})-(\d{1,6})(?::(\d{1,15}))?)");
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    std::smatch found;
    if (!std::regex_match(part, found, kPassage)) {
      std::string message = "--again " + text;
      message += ": expected bars as 5-8, or 5-8:2, found '" + part + "'";
      throw Error(ErrorCode::invalid_argument, message);
    }
    passages.push_back({.first_bar = std::stoi(found[1]), .last_bar = std::stoi(found[2])});
    if (found[3].matched) passages.back().seed = std::stoull(found[3]);
  }
  return passages;
}

Arithmetic arithmetic_named(const std::string& name) {
  if (name == "f32") return Arithmetic::f32;
  if (name == "bf16") return Arithmetic::bf16;
  return name == "int8" ? Arithmetic::int8 : Arithmetic::automatic;
}

void add_music_options(CLI::App& command, CoverArguments& a) {
  command
      .add_option("--style", a.style, "A texture, or for sections A=NAME,B=NAME, or all (default: auto, by the plan)")
      ->type_name("NAME")
      ->group("Music");
  command.add_option("--plan", a.plan, "Textures of bars: a JSON list as the report's \"plan\", or a report")
      ->type_name("FILE")
      ->group("Music");
  command
      .add_option("--again", a.again,
                  "Write the accompaniment of these bars again while the rest stays, as 5-8 or 5-8:2,13-13 (:2 another "
                  "version); bars of the song, as in the report's \"plan\", also where its score begins later")
      ->type_name("BARS")
      ->group("Music");
  command
      .add_option("--velocity", a.arranging.piano.velocity,
                  "Strike every note alike (default: follow the song's loudness)")
      ->check(CLI::Range(1, 127))
      ->type_name("1..127")
      ->group("Music");
  command
      .add_option("--melody-weight", a.options.writing.melody_weight,
                  "How much the melody follows what is heard as the song's melody; 0: the network alone")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("W")
      ->group("Music");
  command
      .add_option("--overlap", a.options.writing.overlap_beats,
                  "Beats of what it wrote before that the network goes on from; 0: each eight beats alone, faster")
      ->capture_default_str()
      ->check(CLI::Range(0, 4))
      ->type_name("BEATS")
      ->group("Music");
  command
      .add_option(
          "--accompaniment", a.accompaniment,
          "figures: bars that pianists wrote, chosen for the melody and the chords that were heard; lead-sheet: "
          "written over these; audio: by the network that hears the song (default: figures)")
      ->check(CLI::IsMember(accompaniment_names()))
      ->type_name("FROM")
      ->group("Music");
  command.add_option("--title", a.options.title, "Title of the score (default: the song's)")
      ->type_name("TEXT")
      ->group("Music");
}

void add_search_options(CLI::App& command, CoverArguments& a) {
  command
      .add_option("--temperature", a.options.writing.generation.temperature,
                  "0: always the likeliest note; 1: as drawn by chance (default: 0)")
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("T")
      ->group("Music");
  command.add_option("--top-k", a.options.writing.generation.top_k, "Draw among the K likeliest only (default: all)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("K")
      ->group("Music");
  command
      .add_option("--top-p", a.options.writing.generation.top_p,
                  "Draw among the likeliest that hold this share of the chance (default: 1)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P")
      ->group("Music");
  command
      .add_option("--beams", a.options.writing.generation.beams,
                  "Follow so many versions of each phrase at once, keep the likeliest (default: 1)")
      ->check(CLI::Range(1, 64))
      ->type_name("N")
      ->group("Music");
  command.add_option("--seed", a.options.writing.generation.seed, "Another seed, another cover (with a temperature)")
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
  command
      .add_option("--only", a.only,
                  "Write only these: " + output_kind_names(",") + "; flac, ogg, opus and mp3: piano and mix")
      ->type_name("KINDS")
      ->group("Files");
  command.add_flag("--force", a.force, "Overwrite files that exist")->group("Files");
  command
      .add_flag("--keep-analysis", a.keep_analysis,
                "Also keep what was heard, as song.analysis: further covers of it need the song no more")
      ->group("Files");
  command.add_option("--song", a.recording, "The recording of a kept analysis, for the mix")
      ->type_name("AUDIO")
      ->group("Files");
  command
      .add_flag("--lock,!--no-lock", a.files.lock,
                "MIDI follows the recording's tempo beat by beat (default); --no-lock: one steady tempo")
      ->group("Files");
  command.add_option("--soundfont", a.soundfont, "Sound font of the piano (default: the first one installed)")
      ->type_name("FILE")
      ->group("Files");
  command
      .add_option("--mix-balance", a.files.mix_balance,
                  "Song against piano in the mix: -1 song only, 0 equal, 1 piano only")
      ->check(CLI::Range(-1.0, 1.0))
      ->type_name("-1..1")
      ->group("Files");
}

std::string summary(const std::string& song, const Cover& cover, double seconds) {
  const Score& score = cover.piano.score;
  return fmt::format("{}: {}, {:.1f} beats per minute{}, {}/4, {}, style {}, level {}, {} notes, {:.1f} s", song,
                     clock_text(cover.written.duration), cover.written.rhythm.grid.tempo(),
                     cover.written.rhythm.constant_tempo ? " (steady)" : "", score.grid.beats_per_bar,
                     score.key ? to_string(*score.key) : "no key", score.style, cover.piano.level, score.notes.size(),
                     seconds);
}

void tell(const CoverFiles& plan, const std::vector<std::filesystem::path>& written, const Cover& cover, double seconds,
          Console& console) {
  const Score& score = cover.piano.score;
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
                          {"style", score.style},
                          {"level", cover.piano.level},
                          {"changes", cover.piano.changes.size()},
                          {"files", files},
                          {"tempo", cover.written.rhythm.grid.tempo()},
                          {"key", score.key ? to_string(*score.key) : ""},
                          {"beats_per_bar", score.grid.beats_per_bar},
                          {"notes", score.notes.size()},
                          {"duration", cover.written.duration},
                          {"tuning", cover.written.tuning.cents},
                          {"seconds", seconds}});
}

// What is known of a song: heard now, or kept from before.
struct Heard {
  Analysis analysis;
  std::optional<Recording> recording;  // absent: only the analysis is there
};

Heard hear(const CoverFiles& plan, const Model& model, const CoverArguments& a, Console& console) {
  const Monitor monitor = console.monitor(&interrupt_token());
  Recording recording = Recording::open(plan.song, a.song_options.recording(), monitor);
  for (const std::string& warning : recording.description().warnings) console.warn(plan.song + ": " + warning);
  AnalysisOptions options = analysis_options(model, a.options);
  if (plan.find(OutputKind::analysis)) options.melody = MelodyEvidence::heard;  // for other weights later
  Analysis analysis = analyse(recording, options, a.options.threads, monitor);
  return {std::move(analysis), std::move(recording)};
}

// A mix by its own name, not as what goes with something else.
bool mix_is_named(const CoverFiles& plan, const CoverArguments& a) {
  const bool alone = plan.files.size() == 1 && is_mix(plan.files.front().kind);
  return alone || (!a.only.empty() && plan.find(OutputKind::mix));
}

Heard recall(const CoverFiles& plan, const CoverArguments& a, Console& console) {
  if (const std::string option = a.song_options.of_the_sound(); !option.empty()) {
    throw Error(ErrorCode::invalid_argument, plan.song + ": " + option + " needs the recording; what is kept was " +
                                                 "heard without it, analyse the recording again");
  }
  const bool mix = std::any_of(plan.files.begin(), plan.files.end(), [](const auto& f) { return is_mix(f.kind); });
  if (mix && a.recording.empty() && mix_is_named(plan, a)) {
    throw Error(ErrorCode::invalid_argument, plan.song + ": the mix needs the recording; name it with --song");
  }
  Heard heard{.analysis = load_analysis(plan.song), .recording = {}};
  count_bars(heard.analysis, a.song_options.rhythm.beats_per_bar, a.song_options.rhythm.downbeat);
  if (a.recording.empty()) {
    if (mix) console.warn(plan.song + ": no mix is written: it needs the recording (--song)");
    return heard;
  }
  const SoundSource& source = heard.analysis.source;
  heard.recording =
      Recording::open(a.recording, {.sample_rate = source.sample_rate, .start = source.start, .end = source.end},
                      console.monitor(&interrupt_token()));
  require_same_sound(heard.analysis, *heard.recording);
  return heard;
}

// As it was called when it was heard.
std::string name_of_song(const CoverFiles& plan, const Analysis& analysis) {
  if (!plan.kept) return plan.song;
  return analysis.source.name == "standard input" ? "-" : analysis.source.name;
}

// All styles of one song: `plans` has one entry per style.
void cover_song(std::span<const CoverFiles> plans, const Model& model, const ComingInstrument& instrument,
                const CoverArguments& a, Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const Monitor monitor = console.monitor(&interrupt_token());
  const CoverFiles& first = plans.front();
  const Heard heard = first.kept ? recall(first, a, console) : hear(first, model, a, console);
  CoverOptions options = a.options;
  options.beats = heard.analysis.options.beats;
  std::vector<std::string> styles;
  for (const CoverFiles& plan : plans) styles.push_back(plan.style);
  std::vector<Cover> covers = make_covers(heard.analysis, model, styles, options, monitor);
  for (const std::string& remark : heard.analysis.rhythm.remarks) console.warn(first.song + ": " + remark);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    for (const std::string& remark : covers[i].written.remarks) console.warn(first.song + ": " + remark);
    std::string& title = covers[i].piano.score.title;
    if (title.empty()) title = title_from_name(name_of_song(plans[i], heard.analysis));
    const CoverSource source{.recording = heard.recording ? &*heard.recording : nullptr,
                             .analysis = heard.analysis,
                             .model = model,
                             .options = options,
                             .instrument = instrument,
                             .about = {.file = plans[i].kept ? heard.analysis.source.name : plans[i].song,
                                       .analysis = plans[i].kept ? plans[i].song : "",
                                       .program = "pop2piano " POP2PIANO_VERSION,
                                       .midi_locked = a.files.lock}};
    const auto written = write_cover_files(
        plans[i], covers[i], source, a.files, [&](const std::string& words) { console.warn(words); }, monitor);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    tell(plans[i], written, covers[i], seconds.count(), console);
  }
}

std::vector<CoverFiles> plan_covers(const CoverArguments& a, const std::vector<std::string>& styles) {
  auto plans = plan_outputs({.target = a.output,
                             .kinds = parse_output_kinds(a.only),
                             .songs = a.songs,
                             .styles = styles,
                             .force = a.force,
                             .keep_analysis = a.keep_analysis});
  for (CoverFiles& plan : plans) plan.kept = plan.song != "-" && is_kept_analysis(plan.song);
  if (!a.recording.empty() && (a.songs.size() != 1 || !plans.front().kept)) {
    throw Error(ErrorCode::invalid_argument, "--song " + a.recording + ": belongs to one kept analysis, found " +
                                                 (a.songs.size() == 1 ? a.songs.front() : "several songs"));
  }
  return plans;
}

void cover_songs(CoverArguments a, Console& console) {
  a.files.pedal = a.arranging.pedal();
  a.files.sheet = a.arranging.sheet;
  a.files.sound_is_optional = a.only.empty() && a.output.empty();
  a.options.beats = a.song_options.beats();
  a.options.piano = a.arranging.piano;
  a.options.threads = a.song_options.threads;
  if (a.style.find('=') != std::string::npos) {
    a.options.writing.plan.sections = section_styles(a.style);
    a.style = "auto";
  }
  if (!a.plan.empty()) {
    a.options.writing.plan.passages = read_plan(a.plan);
    a.options.writing.plan.source = a.plan;
  }
  if (!a.again.empty()) a.options.writing.again = again_passages(a.again);
  if (!a.accompaniment.empty()) a.options.writing.accompaniment = accompaniment_named(a.accompaniment);
  if (a.options.writing.accompaniment == Accompaniment::figures) a.options.writing.figures = installed_figures();
  LoadOptions loading{.arithmetic = arithmetic_named(a.arithmetic)};
  if (a.share_weights) loading.shared_folder = weight_cache();
  const auto model = Model::load(find_model(a.model), loading);
  std::vector<std::string> styles{a.style};
  if (a.style == "all") {
    styles = model->config().styles;
  } else {
    static_cast<void>(model->style_index(a.style));
  }
  const auto plans = plan_covers(a, styles);
  check_possible(plans);
  a.files.sample_rate = sample_rate_for(plans);
  const ComingInstrument instrument = load_instrument(
      plans, {.soundfont = a.soundfont, .sample_rate = a.files.sample_rate, .threads = a.options.threads});
  std::size_t failed = 0;
  for (std::size_t s = 0; s < a.songs.size(); ++s) {
    try {
      cover_song(std::span(plans).subspan(s * styles.size(), styles.size()), *model, instrument, a, console);
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
                   "Any file with sound: MP3, FLAC, WAV, M4A, video, ...; - reads standard input; or an analysis that "
                   "was kept of one")
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
      "  pop2piano cover song.mp3 --tempo-times 0.5        if the pulse that was heard is twice too fast; all other\n"
      "                                                    choices: pop2piano beats song.mp3 --alternatives\n"
      "  pop2piano cover song.mp3 --keep-analysis          also song.analysis, from which further covers are quick\n"
      "  pop2piano cover song.analysis --level easy -o easy/ --style sparse-chords\n"
      "More: pop2piano help files|styles|rhythm|lock");
  command->callback([arguments, &console] { cover_songs(*arguments, console); });
}

}  // namespace pop2piano::cli
