// SPDX-License-Identifier: MIT
// pop2piano evaluate listen: a blind listening test as a folder with a page, and the analysis of its answers.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "app/cli/evaluate_command.h"
#include "app/cli/interrupt.h"
#include "base/core/output_file.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/evaluate/evaluation_files.h"
#include "judging/evaluate/listening_test.h"
#include "music/scorefiles/midi_file.h"
#include "sound/audio/wav_writer.h"
#include "sound/render/loudness.h"

namespace pop2piano::cli {
namespace {

constexpr int kRate = 44100;
constexpr double kLoudness = -23.0;  // LUFS of every clip; EBU R 128

struct ListenArguments {
  std::string manifest, output, soundfont, title = "Piano covers: a listening test";
  double start = 0.0, seconds = 45.0;
  std::uint64_t seed = 1;
  bool force = false;
};

struct AnalyseArguments {
  std::vector<std::string> answers;
  std::string key;
};

std::vector<TimedEvent> events_of_notes(const std::filesystem::path& midi) {
  std::vector<TimedEvent> events;
  for (const PlayedNote& note : read_note_file(midi).notes) {
    const auto pitch = static_cast<std::uint8_t>(std::clamp(note.pitch, 0.0, 127.0));
    events.push_back({note.onset, 0x90, pitch, static_cast<std::uint8_t>(std::clamp(note.velocity, 1, 127))});
    events.push_back({note.offset, 0x80, pitch, 0});
  }
  return events;
}

// The part of a sound file that is heard, all brought to one loudness, with short fades.
void write_clip(const std::filesystem::path& source, const std::filesystem::path& target, const ListenArguments& a) {
  const RecordingOptions part{.sample_rate = kRate, .start = a.start, .end = a.start + a.seconds};
  std::vector<float> samples =
      Recording::open(source, part, {.progress = {}, .cancel = &interrupt_token()}).read_all().samples;
  LoudnessMeter meter(kRate);
  meter.push(samples);
  float peak = 0.0F;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  double gain = std::isfinite(meter.integrated()) ? std::pow(10.0, (kLoudness - meter.integrated()) / 20.0) : 1.0;
  if (peak > 0.0F) gain = std::min(gain, 0.98 / static_cast<double>(peak));
  const std::size_t fade = std::min<std::size_t>(samples.size() / 2, kRate / 50);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t edge = std::min(i, samples.size() - 1 - i);
    samples[i] *=
        static_cast<float>(gain * (edge < fade ? static_cast<double>(edge) / static_cast<double>(fade) : 1.0));
  }
  WavWriter writer(target, {.sample_rate = kRate, .channels = 1});
  writer.write(samples);
  writer.commit();
}

void write_cover_clip(const std::filesystem::path& cover, const std::filesystem::path& target,
                      const ListenArguments& a) {
  if (!is_midi_file(cover)) return write_clip(cover, target, a);
  const std::filesystem::path whole = target.string() + ".whole.wav";
  render_wav(events_of_notes(cover), whole, {.soundfont = a.soundfont}, {.progress = {}, .cancel = &interrupt_token()});
  try {
    write_clip(whole, target, a);
  } catch (...) {
    std::filesystem::remove(whole);
    throw;
  }
  std::filesystem::remove(whole);
}

std::vector<ListeningClip> clips_of(const std::vector<CoverQuery>& queries, const std::string& manifest) {
  std::vector<ListeningClip> clips;
  for (const CoverQuery& query : queries) {
    if (query.group.empty()) {
      throw Error(ErrorCode::malformed,
                  manifest + ": expected the system in column group for " + query.cover.string() + ", found nothing");
    }
    const std::string song = query.song ? query.song->string() : query.cover.stem().string();
    clips.push_back({"", song, query.group, query.cover.string(), ""});
  }
  return clips;
}

void make_test(const ListenArguments& a, Console& console) {
  if (a.manifest.empty()) throw Error(ErrorCode::invalid_argument, "evaluate listen: expected a manifest");
  if (a.output.empty()) throw Error(ErrorCode::invalid_argument, "evaluate listen: expected --out FOLDER");
  const std::filesystem::path folder = a.output;
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder) && !a.force) {
    throw Error(ErrorCode::already_exists, folder.string() + ": exists and is not empty; use --force to write into it");
  }
  const std::vector<CoverQuery> queries = read_cover_manifest(a.manifest);
  std::vector<ListeningClip> clips = clips_of(queries, a.manifest);
  std::map<std::pair<std::string, std::string>, std::string> cover_of;  // song, system -> file
  for (const ListeningClip& clip : clips) cover_of[{clip.song, clip.system}] = clip.sound;
  clips = shuffled_clips(std::move(clips), a.seed);
  std::filesystem::create_directories(folder / "clips");
  std::map<std::string, std::string> song_sounds;
  const Monitor monitor = evaluation_monitor(console);
  for (std::size_t i = 0; i < clips.size(); ++i) {
    monitor.report("clips", static_cast<double>(i) / static_cast<double>(clips.size()));
    ListeningClip& clip = clips[i];
    write_cover_clip(cover_of[{clip.song, clip.system}], folder / clip.sound, a);
    const bool has_song = std::any_of(queries.begin(), queries.end(),
                                      [&](const CoverQuery& q) { return q.song && q.song->string() == clip.song; });
    if (!has_song) continue;
    const auto [at, is_new] =
        song_sounds.try_emplace(clip.song, fmt::format("clips/song{}.wav", song_sounds.size() + 1));
    if (is_new) write_clip(clip.song, folder / at->second, a);
    clip.song_sound = at->second;
  }
  monitor.report("clips", 1.0);
  write_file(folder / "index.html", listening_page(clips, a.title, a.seed));
  write_file(folder / "key.tsv", listening_key(clips));
  console.say((folder / "index.html").string());
  console.say((folder / "key.tsv").string() + "  (keep it from the listeners)");
  if (console.json()) {
    print_json_document(
        {{"page", (folder / "index.html").string()}, {"key", (folder / "key.tsv").string()}, {"clips", clips.size()}});
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
  command->add_option("--out", a->output, "Folder to write the page and its clips to")
      ->type_name("FOLDER")
      ->group("Files");
  command->add_flag("--force", a->force, "Write into a folder that is not empty")->group("Files");
  command->add_option("--soundfont", a->soundfont, "Sound font for MIDI covers (default: the first one installed)")
      ->type_name("FILE")
      ->group("Files");
  command->add_option("--start", a->start, "Where clips begin, in seconds (default: 0)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS")
      ->group("Test");
  command->add_option("--seconds", a->seconds, "How long clips are (default: 45)")
      ->check(CLI::Range(1.0, 600.0))
      ->type_name("SECONDS")
      ->group("Test");
  command->add_option("--seed", a->seed, "Order and names of the clips (default: 1)")->type_name("N")->group("Test");
  command->add_option("--title", a->title, "Title of the page")->type_name("TEXT")->group("Test");
  console.add_options(*command);
  add_analyse(*command, console);
  command->footer(
      "Examples:\n"
      "  pop2piano evaluate listen covers.tsv --out test\n"
      "  pop2piano evaluate listen analyse answers-*.csv --key test/key.tsv");
  command->callback([a, command, &console] {
    if (command->get_subcommands().empty()) make_test(*a, console);
  });
}

}  // namespace pop2piano::cli
