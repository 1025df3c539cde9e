// SPDX-License-Identifier: MIT
// Lead sheets in MusicXML, and what all kinds share.
#include "music/leadsheets/lead_sheet.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "music/leadsheets/played_chords.h"
#include "music/score/fine_beats.h"
#include "music/scorefiles/import_musicxml.h"
#include "music/scorefiles/musicxml_measures.h"

namespace pop2piano {
namespace {

using pugi::xml_node;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

bool names_piano(const std::string& name) {
  const std::string lower = lower_case(name);
  return lower.find("piano") != std::string::npos || lower.find("keyboard") != std::string::npos;
}

/// Suffix of a symbol for MusicXML's word for a kind of chord; those that are not here count as major.
std::string suffix_of(const std::string& kind) {
  static const std::map<std::string, std::string> kSuffixes{{"minor", "m"},
                                                            {"augmented", "aug"},
                                                            {"diminished", "dim"},
                                                            {"dominant", "7"},
                                                            {"major-seventh", "maj7"},
                                                            {"minor-seventh", "m7"},
                                                            {"diminished-seventh", "dim7"},
                                                            {"augmented-seventh", "aug7"},
                                                            {"half-diminished", "m7b5"},
                                                            {"major-minor", "mmaj7"},
                                                            {"major-sixth", "6"},
                                                            {"minor-sixth", "m6"},
                                                            {"dominant-ninth", "9"},
                                                            {"major-ninth", "maj9"},
                                                            {"minor-ninth", "m9"},
                                                            {"dominant-11th", "11"},
                                                            {"major-11th", "maj11"},
                                                            {"minor-11th", "m11"},
                                                            {"dominant-13th", "13"},
                                                            {"major-13th", "maj13"},
                                                            {"minor-13th", "m13"},
                                                            {"suspended-second", "sus2"},
                                                            {"suspended-fourth", "sus4"},
                                                            {"power", "5"}};
  const auto found = kSuffixes.find(kind);
  return found == kSuffixes.end() ? std::string() : found->second;
}

// Letter and alteration as a symbol has them; empty when there is none.
std::string note_name(const xml_node& step, const xml_node& alter) {
  std::string name = step.text().get();
  const int sharps = std::clamp(alter.text().as_int(), -2, 2);
  if (!name.empty()) name += std::string(static_cast<std::size_t>(std::abs(sharps)), sharps > 0 ? '#' : 'b');
  return name;
}

ChordSymbol chord_of(const xml_node& harmony) {
  const std::string kind = harmony.child("kind").text().get();
  const std::string root =
      note_name(harmony.child("root").child("root-step"), harmony.child("root").child("root-alter"));
  if (root.empty() || kind == "none") return {};
  std::string symbol = root + suffix_of(kind);
  for (const xml_node degree : harmony.children("degree")) {
    const int alter = std::clamp(degree.child("degree-alter").text().as_int(), -1, 1);
    const std::string number = std::string(alter < 0   ? "b"
                                           : alter > 0 ? "#"
                                                       : "") +
                               degree.child("degree-value").text().get();
    const std::string type = degree.child("degree-type").text().get();
    const std::string part = type == "subtract" ? "no" + number : alter == 0 ? "add" + number : number;
    if (parse_chord_symbol(symbol + part)) symbol += part;
  }
  const std::string bass =
      note_name(harmony.child("bass").child("bass-step"), harmony.child("bass").child("bass-alter"));
  return parse_chord_symbol(symbol + (bass.empty() ? "" : "/" + bass)).value_or(ChordSymbol{});
}

/// Chord symbols of a part.
std::vector<PlacedChord> chords_of_part(const xml_node& part, const Measures& measures) {
  const FineGrid beats(measures.grid, {});
  std::vector<PlacedChord> chords;
  double divisions = 1.0;
  std::size_t index = 0;
  for (const xml_node measure : part.children("measure")) {
    const double start = measures.starts[index++];
    double position = 0.0;
    for (const xml_node node : measure.children()) {
      const std::string_view name = node.name();
      if (const double d = node.child("divisions").text().as_double(); name == "attributes" && d > 0.0) divisions = d;
      const double duration = std::clamp(node.child("duration").text().as_double() / divisions, 0.0, 1000.0);
      const bool sounds = name == "note" && !node.child("chord") && !node.child("grace");
      if (name == "backup") position = std::max(0.0, position - duration);
      if (name == "forward" || sounds) position += duration;
      if (name == "harmony") {
        const double offset = std::clamp(node.child("offset").text().as_double() / divisions, -64.0, 64.0);
        const double place = kQuarterLength * std::max(0.0, start + position + offset);
        chords.push_back({beats.beat_at(place), chord_of(node)});
      }
    }
  }
  std::stable_sort(chords.begin(), chords.end(), [](const auto& a, const auto& b) { return a.beat < b.beat; });
  return chords;
}

struct Part {
  std::string id, name;
  int staves = 1;
  std::size_t symbols = 0;
};

std::vector<Part> parts_of(const xml_node& root) {
  std::vector<Part> parts;
  for (const xml_node node : root.children("part")) {
    Part part;
    part.id = node.attribute("id").value();
    const xml_node entry = root.child("part-list").find_child_by_attribute("score-part", "id", part.id.c_str());
    part.name = entry.child("part-name").text().get();
    for (const xml_node measure : node.children("measure")) {
      for (const xml_node attributes : measure.children("attributes")) {
        part.staves = std::max(part.staves, attributes.child("staves").text().as_int(1));
      }
      part.symbols += static_cast<std::size_t>(
          std::distance(measure.children("harmony").begin(), measure.children("harmony").end()));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

const Part& melody_part(const std::vector<Part>& parts, const std::string& what, std::string_view wanted) {
  const auto best = std::max_element(parts.begin(), parts.end(), [&](const Part& a, const Part& b) {
    return melody_name_rank(a.name, wanted) < melody_name_rank(b.name, wanted);
  });
  if (best != parts.end() && melody_name_rank(best->name, wanted) > 0) return *best;
  if (wanted.empty() && parts.size() == 1 && parts.front().staves == 1) return parts.front();
  throw Error(ErrorCode::nothing_found,
              what +
                  ": expected a part with the melody, named melody, vocal, voice, lead or alone on one staff, found "
                  "none of " +
                  std::to_string(parts.size()) + " parts; name it with --melody-track");
}

/// In place, everything as often as it is played. Notes tell by their voice whose they are.
void play_out(LeadSheet& sheet, std::vector<RepeatMark> marks, const std::string& what) try {
  if (marks.empty()) return;
  Score written{.title = {},
                .style = {},
                .grid = sheet.grid,
                .key = {},
                .notes = sheet.melody,
                .chords = {},
                .keys = {},
                .sections = {},
                .repeats = std::move(marks)};
  written.notes.insert(written.notes.end(), sheet.piano.begin(), sheet.piano.end());
  sheet.chords = played_chords(sheet.chords, beats_played(written), 1.0);
  const Score played = played_out(written);
  sheet.grid = played.grid;
  sheet.melody.clear();
  sheet.piano.clear();
  for (const Note& note : played.notes) (note.voice == Voice::melody ? sheet.melody : sheet.piano).push_back(note);
} catch (const Error& error) {
  throw Error(error.code(), what + ": " + error.what());
}

}  // namespace

std::vector<PlacedChord> played_chords(std::span<const PlacedChord> chords, std::span<const PlayedBeats> order,
                                       double unit) {
  std::vector<PlacedChord> played;
  double start = 0.0;
  for (const PlayedBeats& span : order) {
    const double first = span.first * unit, last = span.last * unit, near = 1e-3 * unit;
    auto chord = std::upper_bound(chords.begin(), chords.end(), first + near,
                                  [](double place, const PlacedChord& other) { return place < other.beat; });
    if (chord != chords.begin()) played.push_back({start, std::prev(chord)->chord});  // holds where the span begins
    for (; chord != chords.end() && chord->beat < last - near; ++chord) {
      played.push_back({start + chord->beat - first, chord->chord});
    }
    start += last - first;
  }
  return played;
}

int melody_name_rank(std::string_view name, std::string_view wanted) {
  const std::string lower = lower_case(name);
  if (!wanted.empty()) return lower.find(lower_case(wanted)) != std::string::npos ? 1 : 0;
  constexpr std::array<std::string_view, 7> kWords = {"lead", "voice", "singer", "sing", "vox", "vocal", "melody"};
  int rank = 0;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (lower.find(kWords[i]) != std::string::npos) rank = static_cast<int>(i) + 1;
  }
  // A backing voice is no melody while another one is.
  return rank > 0 && (lower.find("back") != std::string::npos || lower.find("harmon") != std::string::npos) ? 0 : rank;
}

void keep_one_voice(std::vector<Note>& notes) {
  std::sort(notes.begin(), notes.end(),
            [](const Note& a, const Note& b) { return a.onset != b.onset ? a.onset < b.onset : a.pitch > b.pitch; });
  const auto same = [](const Note& a, const Note& b) { return a.onset == b.onset; };
  notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
  for (std::size_t i = 0; i + 1 < notes.size(); ++i) {
    notes[i].duration = std::min(notes[i].duration, notes[i + 1].onset - notes[i].onset);
  }
}

LeadSheet lead_sheet_from_musicxml(std::span<const std::byte> bytes, const std::string& what, std::string_view wanted,
                                   Repeats repeats) {
  const pugi::xml_document document = parse_musicxml(bytes, what);
  const Imported whole = score_of_document(document, what, ReadRhythm::on_steps);
  const xml_node root = document.child("score-partwise");
  const std::vector<Part> parts = parts_of(root);
  const Part& melody = melody_part(parts, what, wanted);
  std::vector<std::string> piano;
  const Part* harmony = &melody;
  for (const Part& part : parts) {
    if (part.id != melody.id && (part.staves > 1 || names_piano(part.name))) piano.push_back(part.id);
    if (harmony->symbols == 0 && part.symbols > 0) harmony = &part;
  }
  LeadSheet sheet{.title = whole.score.title,
                  .grid = whole.score.grid,
                  .melody = notes_of_parts(document, std::span(&melody.id, 1), what),
                  .piano = notes_of_parts(document, piano, what),
                  .chords = chords_of_part(root.find_child_by_attribute("part", "id", harmony->id.c_str()),
                                           measures_of(document, what))};
  if (sheet.melody.empty()) throw Error(ErrorCode::nothing_found, what + ": expected notes, found none");
  for (Note& note : sheet.melody) note.voice = Voice::melody;
  for (Note& note : sheet.piano) note.voice = Voice::accompaniment;
  if (repeats == Repeats::play) play_out(sheet, whole.score.repeats, what);
  keep_one_voice(sheet.melody);
  return sheet;
}

}  // namespace pop2piano
