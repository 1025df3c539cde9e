// SPDX-License-Identifier: MIT
// pop2piano engrave: a score as pages, by an engraving program that is found when it is needed.
#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/cli/arranging_options.h"
#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "app/coverfiles/song_title.h"
#include "app/engrave/engravers.h"
#include "app/targets/free_target.h"
#include "base/core/archive.h"
#include "base/core/child_process.h"
#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

struct EngraveArguments {
  std::string score, output, engraver;
  bool force = false, fingering = false;
};

/// The MusicXML of a file goes to the engraver as it is, so that nothing of it is lost, but under a name that says what
/// it is; MIDI is written as a score first.
fs::path musicxml_of(const EngraveArguments& a, const fs::path& folder, Console& console) {
  Imported imported = import_score(a.score);  // names what is wrong with the file before an engraver does
  for (const std::string& warning : imported.warnings) console.warn(a.score + ": " + warning);
  if (!is_midi_file(a.score)) {
    const MappedFile file(a.score);
    const std::string ending = fs::path(a.score).extension().string();
    if (!is_archive(file.bytes()) && (ending == ".musicxml" || ending == ".xml")) return fs::absolute(a.score);
    const fs::path plain = folder / fitting_name(fs::path(a.score).stem().string(), ".musicxml");
    write_file(plain, plain_musicxml(file.bytes(), a.score));
    return plain;
  }
  const fs::path written = folder / "score.musicxml";
  if (imported.score.title.empty()) imported.score.title = title_from_name(a.score);
  MusicXmlOptions options;
  options.fingering = a.fingering;
  write_musicxml(written, imported.score, options);
  return written;
}

/// One page keeps the name, several are numbered: song-1.png, song-2.png.
std::vector<fs::path> targets(const fs::path& target, std::size_t pages) {
  if (pages == 1) return {target};
  std::vector<fs::path> names;
  for (std::size_t i = 1; i <= pages; ++i) {
    names.push_back(target.parent_path() /
                    fmt::format("{}-{}{}", target.stem().string(), i, target.extension().string()));
  }
  return names;
}

void engrave_score(const EngraveArguments& a, Console& console) {
  const fs::path target =
      a.output.empty() ? fs::path(a.score).filename().replace_extension(".pdf") : fs::path(a.output);
  const PageFormat format = page_format_of(target);
  check_free(target, a.force);
  const WorkFolder folder;
  const fs::path score = musicxml_of(a, folder.path(), console);
  const EngravedPages pages = engrave({.score = score,
                                       .folder = folder.path(),
                                       .format = format,
                                       .engraver = a.engraver,
                                       .cancel = &interrupt_token()});
  const std::vector<fs::path> files = targets(target, pages.files.size());
  for (const fs::path& file : files) check_free(file, a.force);
  nlohmann::json written = nlohmann::json::array();
  console.say(fmt::format("{}: {} by {}", a.score, files.size() == 1 ? "engraved" : "pages engraved", pages.engraver));
  for (std::size_t i = 0; i < files.size(); ++i) {
    write_file(files[i], MappedFile(pages.files[i]).bytes());
    console.say("  " + files[i].string());
    written.push_back(files[i].string());
  }
  console.event("engrave", {{"score", a.score}, {"engraver", pages.engraver}, {"files", written}});
}

}  // namespace

void add_engrave_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<EngraveArguments>();
  CLI::App* command = program.add_subcommand("engrave", "Turn a score into pages: PDF, SVG or PNG");
  command->add_option("SCORE", arguments->score, "MusicXML, compressed MusicXML (.mxl) or MIDI")
      ->required()
      ->type_name("");
  command
      ->add_option("-o,--output", arguments->output,
                   "File to write: .pdf, .svg or .png; several pages of SVG or PNG are numbered (default: the score's "
                   "name, as PDF, in this folder)")
      ->type_name("FILE")
      ->group("Files");
  command->add_flag("--force", arguments->force, "Overwrite files that exist")->group("Files");
  command
      ->add_option("--engraver", arguments->engraver,
                   "musescore, lilypond or verovio (default: the first that is installed)")
      ->type_name("NAME")
      ->group("Machine");
  command->add_flag("--fingering", arguments->fingering, "Fingers (1 thumb .. 5), when SCORE is MIDI")->group("Music");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano engrave song.piano.musicxml -o song.pdf\n"
      "  pop2piano engrave song.piano.mid -o page.png --engraver musescore\n"
      "Needs MuseScore (Debian: musescore3), LilyPond (lilypond) or, for SVG, Verovio (npm install -g verovio).");
  command->callback([arguments, &console] { engrave_score(*arguments, console); });
}

}  // namespace pop2piano::cli
