// SPDX-License-Identifier: MIT
// MusicXML -> Score. pugixml expands no entities of the document's own, so that there is nothing to blow up.
#include "music/scorefiles/import_musicxml.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/core/legacy_text.h"
#include "music/arrange/difficulty.h"
#include "music/graces/graces.h"
#include "music/graces/musicxml_graces.h"
#include "music/repeats/musicxml_repeats.h"
#include "music/score/clean_notes.h"
#include "music/score/fine_beats.h"
#include "music/score/key_spans.h"
#include "music/score/metre.h"
#include "music/scorefiles/musicxml_left_out.h"
#include "music/scorefiles/musicxml_measures.h"
#include "music/scorefiles/score_limits.h"
#include "music/tempomarks/musicxml_swing.h"
#include "music/tempomarks/musicxml_tempo.h"

namespace pop2piano {
namespace {

using pugi::xml_node;

constexpr std::size_t kMaxOpenTies = 256;  // that are searched for a match in another voice
constexpr std::size_t kMaxBytes = 128U << 20;

/// What the parts hold. Places are in quarters.
struct ReadNote {
  double onset = 0.0, end = 0.0;
  int pitch = 60, staff = 1;
};
struct Contents {
  std::vector<ReadNote> notes;
  std::vector<std::pair<double, Key>> keys;  // of the first part
  std::map<double, double> tempos;           // quarters per minute
  std::map<double, SwingMark> swings;
  std::vector<ReadGrace> graces;
  std::size_t grace_notes = 0;  // that stand in the document
};

bool is_type(const xml_node& tie, const char* type) { return std::string_view(tie.attribute("type").value()) == type; }

int semitone(char step) {
  static constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};
  return step >= 'A' && step <= 'G' ? kSemitones[static_cast<std::size_t>(step - 'A')] : 0;
}

class PartReader {
 public:
  PartReader(const Measures& measures, bool first_part, const std::string& what, Contents& contents)
      : measures_(measures), first_part_(first_part), what_(what), contents_(contents) {}

  void read(const xml_node& part) {
    std::size_t index = 0;
    for (const xml_node measure : part.children("measure")) {
      start_ = measures_.starts[index++];
      read_measure(measure);
    }
    for (const auto& [key, note] : open_) store(note);
    const std::vector<ReadGrace> graces = graces_.take();
    contents_.graces.insert(contents_.graces.end(), graces.begin(), graces.end());
  }

 private:
  struct OpenNote {
    double onset = 0.0, end = 0.0;  // quarters
    int pitch = 60, staff = 1, voice = 1;
  };

  void read_measure(const xml_node& measure) {
    double position = 0.0, chord_onset = 0.0;
    for (const xml_node node : measure.children()) {
      const std::string_view name = node.name();
      const double duration = std::clamp(node.child("duration").text().as_double() / divisions_, 0.0, 1000.0);
      if (name == "attributes") read_attributes(node);
      if (name == "direction" || name == "sound") read_tempo(node, start_ + position);
      if (name == "backup") position = std::max(0.0, position - duration);
      if (name == "forward") position += duration;
      if (name == "note" && node.child("grace")) read_grace(node);
      if (name == "note" && !node.child("grace")) {
        if (!node.child("chord")) {
          chord_onset = position;
          position += duration;
        }
        const bool cue = !node.child("cue").empty();  // another player's, in time that passes for all
        if (cue || node.child("rest")) graces_.add_rest(node);
        if (!cue && node.child("pitch")) read_note(node, start_ + chord_onset, duration);
      }
    }
  }

  void read_attributes(const xml_node& node) {
    if (const double divisions = node.child("divisions").text().as_double(); divisions > 0.0) divisions_ = divisions;
    if (const xml_node transpose = node.child("transpose")) {
      transpose_ = transpose.child("chromatic").text().as_int() + 12 * transpose.child("octave-change").text().as_int();
    }
    const xml_node key = node.child("key");
    const int fifths = key.child("fifths").text().as_int();
    if (!key || !first_part_ || transpose_ != 0 || std::abs(fifths) > 7) return;
    const Key found{fifths, std::string_view(key.child("mode").text().get()) == "minor"};
    std::vector<std::pair<double, Key>>& keys = contents_.keys;
    if (keys.empty() || keys.back().second != found) keys.emplace_back(start_, found);
  }

  void read_tempo(const xml_node& node, double quarter) {
    const auto after = contents_.tempos.upper_bound(quarter);
    const double before = after == contents_.tempos.begin() ? kUnmarkedTempo : std::prev(after)->second;
    if (const auto tempo = written_tempo(node, before)) contents_.tempos[quarter] = *tempo;
    if (const auto swing = written_swing(node)) contents_.swings[quarter] = *swing;
  }

  [[nodiscard]] int pitch_of(const xml_node& note) const {
    const xml_node node = note.child("pitch");
    const int octave = std::clamp(node.child("octave").text().as_int(), -1, 10);
    const int alter = std::clamp(node.child("alter").text().as_int(), -3, 3);
    const int written = 12 * (octave + 1) + semitone(node.child("step").text().get()[0]) + alter;
    return std::clamp(written + transpose_, 0, 127);
  }

  void read_grace(const xml_node& node) {
    if (!node.child("pitch") || node.child("cue")) return;
    check_note_count(++contents_.grace_notes, what_);
    graces_.add_grace(node, pitch_of(node));
  }

  void read_note(const xml_node& node, double onset, double duration) {
    OpenNote note{onset, onset + duration, pitch_of(node), node.child("staff").text().as_int(1),
                  node.child("voice").text().as_int(1)};
    graces_.add_note(node, onset, note.pitch);
    bool starts = false, stops = false;
    for (const xml_node tie : node.children("tie")) {
      starts = starts || is_type(tie, "start");
      stops = stops || is_type(tie, "stop");
    }
    if (stops) continue_tie(note);
    const std::tuple key(note.staff, note.voice, note.pitch);
    if (const auto dangling = open_.find(key); starts && dangling != open_.end()) {
      store(dangling->second);
      open_.erase(dangling);
    }
    if (starts) {
      open_[key] = note;
    } else {
      store(note);
    }
  }

  /// Takes over the onset of the note that is tied to this one: of the same voice, else of any.
  void continue_tie(OpenNote& note) {
    const auto fits = [&](const OpenNote& open) {
      return open.staff == note.staff && open.pitch == note.pitch && std::abs(open.end - note.onset) < 0.01;
    };
    auto found = open_.find(std::tuple(note.staff, note.voice, note.pitch));
    if ((found == open_.end() || !fits(found->second)) && open_.size() < kMaxOpenTies) {
      found = std::find_if(open_.begin(), open_.end(), [&](const auto& entry) { return fits(entry.second); });
    }
    if (found == open_.end() || !fits(found->second)) return;
    note.onset = found->second.onset;
    open_.erase(found);
  }

  void store(const OpenNote& open) {
    check_note_count(contents_.notes.size() + 1, what_);
    contents_.notes.push_back({open.onset, open.end, open.pitch, open.staff});
  }

  const Measures& measures_;
  bool first_part_;
  const std::string& what_;
  Contents& contents_;
  double divisions_ = 1.0, start_ = 0.0;
  int transpose_ = 0;
  GraceReader graces_;
  std::map<std::tuple<int, int, int>, OpenNote> open_;  // (staff, voice, pitch) -> a note that is tied on
};

/// [measures + 1] the grid's beats on which each begins, and on which the last one ends.
std::vector<int> measure_beats(const Measures& measures, const FineGrid& fine) {
  std::vector<int> beats;
  const auto beat = [&](double quarters) {
    return static_cast<int>(std::lround(fine.beat_at(quarters * kQuarterLength)));
  };
  for (const double start : measures.starts) beats.push_back(beat(start));
  beats.push_back(beat(measures.end));
  return beats;
}

// In one line.
std::string title_of(const xml_node& root) {
  std::string title = root.child("work").child("work-title").text().get();
  if (title.empty()) title = root.child("movement-title").text().get();
  std::ranges::replace_if(
      title, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return shown_text(std::move(title));
}

Contents read_parts(const pugi::xml_document& document, const Measures& measures, const std::string& what) {
  Contents contents;
  bool first = true;
  for (const xml_node part : document.child("score-partwise").children("part")) {
    PartReader(measures, first, what, contents).read(part);
    first = false;
  }
  return contents;
}

Note note_of(const ReadNote& read, const FineGrid& fine) {
  constexpr double kQuarter = kQuarterLength;
  Note note;
  note.onset = fine.step_at(kQuarter * read.onset);
  note.duration = std::max(1, fine.step_at(kQuarter * read.end) - note.onset);
  note.pitch = static_cast<std::int16_t>(read.pitch);
  note.hand = read.staff == 2 ? Hand::left : Hand::right;
  return note;
}

GraceNote grace_of(const ReadGrace& read, const FineGrid& fine) {
  return {.onset = fine.step_at(double{kQuarterLength} * read.onset),
          .main = static_cast<std::int16_t>(read.main),
          .pitch = static_cast<std::int16_t>(read.pitch),
          .power = static_cast<std::int16_t>(read.power),
          .slashed = read.slashed,
          .in_chord = read.in_chord};
}

std::vector<double> moments_of(const Contents& contents, ReadRhythm rhythm) {
  std::vector<double> moments;
  if (rhythm == ReadRhythm::on_steps) return moments;
  for (const ReadNote& note : contents.notes) {
    for (const double quarters : {note.onset, note.end}) moments.push_back(quarters * kQuarterLength);
  }
  return moments;
}

}  // namespace

void drop_prefix(pugi::xml_document& document) {
  const std::string_view root = document.document_element().name();
  const std::string prefix(root.substr(0, root.find(':') + 1));
  if (prefix.empty()) return;
  struct Walker : pugi::xml_tree_walker {
    std::string prefix;
    bool for_each(xml_node& node) override {
      const std::string name = node.name();
      if (name.starts_with(prefix)) node.set_name(name.c_str() + prefix.size());
      return true;
    }
  } walker;
  walker.prefix = prefix;
  document.traverse(walker);
}

pugi::xml_document parse_musicxml(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() > kMaxBytes) throw Error(ErrorCode::unsupported, what + ": MusicXML of more than 128 MiB");
  pugi::xml_document document;
  const std::optional<std::string> text = utf8_of_xml({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto result = text ? document.load_buffer(text->data(), text->size(), pugi::parse_default, pugi::encoding_utf8)
                           : document.load_buffer(bytes.data(), bytes.size());
  drop_prefix(document);
  if (!result || !document.child("score-partwise")) {
    if (document.child("score-timewise"))
      throw Error(ErrorCode::unsupported, what + ": timewise MusicXML; save partwise");
    throw Error(ErrorCode::malformed, what + ": expected MusicXML (score-partwise), found " +
                                          (result ? "another document" : result.description()));
  }
  return document;
}

Imported score_of_document(const pugi::xml_document& document, const std::string& what, ReadRhythm rhythm) {
  const Measures measures = measures_of(document, what);
  const Contents contents = read_parts(document, measures, what);
  if (contents.notes.empty()) throw Error(ErrorCode::nothing_found, what + ": expected notes, found none");
  const FineGrid fine(measures.grid, moments_of(contents, rhythm));
  Imported imported;
  Score& score = imported.score;
  score.title = title_of(document.child("score-partwise"));
  score.grid = fine.grid();
  set_times(score.grid, contents.tempos);
  score.written = true;
  for (const ReadNote& note : contents.notes) score.notes.push_back(note_of(note, fine));
  for (const ReadGrace& read : contents.graces) score.graces.push_back(grace_of(read, fine));
  std::stable_sort(score.graces.begin(), score.graces.end(),
                   [](const GraceNote& a, const GraceNote& b) { return a.onset < b.onset; });
  for (const auto& [start, key] : contents.keys) {
    score.keys.push_back({static_cast<int>(std::lround(fine.beat_at(start * kQuarterLength))), key});
  }
  if (fine.moved() > 0) {
    imported.warnings.push_back(std::to_string(fine.moved()) + " onsets or ends of notes lie closer together than a " +
                                "score can hold; they were moved to the next place that it has");
  }
  score.repeats = repeats_of_document(document, measure_beats(measures, fine));
  imported.left_out = left_out_of_document(document);
  const auto [swing, others] = prevailing_swing(contents.swings, measures.end, usual_beat_length(score.grid));
  score.swing = swing;
  if (others > 0) imported.left_out.push_back({"changes of swing", others, "a score here swings in one way"});
  clean_imported(imported);
  drop_lost_graces(score);
  if (const std::size_t lost = contents.grace_notes - score.graces.size(); lost > 0) {
    imported.left_out.push_back({"grace notes", lost, "no note begins where they lead"});
  }
  mark_melody(score.notes);
  settle_keys(score);
  return imported;
}

Imported score_from_musicxml(std::span<const std::byte> bytes, const std::string& what) {
  return score_of_document(parse_musicxml(bytes, what), what);
}

std::vector<Note> notes_of_parts(const pugi::xml_document& document, std::span<const std::string> ids,
                                 const std::string& what) {
  const Measures measures = measures_of(document, what);
  const FineGrid steps(measures.grid, {});
  std::vector<Note> notes;
  for (const xml_node part : document.child("score-partwise").children("part")) {
    if (std::find(ids.begin(), ids.end(), part.attribute("id").value()) == ids.end()) continue;
    Contents contents;
    PartReader(measures, false, what, contents).read(part);
    for (const ReadNote& note : contents.notes) notes.push_back(note_of(note, steps));
  }
  clean_notes(notes);
  return notes;
}

}  // namespace pop2piano
