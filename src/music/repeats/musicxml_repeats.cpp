// SPDX-License-Identifier: MIT
#include "music/repeats/musicxml_repeats.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace pop2piano {
namespace {

using pugi::xml_node;

constexpr int kMostPasses = 64;

bool is_left(RepeatKind kind) {
  return kind == RepeatKind::forward || kind == RepeatKind::ending_start || kind == RepeatKind::segno ||
         kind == RepeatKind::coda;
}

std::vector<RepeatKind> kinds_of_sound(const xml_node& sound) {
  constexpr std::array<std::pair<const char*, RepeatKind>, 6> kNames = {{{"segno", RepeatKind::segno},
                                                                         {"coda", RepeatKind::coda},
                                                                         {"fine", RepeatKind::fine},
                                                                         {"dacapo", RepeatKind::da_capo},
                                                                         {"dalsegno", RepeatKind::dal_segno},
                                                                         {"tocoda", RepeatKind::to_coda}}};
  std::vector<RepeatKind> kinds;
  for (const auto& [name, kind] : kNames) {
    const std::string_view value = sound.attribute(name).value();
    if (!value.empty() && value != "no") kinds.push_back(kind);
  }
  return kinds;
}

std::vector<RepeatKind> kinds_of_direction(const xml_node& direction) {
  std::vector<RepeatKind> kinds;
  for (const xml_node sound : direction.children("sound")) {
    const auto more = kinds_of_sound(sound);
    kinds.insert(kinds.end(), more.begin(), more.end());
  }
  if (!kinds.empty()) return kinds;
  for (const xml_node type : direction.children("direction-type")) {
    if (type.child("segno")) kinds.push_back(RepeatKind::segno);
    if (type.child("coda")) kinds.push_back(RepeatKind::coda);
    for (const xml_node words : type.children("words")) {
      if (const auto kind = repeat_of_words(words.text().get())) kinds.push_back(*kind);
    }
  }
  return kinds;
}

/// Where only coda signs stand, the first of two is where the jump is made.
void name_first_coda(std::vector<RepeatMark>& marks) {
  const auto is = [](RepeatKind kind) { return [kind](const RepeatMark& mark) { return mark.kind == kind; }; };
  if (std::any_of(marks.begin(), marks.end(), is(RepeatKind::to_coda))) return;
  if (std::count_if(marks.begin(), marks.end(), is(RepeatKind::coda)) < 2) return;
  std::find_if(marks.begin(), marks.end(), is(RepeatKind::coda))->kind = RepeatKind::to_coda;
}

class Reader {
 public:
  explicit Reader(std::span<const int> measure_beats) : beats_(measure_beats) {}

  void read(const xml_node& part) {
    std::size_t index = 0;
    for (const xml_node measure : part.children("measure")) {
      if (index + 1 >= beats_.size()) break;
      read_measure(measure, index++);
    }
  }

  std::vector<RepeatMark> take() {
    std::vector<RepeatMark> marks;
    for (auto& [place, mark] : marks_) marks.push_back(std::move(mark));
    name_first_coda(marks);
    return marks;
  }

 private:
  void read_measure(const xml_node& measure, std::size_t index) {
    double position = 0.0, end = 0.0;
    std::vector<std::pair<double, RepeatKind>> inside;
    for (const xml_node node : measure.children()) {
      const std::string_view name = node.name();
      const double duration = std::clamp(node.child("duration").text().as_double(), 0.0, 1e9);
      if (name == "backup") position = std::max(0.0, position - duration);
      if (name == "forward" || (name == "note" && !node.child("chord"))) position += duration;
      end = std::max(end, position);
      if (name == "barline") read_barline(node, index);
      const auto kinds = name == "direction" ? kinds_of_direction(node)
                         : name == "sound"   ? kinds_of_sound(node)
                                             : std::vector<RepeatKind>{};
      for (const RepeatKind kind : kinds) inside.emplace_back(position, kind);
    }
    for (const auto& [place, kind] : inside) {
      const bool ends_music = kind == RepeatKind::da_capo || kind == RepeatKind::dal_segno || kind == RepeatKind::fine;
      const bool at_start = place <= 0.5 * end && !(ends_music && place <= 0.0);  // those before the notes mean the end
      put(kind, at_start && (end > 0.0 || is_left(kind)) ? index : index + 1);
    }
  }

  void read_barline(const xml_node& barline, std::size_t index) {
    const std::size_t place = std::string_view(barline.attribute("location").value()) == "left" ? index : index + 1;
    if (barline.attribute("segno") || barline.child("segno")) put(RepeatKind::segno, place);
    if (barline.attribute("coda") || barline.child("coda")) put(RepeatKind::coda, place);
    if (const xml_node repeat = barline.child("repeat")) {
      const bool forward = std::string_view(repeat.attribute("direction").value()) == "forward";
      put(forward ? RepeatKind::forward : RepeatKind::backward, place).times =
          std::clamp(repeat.attribute("times").as_int(2), 2, kMostPasses);
    }
    if (const xml_node ending = barline.child("ending")) {
      const bool start = std::string_view(ending.attribute("type").value()) == "start";
      RepeatMark& mark = put(start ? RepeatKind::ending_start : RepeatKind::ending_stop, place);
      if (start) mark.endings = passes_in(ending.attribute("number").value());
    }
  }

  RepeatMark& put(RepeatKind kind, std::size_t measure) {
    const int beat = beats_[std::min(measure, beats_.size() - 1)];
    RepeatMark& mark = marks_[{beat, kind}];
    mark.beat = beat;
    mark.kind = kind;
    return mark;
  }

  std::span<const int> beats_;
  std::map<std::pair<int, RepeatKind>, RepeatMark> marks_;
};

void put_direction(xml_node measure, const char* sign, const char* words, const char* attribute, const char* value) {
  xml_node direction = measure.append_child("direction");
  direction.append_attribute("placement") = "above";
  xml_node type = direction.append_child("direction-type");
  if (sign != nullptr) {
    type.append_child(sign);
  } else {
    type.append_child("words").text().set(words);
  }
  direction.append_child("staff").text().set(1);
  direction.append_child("sound").append_attribute(attribute) = value;
}

void put_jump(xml_node measure, RepeatKind kind) {
  switch (kind) {
    case RepeatKind::segno:
      return put_direction(measure, "segno", nullptr, "segno", "segno");
    case RepeatKind::coda:
      return put_direction(measure, "coda", nullptr, "coda", "coda");
    case RepeatKind::fine:
      return put_direction(measure, nullptr, "Fine", "fine", "yes");
    case RepeatKind::da_capo:
      return put_direction(measure, nullptr, "D.C.", "dacapo", "yes");
    case RepeatKind::dal_segno:
      return put_direction(measure, nullptr, "D.S.", "dalsegno", "segno");
    case RepeatKind::to_coda:
      return put_direction(measure, nullptr, "To Coda", "tocoda", "coda");
    default:
      return;
  }
}

std::string text_of(const std::vector<int>& passes) {
  std::string text;
  for (const int pass : passes) text += (text.empty() ? "" : ", ") + std::to_string(pass);
  return text;
}

struct Barline {
  const RepeatMark* repeat = nullptr;
  const RepeatMark* ending = nullptr;
  std::string passes;  // of the ending
};

/// The passes of the bracket that ends at a barline.
std::string open_passes(std::span<const RepeatMark> marks, int beat) {
  auto mark = std::lower_bound(marks.begin(), marks.end(), beat,
                               [](const RepeatMark& one, int value) { return one.beat < value; });
  while (mark != marks.begin()) {
    if ((--mark)->kind == RepeatKind::ending_start) return text_of(mark->endings);
  }
  return "1";
}

void put_barline(xml_node measure, BarSide side, const Barline& found, bool end_of_page) {
  if (found.repeat == nullptr && found.ending == nullptr && !end_of_page) return;
  const bool left = side == BarSide::left;
  xml_node barline = measure.append_child("barline");
  barline.append_attribute("location") = left ? "left" : "right";
  if (found.repeat != nullptr || end_of_page) {
    barline.append_child("bar-style").text().set(left ? "heavy-light" : "light-heavy");
  }
  if (found.ending != nullptr) {
    xml_node ending = barline.append_child("ending");
    ending.append_attribute("number") = found.passes.c_str();
    ending.append_attribute("type") = left ? "start" : found.repeat != nullptr ? "stop" : "discontinue";
  }
  if (found.repeat == nullptr) return;
  xml_node repeat = barline.append_child("repeat");
  repeat.append_attribute("direction") = left ? "forward" : "backward";
  if (!left && found.repeat->times > 2) repeat.append_attribute("times") = found.repeat->times;
}

}  // namespace

std::vector<int> passes_in(std::string_view text) {
  std::vector<int> passes;
  int number = 0;
  bool range = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c >= '0' && c <= '9') {
      number = std::min(kMostPasses, 10 * number + (c - '0'));
      continue;
    }
    if (number > 0) {
      const int from = range && !passes.empty() ? passes.back() + 1 : number;
      for (int pass = from; pass <= number; ++pass) passes.push_back(pass);
      range = false;
    }
    number = 0;
    range = range || c == '-';
  }
  std::sort(passes.begin(), passes.end());
  passes.erase(std::unique(passes.begin(), passes.end()), passes.end());
  return passes.empty() ? std::vector<int>{1} : passes;
}

std::optional<RepeatKind> repeat_of_words(std::string_view text) {
  std::string words;
  for (const char c : text.substr(0, 40)) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) words += static_cast<char>(std::tolower(c));
  }
  if (words.starts_with("dcal") || words == "dc" || words.starts_with("dacapo")) return RepeatKind::da_capo;
  if (words.starts_with("dsal") || words == "ds" || words.starts_with("dalsegno")) return RepeatKind::dal_segno;
  if (words == "tocoda" || words == "alcoda" || words == "dacoda") return RepeatKind::to_coda;
  return words == "fine" ? std::optional(RepeatKind::fine) : std::nullopt;
}

std::vector<RepeatMark> repeats_of_document(const pugi::xml_document& document, std::span<const int> measure_beats) {
  Reader reader(measure_beats);
  for (const xml_node part : document.child("score-partwise").children("part")) reader.read(part);
  return reader.take();
}

void put_repeats(xml_node measure, std::span<const RepeatMark> marks, BarSide side, int first, int last,
                 bool end_of_page) {
  const bool left = side == BarSide::left;
  Barline found;
  std::vector<RepeatKind> jumps;
  const auto begin = std::lower_bound(marks.begin(), marks.end(), left ? first : first + 1,
                                      [](const RepeatMark& mark, int beat) { return mark.beat < beat; });
  for (auto it = begin; it != marks.end() && it->beat < (left ? last : last + 1); ++it) {
    const RepeatMark& mark = *it;
    if (is_left(mark.kind) != left) continue;
    if (mark.kind == RepeatKind::forward || mark.kind == RepeatKind::backward) {
      found.repeat = &mark;
    } else if (mark.kind == RepeatKind::ending_start || mark.kind == RepeatKind::ending_stop) {
      found.ending = &mark;
      found.passes = left ? text_of(mark.endings) : open_passes(marks, mark.beat);
    } else {
      jumps.push_back(mark.kind);
    }
  }
  if (left) put_barline(measure, side, found, end_of_page);
  for (const RepeatKind kind : jumps) put_jump(measure, kind);
  if (!left) put_barline(measure, side, found, end_of_page);
}

}  // namespace pop2piano
