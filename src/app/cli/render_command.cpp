// SPDX-License-Identifier: MIT
// pop2piano render: the sound of any MIDI file.
#include <pop2piano/render.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "app/targets/free_target.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::cli {
namespace {

struct RenderArguments {
  std::string midi, output, soundfont;
  bool force = false;
};

std::vector<TimedEvent> events_of_file(const MidiFile& file) {
  const MidiTempoMap map(file);
  std::vector<TimedEvent> events;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_channel_message()) continue;
      events.push_back({.seconds = map.seconds_at(static_cast<double>(event.tick)),
                        .status = event.status,
                        .data1 = event.data[0],
                        .data2 = event.data[1]});
    }
  }
  return events;
}

void render_file(const RenderArguments& a, Console& console) {
  const std::filesystem::path target = a.output.empty()
                                           ? std::filesystem::path(a.midi).filename().replace_extension(".wav")
                                           : std::filesystem::path(a.output);
  check_free(target, a.force);
  const MidiFile file = read_midi_file(a.midi);
  for (const std::string& warning : file.warnings) console.warn(a.midi + ": " + warning);
  const auto events = events_of_file(file);
  const bool has_notes =
      std::any_of(events.begin(), events.end(), [](const TimedEvent& e) { return (e.status & 0xF0) == 0x90; });
  if (!has_notes) throw Error(ErrorCode::nothing_found, a.midi + ": has no notes to render");
  render_wav(events, target, {.soundfont = a.soundfont}, console.monitor(&interrupt_token()));
  console.say(target.string());
  console.event("render", {{"midi", a.midi}, {"file", target.string()}});
}

}  // namespace

void add_render_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command = program.add_subcommand("render", "Turn a MIDI file into sound");
  command->add_option("MIDI", arguments->midi, "A Standard MIDI File")->required()->type_name("");
  command
      ->add_option("-o,--output", arguments->output,
                   "WAV file to write (default: the MIDI file's name, in this folder)")
      ->type_name("WAV")
      ->group("Files");
  command->add_option("--soundfont", arguments->soundfont, "Sound font (default: the first one installed)")
      ->type_name("FILE")
      ->group("Files");
  command->add_flag("--force", arguments->force, "Overwrite a file that exists")->group("Files");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano render song.piano.mid -o song.wav\n"
      "  pop2piano render band.mid --soundfont /usr/share/sounds/sf2/FluidR3_GM.sf2");
  command->callback([arguments, &console] { render_file(*arguments, console); });
}

}  // namespace pop2piano::cli
