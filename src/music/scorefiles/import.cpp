// SPDX-License-Identifier: MIT
// Files of any kind, and scores put onto other beats.
#include "music/scorefiles/import.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "base/core/archive.h"
#include "base/core/mapped_file.h"
#include "music/graces/graces.h"
#include "music/repeats/played_out.h"
#include "music/score/bars.h"
#include "music/score/clean_notes.h"
#include "music/score/compound.h"
#include "music/score/quantise.h"
#include "music/scorefiles/import_musicxml.h"

namespace pop2piano {
namespace {

/// What the container names, else the only entry that is named as MusicXML is.
std::string name_of_score(const Archive& archive) {
  constexpr std::string_view kContainer = "META-INF/container.xml";
  if (archive.find(kContainer) != nullptr) {
    const std::string container = archive.unpacked(kContainer);
    pugi::xml_document document;
    document.load_buffer(container.data(), container.size());
    drop_prefix(document);
    for (const pugi::xml_node file : document.child("container").child("rootfiles").children("rootfile")) {
      const std::string_view type = file.attribute("media-type").value();
      if (!type.empty() && type.find("xml") == std::string_view::npos) continue;  // the same score as PDF
      if (const std::string name = file.attribute("full-path").value(); archive.find(name) != nullptr) return name;
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, entry] : archive.entries()) {
    const bool beside = name.starts_with("META-INF") || name.starts_with("__MACOSX");
    if (!beside && (name.ends_with(".xml") || name.ends_with(".musicxml"))) names.push_back(name);
  }
  if (names.size() == 1) return names.front();
  throw Error(ErrorCode::malformed,
              archive.file() + ": expected a score named by META-INF/container.xml, or only one " +
                  "named .xml or .musicxml, found " + std::to_string(names.size()) + "; export the score anew");
}

Imported placed(Imported imported, const ImportOptions& options) {
  if (options.repeats == Repeats::play) imported.score = played_out(imported.score);
  if (!options.grid) return imported;
  imported.deviation = put_on_beats(imported.score, *options.grid, options.time);
  if (const std::size_t lost = drop_lost_graces(imported.score); lost > 0) {
    imported.left_out.push_back({"grace notes", lost, "on the recording's beats their main notes lie elsewhere"});
  }
  return imported;
}

}  // namespace

double put_on_beats(Score& score, const BeatGrid& grid, const TimeMap& time) {
  grid.validate();
  const auto beat_of = [&](int step) { return grid.beat_at(time.at(score.grid.time_at(score.grid.beat_of(step)))); };
  std::vector<double> onsets;
  onsets.reserve(score.notes.size());
  for (const Note& note : score.notes) onsets.push_back(beat_of(note.onset));
  const Quantiser quantiser(onsets);
  std::vector<Note> placed = score.notes;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i].onset = quantiser.step(onsets[i]);
    const auto offset = static_cast<int>(std::lround(beat_of(score.notes[i].offset()) * kStepsPerBeat));
    placed[i].duration = std::max(1, offset - placed[i].onset);
  }
  for (GraceNote& grace : score.graces) grace.onset = quantiser.step(beat_of(grace.onset));
  validate_notes(placed);
  clean_notes(placed);
  for (KeySpan& key : score.keys) {
    key.first_beat = bar_start(grid, static_cast<int>(std::lround(beat_of(key.first_beat * kStepsPerBeat))));
  }
  score.notes = std::move(placed);
  score.chords.clear();
  score.grid = grid;
  score.written = false;
  if (has_dotted_beats(score.notes)) write_dotted_beats(score.grid);
  return quantiser.deviation();
}

std::string to_string(std::span<const LeftOut> things) {
  std::string text;
  for (const LeftOut& thing : things) {
    text += (text.empty() ? "" : ", ") + std::to_string(thing.count) + " " + thing.what + " (" + thing.why + ")";
  }
  return text;
}

void clean_imported(Imported& imported) {
  const std::size_t before = imported.score.notes.size();
  clean_notes(imported.score.notes);
  const std::size_t doubled = before - imported.score.notes.size();
  if (doubled > 0) imported.left_out.push_back({"doubled notes", doubled, "one key is struck once at a time"});
}

std::string plain_musicxml(std::span<const std::byte> bytes, const std::string& what) {
  if (!is_archive(bytes)) return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const Archive archive(bytes, what);
  return archive.unpacked(name_of_score(archive));
}

Imported import_score(const std::filesystem::path& file, const ImportOptions& options) {
  const MappedFile mapped(file);
  const std::string what = file.string();
  const auto bytes = mapped.bytes();
  if (is_archive(bytes)) {
    const std::string text = plain_musicxml(bytes, what);
    return placed(score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), what), options);
  }
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 512));
  constexpr std::array<std::string_view, 4> kUtf16 = {"\xFF\xFE", "\xFE\xFF", {"\0<", 2}, {"<\0", 2}};
  const bool utf16 = std::find(kUtf16.begin(), kUtf16.end(), start.substr(0, 2)) != kUtf16.end();
  constexpr std::array<std::string_view, 3> kSigns = {"<?xml", "<score", ":score-partwise"};
  const bool is_xml = utf16 || std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
                        return start.find(sign) != std::string_view::npos;
                      });
  if (is_xml) return placed(score_from_musicxml(bytes, what), options);
  if (const std::string ending = file.extension().string();
      !start.starts_with("MThd") && (ending == ".musicxml" || ending == ".xml" || ending == ".mxl")) {
    throw Error(ErrorCode::malformed, what + ": expected MusicXML, plain or compressed, found " +
                                          (bytes.empty() ? "an empty file" : "something else") +
                                          "; export the score anew");
  }
  return score_from_midi(parse_midi(bytes, what), what, options);
}

}  // namespace pop2piano
