// SPDX-License-Identifier: MIT
// MusicXML -> Score. pugixml expands no entities of the document's own, so that there is nothing to blow up.
#include "music/scorefiles/import_musicxml.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/core/legacy_text.h"
#include "base/core/utf8.h"
#include "music/arrange/difficulty.h"
#include "music/score/clean_notes.h"
#include "music/score/key_spans.h"

namespace pop2piano {
namespace {

using pugi::xml_node;

constexpr double kMaxQuarters = 1'000'000;
constexpr std::size_t kMaxNotes = 2'000'000;
constexpr std::size_t kMaxOpenTies = 256;  // that are searched for a match in another voice
constexpr std::size_t kMaxBytes = 128U << 20;
constexpr double kDefaultTempo = 120.0;

/// What all parts share: where measures begin, and the tempo.
struct Timeline {
  std::vector<double> measure_starts;  // quarters
  std::map<double, double> tempos;     // quarter -> quarters per minute
  double end = 0.0;
};

bool is_type(const xml_node& tie, const char* type) { return std::string_view(tie.attribute("type").value()) == type; }

int semitone(char step) {
  static constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};
  return step >= 'A' && step <= 'G' ? kSemitones[static_cast<std::size_t>(step - 'A')] : 0;
}

class PartReader {
 public:
  PartReader(Imported& imported, Timeline& timeline, bool first_part, const std::string& what)
      : imported_(imported), timeline_(timeline), first_part_(first_part), what_(what) {}

  void read(const xml_node& part) {
    std::size_t index = 0;
    for (const xml_node measure : part.children("measure")) {
      if (index < timeline_.measure_starts.size()) {
        start_ = timeline_.measure_starts[index];  // all parts follow the first one's bars
      } else {
        timeline_.measure_starts.push_back(start_);
      }
      read_measure(measure);
      ++index;
    }
    timeline_.end = std::max(timeline_.end, start_);
    for (const auto& [key, note] : open_) store(note);
  }

 private:
  struct OpenNote {
    double onset = 0.0, end = 0.0;  // quarters
    int pitch = 60, staff = 1, voice = 1;
  };

  void read_measure(const xml_node& measure) {
    double position = 0.0, longest = 0.0, chord_onset = 0.0;
    for (const xml_node node : measure.children()) {
      const std::string_view name = node.name();
      const double duration = std::clamp(node.child("duration").text().as_double() / divisions_, 0.0, 1000.0);
      if (name == "attributes") read_attributes(node);
      if (name == "direction" || name == "sound") read_tempo(node, start_ + position);
      if (name == "backup") position = std::max(0.0, position - duration);
      if (name == "forward") position += duration;
      if (name == "note" && !node.child("grace") && !node.child("cue")) {
        if (!node.child("chord")) {
          chord_onset = position;
          position += duration;
        }
        if (node.child("pitch")) read_note(node, start_ + chord_onset, duration);
      }
      longest = std::max(longest, position);
    }
    start_ += longest;
    if (start_ > kMaxQuarters) throw Error(ErrorCode::unsupported, what_ + ": longer than a million quarter notes");
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
    std::vector<KeySpan>& keys = imported_.score.keys;
    if (keys.empty() || keys.back().key != found) keys.push_back({static_cast<int>(std::lround(start_)), found});
  }

  void read_tempo(const xml_node& node, double quarter) {
    const xml_node sound = std::string_view(node.name()) == "sound" ? node : node.child("sound");
    double tempo = sound.attribute("tempo").as_double();
    if (!(tempo > 0.0)) {
      const xml_node metronome = node.child("direction-type").child("metronome");
      if (std::string_view(metronome.child("beat-unit").text().get()) != "quarter") return;
      tempo = metronome.child("per-minute").text().as_double();
    }
    if (tempo >= 1.0 && tempo <= 2000.0) timeline_.tempos[quarter] = tempo;
  }

  void read_note(const xml_node& node, double onset, double duration) {
    const xml_node pitch_node = node.child("pitch");
    const int octave = std::clamp(pitch_node.child("octave").text().as_int(), -1, 10);
    const int alter = std::clamp(pitch_node.child("alter").text().as_int(), -3, 3);
    OpenNote note{onset, onset + duration,
                  12 * (octave + 1) + semitone(pitch_node.child("step").text().get()[0]) + alter,
                  node.child("staff").text().as_int(1), node.child("voice").text().as_int(1)};
    note.pitch = std::clamp(note.pitch + transpose_, 0, 127);
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
    if (imported_.score.notes.size() >= kMaxNotes) throw Error(ErrorCode::unsupported, what_ + ": too many notes");
    const auto step = [](double quarters) { return static_cast<int>(std::lround(quarters * kStepsPerBeat)); };
    Note note;
    note.onset = step(open.onset);
    note.duration = std::max(1, step(open.end) - note.onset);
    note.pitch = static_cast<std::int16_t>(open.pitch);
    note.hand = open.staff == 2 ? Hand::left : Hand::right;
    imported_.score.notes.push_back(note);
  }

  Imported& imported_;
  Timeline& timeline_;
  bool first_part_;
  const std::string& what_;
  double divisions_ = 1.0, start_ = 0.0;
  int transpose_ = 0;
  std::map<std::tuple<int, int, int>, OpenNote> open_;  // (staff, voice, pitch) -> a note that is tied on
};

BeatGrid grid_of(const Timeline& timeline) {
  const auto count = static_cast<std::size_t>(std::ceil(timeline.end)) + 1;
  BeatGrid grid;
  double time = 0.0, tempo = timeline.tempos.empty() ? kDefaultTempo : timeline.tempos.begin()->second;
  auto next = timeline.tempos.begin();
  for (std::size_t i = 0; i < std::max<std::size_t>(2, count); ++i) {
    for (; next != timeline.tempos.end() && next->first < static_cast<double>(i) + 0.5; ++next) tempo = next->second;
    grid.times.push_back(time);
    time += 60.0 / tempo;
  }
  grid.numbers.assign(grid.times.size(), 0);
  std::map<int, int> lengths;
  for (std::size_t i = 0; i < timeline.measure_starts.size(); ++i) {
    const auto start = static_cast<std::size_t>(std::lround(timeline.measure_starts[i]));
    if (start < grid.numbers.size()) grid.numbers[start] = 1;
    const double end = i + 1 < timeline.measure_starts.size() ? timeline.measure_starts[i + 1] : timeline.end;
    ++lengths[std::clamp(static_cast<int>(std::lround(end - timeline.measure_starts[i])), 1, 64)];
  }
  const auto most =
      std::max_element(lengths.begin(), lengths.end(), [](auto& a, auto& b) { return a.second < b.second; });
  grid.beats_per_bar = most == lengths.end() ? 4 : most->first;
  // A first measure that is shorter than the rest is a pickup: its beats count towards the first full bar.
  const auto second = std::find(grid.numbers.begin() + 1, grid.numbers.end(), 1);
  const auto pickup = static_cast<int>(second - grid.numbers.begin());
  int number = pickup < grid.beats_per_bar && second != grid.numbers.end() ? grid.beats_per_bar - pickup : 0;
  for (auto it = grid.numbers.begin(); it != grid.numbers.end(); ++it) {
    const bool downbeat = *it == 1 && (it != grid.numbers.begin() || number == 0);
    number = downbeat ? 1 : number + 1;
    *it = number;
  }
  return grid;
}

std::string title_of(const xml_node& root) {
  const std::string work = root.child("work").child("work-title").text().get();
  return work.empty() ? root.child("movement-title").text().get() : work;
}

/// The encoding that the first line declares; empty: none.
std::string declared_encoding(std::string_view text) {
  constexpr std::string_view kKey = "encoding=";
  text = text.substr(0, std::min(text.find("?>"), std::size_t{200}));
  const std::size_t key = text.find(kKey);
  if (!text.starts_with("<?xml") || key == std::string_view::npos) return {};
  text.remove_prefix(key + kKey.size());
  const std::size_t end = text.empty() ? std::string_view::npos : text.find(text.front(), 1);
  return end == std::string_view::npos ? std::string() : std::string(text.substr(1, end - 1));
}

/// As UTF-8 what is in an encoding that pugixml does not know: the declared one, or where it is none, the likeliest.
/// Absent: pugixml reads it (UTF-8, UTF-16 and UTF-32 by their marks).
std::optional<std::string> text_of_other_encoding(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const bool wide = text.substr(0, 4).find('\0') != std::string_view::npos || text.starts_with("\xFF\xFE") ||
                    text.starts_with("\xFE\xFF");
  if (wide || valid_utf8_bytes(text) == text.size()) return std::nullopt;
  const auto declared = utf8_of_encoding(text, declared_encoding(text));
  return declared ? declared : utf8_of_unknown(text);
}

/// Takes the parts that `wanted` takes; the first of them says where the bars begin.
template <typename Wanted>
Timeline read_parts(const pugi::xml_document& document, const std::string& what, Imported& imported, Wanted&& wanted) {
  Timeline timeline;
  bool first = true;
  for (const xml_node part : document.child("score-partwise").children("part")) {
    if (!wanted(part)) continue;
    PartReader(imported, timeline, first, what).read(part);
    first = false;
  }
  return timeline;
}

}  // namespace

pugi::xml_document parse_musicxml(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() > kMaxBytes) throw Error(ErrorCode::unsupported, what + ": MusicXML of more than 128 MiB");
  pugi::xml_document document;
  const std::optional<std::string> text = text_of_other_encoding(bytes);
  const auto result = text ? document.load_buffer(text->data(), text->size(), pugi::parse_default, pugi::encoding_utf8)
                           : document.load_buffer(bytes.data(), bytes.size());
  if (!result || !document.child("score-partwise")) {
    if (document.child("score-timewise"))
      throw Error(ErrorCode::unsupported, what + ": timewise MusicXML; save partwise");
    throw Error(ErrorCode::malformed, what + ": expected MusicXML (score-partwise), found " +
                                          (result ? "another document" : result.description()));
  }
  return document;
}

Imported score_of_document(const pugi::xml_document& document, const std::string& what) {
  Imported imported;
  imported.score.title = title_of(document.child("score-partwise"));
  const Timeline timeline = read_parts(document, what, imported, [](const xml_node&) { return true; });
  if (imported.score.notes.empty()) throw Error(ErrorCode::nothing_found, what + ": expected notes, found none");
  imported.score.grid = grid_of(timeline);
  clean_notes(imported.score.notes);
  mark_melody(imported.score.notes);
  settle_keys(imported.score);
  return imported;
}

Imported score_from_musicxml(std::span<const std::byte> bytes, const std::string& what) {
  return score_of_document(parse_musicxml(bytes, what), what);
}

std::vector<Note> notes_of_parts(const pugi::xml_document& document, std::span<const std::string> ids,
                                 const std::string& what) {
  Imported imported;
  read_parts(document, what, imported, [&](const xml_node& part) {
    return std::find(ids.begin(), ids.end(), part.attribute("id").value()) != ids.end();
  });
  clean_notes(imported.score.notes);
  return std::move(imported.score.notes);
}

}  // namespace pop2piano
