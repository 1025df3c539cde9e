// SPDX-License-Identifier: MIT
// pop2piano transcribe: the notes and the pedal that a recording of a piano plays.
#include <pop2piano/error.h>

#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/song_options.h"
#include "app/console/interrupt.h"
#include "app/targets/output_plan.h"
#include "writing/transcription/transcription_files.h"

namespace pop2piano::cli {
namespace {

struct TranscribeArguments {
  std::string recording, output, only;
  SongOptions song_options;
  bool force = false, anyway = false;
};

TranscriptionFiles planned(const TranscribeArguments& a) {
  const auto plan = plan_outputs({.target = a.output,
                                  .kinds = a.only.empty() ? std::vector<OutputKind>{} : parse_output_kinds(a.only),
                                  .usual = {OutputKind::midi, OutputKind::musicxml},
                                  .songs = {a.recording},
                                  .styles = {"auto"},
                                  .force = a.force})
                        .front();
  TranscriptionFiles files{plan.find(OutputKind::midi), plan.find(OutputKind::musicxml), plan.find(OutputKind::json)};
  const auto wanted = (files.midi ? 1U : 0U) + (files.musicxml ? 1U : 0U) + (files.json ? 1U : 0U);
  if (wanted < plan.files.size()) {
    throw Error(ErrorCode::invalid_argument, plan.files.back().path.string() +
                                                 ": transcribe writes midi, musicxml and json; for the sound of a "
                                                 "MIDI file use `pop2piano render`");
  }
  return files;
}

void transcribe(const TranscribeArguments& a, Console& console) {
  const TranscriptionOptions options{.files = planned(a),
                                     .beats = a.song_options.beats(),
                                     .other = a.anyway ? OtherThanPiano::transcribed : OtherThanPiano::refused,
                                     .threads = a.song_options.threads};
  const auto network = installed_piano_network();
  const Monitor monitor = console.monitor(&interrupt_token());
  RecordingOptions part = a.song_options.recording();
  part.sample_rate = kPianoSampleRate;
  const Recording recording = Recording::open(a.recording, part, monitor);
  for (const std::string& warning : recording.description().warnings) console.warn(a.recording + ": " + warning);
  const auto [heard, remarks] = transcribe_files(recording, *network, options, monitor);
  for (const std::string& remark : remarks) console.warn(a.recording + ": " + remark);
  console.say(fmt::format("{}: {}, the pedal {} times", a.recording, verdict_on(heard), heard.pedal.size()));
  auto files = nlohmann::json::array();
  for (const auto& file : {options.files.midi, options.files.json, options.files.musicxml})
    if (file) console.say("  " + files.emplace_back(file->string()).get<std::string>());
  console.event("transcription", {{"song", a.recording},
                                  {"files", files},
                                  {"notes", heard.notes.size()},
                                  {"pedal", heard.pedal.size()},
                                  {"solo_piano", heard.solo_piano}});
}

void add_files(CLI::App& command, TranscribeArguments& a) {
  command
      .add_option(
          "-o,--output", a.output,
          "A folder, or one file ending in .mid, .musicxml or .json (default: recording.piano.* in this folder)")
      ->type_name("DIR|FILE")
      ->group("Files");
  command.add_option("--only", a.only, "midi, musicxml, json (default: midi and musicxml)")
      ->type_name("KINDS")
      ->group("Files");
  command.add_flag("--force", a.force, "Overwrite files that exist")->group("Files");
}

}  // namespace

void add_transcribe_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<TranscribeArguments>();
  TranscribeArguments& a = *arguments;
  CLI::App* command = program.add_subcommand("transcribe", "Write down what a recording of a piano alone plays");
  command->add_option("RECORDING", a.recording, "Any file with the sound of a piano; - reads standard input")
      ->required()
      ->type_name("");
  add_files(*command, a);
  command->add_flag("--anyway", a.anyway, "Also where it does not sound like a piano alone, which is an error without")
      ->group("Song");
  a.song_options.add_to(*command);
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano transcribe recital.mp3                  recital.piano.mid (as played) and recital.piano.musicxml\n"
      "  pop2piano transcribe recital.mp3 --only midi -o takes/\n"
      "  pop2piano transcribe recital.mp3 -o notes.json    notes and pedal in seconds\n"
      "  pop2piano arrange recital.piano.mid --song recital.mp3 --level 2     easier sheet music");
  command->callback([arguments, &console] { transcribe(*arguments, console); });
}

}  // namespace pop2piano::cli
