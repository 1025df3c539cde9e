// SPDX-License-Identifier: MIT
// pop2piano transcribe: the notes and the pedal that a recording of a piano plays.
#include <pop2piano/analysis.h>
#include <pop2piano/arrange.h>

#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "app/targets/free_target.h"
#include "base/core/output_file.h"
#include "listening/piano/transcriber.h"
#include "writing/transcription/transcription.h"

namespace pop2piano::cli {
namespace {

struct TranscribeArguments {
  std::string recording, output, musicxml, notes, network;
  bool force = false;
  int threads = 0;
};

void transcribe(const TranscribeArguments& a, Console& console) {
  const std::filesystem::path midi = a.output.empty()
                                         ? std::filesystem::path(a.recording).filename().replace_extension(".mid")
                                         : std::filesystem::path(a.output);
  for (const std::filesystem::path& target : {midi, std::filesystem::path(a.musicxml), std::filesystem::path(a.notes)})
    if (!target.empty()) check_free(target, a.force);
  const auto network = a.network.empty() ? installed_piano_network() : PianoNetwork::load(a.network);
  const Monitor monitor = console.monitor(&interrupt_token());
  const Recording recording = Recording::open(a.recording, {.sample_rate = kPianoSampleRate}, monitor);
  for (const std::string& warning : recording.description().warnings) console.warn(a.recording + ": " + warning);
  ThreadPool pool(a.threads);
  const PianoTranscription heard = transcribe_piano(recording, *network, pool, monitor);
  if (heard.notes.empty())
    throw Error(ErrorCode::nothing_found, a.recording + ": no notes of a piano are heard; is it a recording of one?");
  const std::string title = std::filesystem::path(a.recording).stem().string();
  write_midi_file(midi, midi_of(heard, title));
  if (!a.notes.empty()) write_file(a.notes, json_of(heard));
  if (!a.musicxml.empty()) {
    const Rhythm rhythm = find_beats(recording, {}, a.threads, monitor);
    write_musicxml(a.musicxml, arrange(score_of(heard, rhythm.grid, title), {.melody = MelodyPlace::as_written}).score);
  }
  console.say(fmt::format("{}: {} notes, the pedal {} times", midi.string(), heard.notes.size(), heard.pedal.size()));
  console.event("transcribe", {{"recording", a.recording},
                               {"file", midi.string()},
                               {"notes", heard.notes.size()},
                               {"pedal", heard.pedal.size()}});
}

}  // namespace

void add_transcribe_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<TranscribeArguments>();
  TranscribeArguments& a = *arguments;
  CLI::App* command = program.add_subcommand("transcribe", "Write down what a recording of a piano alone plays");
  command->add_option("RECORDING", a.recording, "Any file with the sound of a piano")->required()->type_name("");
  command->add_option("-o,--output", a.output, "MIDI file to write (default: the recording's name, in this folder)")
      ->type_name("MIDI")
      ->group("Files");
  command->add_option("--musicxml", a.musicxml, "Sheet music as well, on the beats that are heard")
      ->type_name("XML")
      ->group("Files");
  command->add_option("--notes", a.notes, "Notes and pedal in seconds as well")->type_name("JSON")->group("Files");
  command->add_option("--network", a.network, "piano.safetensors (default: the one installed)")
      ->type_name("FILE")
      ->group("Files");
  command->add_flag("--force", a.force, "Overwrite files that exist")->group("Files");
  command->add_option("--threads", a.threads, "Processor threads (default: all); the result does not depend on it")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano transcribe recital.mp3\n"
      "  pop2piano transcribe recital.mp3 -o recital.mid --musicxml recital.musicxml --notes recital.json");
  command->callback([arguments, &console] { transcribe(*arguments, console); });
}

}  // namespace pop2piano::cli
