// SPDX-License-Identifier: MIT
// pop2piano help TOPIC: a command's options, or a page on something that several commands share.
#include <pop2piano/error.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "base/core/closest_name.h"

namespace pop2piano::cli {
namespace {

const std::vector<std::pair<std::string, std::string>>& topics() {
  static const std::vector<std::pair<std::string, std::string>> pages = {
      {"files",
       "What `pop2piano cover song.mp3` writes, beside each other, named after the song:\n"
       "  song.piano.mid       MIDI with a tempo map: every beat of the recording is a beat of the file\n"
       "  song.piano.musicxml  sheet music for MuseScore, Finale, Sibelius, Dorico\n"
       "  song.piano.wav       the piano alone\n"
       "  song.piano.mix.wav   the song in the left ear, the piano in the right\n"
       "  song.piano.json      beats, key, notes, confidence, options: enough to make it again\n"
       "With --keep-analysis also song.analysis, from which `pop2piano cover` makes further covers without the song.\n"
       "Also, by --only or by the ending of -o: pdf (by MuseScore or LilyPond); flac, ogg, opus, mp3, the piano and "
       "the\n"
       "mix in smaller files (-o x.mp3: the piano, -o x.mix.mp3: the mix); zip, all of these in one archive.\n"
       "--only midi,json takes some of them; -o FOLDER puts them elsewhere; -o FILE.mid writes that file alone.\n"
       "Nothing is overwritten without --force, and no file is ever left half-written."},
      {"styles",
       "A model knows several arrangers; `pop2piano info models/default` lists them. Those of the default model:\n"
       "  auto             each section as most pianists would play it: the plan, which the report shows\n"
       "  sparse-broken    few notes, broken chords       sparse-chords    few notes, block chords\n"
       "  flowing-broken   a steady flow, broken          flowing-chords   a steady flow, block chords\n"
       "  dense-broken     many notes, broken             dense-chords     many notes, block chords\n"
       "--style all writes one cover of each. --style A=sparse-broken,B=dense-chords is for sections, by their "
       "letters;\n"
       "--plan FILE for bars, as a report's \"plan\"."},
      {"rhythm",
       "Everything counts in beats, so a wrong beat is a wrong cover. `pop2piano beats SONG` prints what is heard.\n"
       "If the pulse is twice too fast or slow: --tempo-times 0.5 or 2. If the bars begin on the wrong beat:\n"
       "--downbeat N (the N-th beat printed is the first of a bar). If the bar has another length: --metre 3.\n"
       "For full control edit the printed lines and give them back with --beats FILE."},
      {"lock",
       "By default the MIDI file follows the recording: its tempo map has one tempo per beat, so the piano can be "
       "played\n"
       "beside the song and bars still fall on bar lines. --no-lock writes the same notes at one steady tempo from "
       "the\n"
       "first bar on, for practice and for notation programs."},
      {"environment",
       "  POP2PIANO_MODELS     a folder of models that is searched first\n"
       "  POP2PIANO_SOUNDFONT  the sound font for .wav and .mix.wav\n"
       "  POP2PIANO_ISA        use at most this instruction set (for tests and comparisons)"},
      {"exit-codes", "  0 done    1 failed, with one line that says why    2 wrong usage    130 stopped by Ctrl-C"}};
  return pages;
}

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// What `pop2piano --help` prints; App::help() would explain the subcommand that was chosen.
std::string program_overview(const CLI::App& program) {
  return program.get_formatter()->make_help(&program, program.get_name(), CLI::AppFormatMode::Normal);
}

void show_topic(const std::string& topic, const CLI::App& program, Console& console) {
  std::vector<std::string> names;
  for (const auto& [name, text] : topics()) {
    if (name == topic) return console.print(text);
    names.push_back(name);
  }
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == topic) return console.print(without_last_newline(command->help(program.get_name())));
    names.push_back(command->get_name());
  }
  if (topic.empty()) {
    std::string list = program_overview(program) + "\nTopics (pop2piano help TOPIC):";
    for (const auto& [name, text] : topics()) list += " " + name;
    return console.print(list);
  }
  const std::string closest = closest_name(topic, names);
  throw Error(ErrorCode::invalid_argument, "help: unknown topic '" + topic + "'" +
                                               (closest.empty() ? "" : " (did you mean '" + closest + "'?)") +
                                               "; `pop2piano help` lists them");
}

}  // namespace

void add_help_command(CLI::App& program, Console& console) {
  auto topic = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("help", "Explain a command or a topic");
  command->add_option("TOPIC", *topic, "A command, or files, styles, rhythm, lock, environment, exit-codes")
      ->type_name("");
  command->callback([topic, &program, &console] { show_topic(*topic, program, console); });
}

}  // namespace pop2piano::cli
