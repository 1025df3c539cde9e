// SPDX-License-Identifier: MIT
#include "app/tasks/take_options.h"

#include <cmath>
#include <set>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "app/http/http_message.h"
#include "music/arrange/arranging.h"

namespace pop2piano::serve {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestTitle = 300, kIdDigits = 32, kMostPassages = 500;
constexpr std::int64_t kLargestSeed = (std::int64_t{1} << 53) - 1;

[[noreturn]] void refuse(const char* name, const std::string& expected, const Json& found) {
  std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  throw Refusal(400, "invalid", fmt::format("{}: expected {}, found {}", name, expected, text));
}

/// Reads members and remembers which there are.
class Members {
 public:
  explicit Members(const Json& value) : value_(value) {
    if (!value.is_object()) throw Refusal(400, "invalid", "options: expected a JSON object");
  }
  const Json* find(const char* name) {
    known_.insert(name);
    const auto found = value_.find(name);
    return found == value_.end() ? nullptr : &*found;
  }
  void number(const char* name, double& target, double least, double most) {
    const Json* v = find(name);
    if (v == nullptr) return;
    if (!v->is_number() || !(v->get<double>() >= least && v->get<double>() <= most)) {
      refuse(name, fmt::format("a number from {} to {}", least, most), *v);
    }
    target = v->get<double>();
  }
  template <typename Integer>
  void integer(const char* name, Integer& target, std::int64_t least, std::int64_t most) {
    const Json* v = find(name);
    if (v == nullptr) return;
    if (!v->is_number_integer() || v->get<double>() < static_cast<double>(least) ||
        v->get<double>() > static_cast<double>(most)) {
      refuse(name, fmt::format("a whole number from {} to {}", least, most), *v);
    }
    target = static_cast<Integer>(v->get<std::int64_t>());
  }
  void flag(const char* name, bool& target) {
    const Json* v = find(name);
    if (v == nullptr) return;
    if (!v->is_boolean()) refuse(name, "true or false", *v);
    target = v->get<bool>();
  }
  void text(const char* name, std::string& target, std::size_t most) {
    const Json* v = find(name);
    if (v == nullptr) return;
    if (!v->is_string() || v->get_ref<const std::string&>().size() > most)
      refuse(name, fmt::format("a text of at most {} bytes", most), *v);
    target = v->get<std::string>();
  }
  bool is_null(const char* name) {
    const Json* v = find(name);
    return v == nullptr || v->is_null();
  }
  void expect_no_others() const {
    for (const auto& [name, ignored] : value_.items()) {
      if (!known_.contains(name))
        throw Refusal(400, "unknown_option", name.substr(0, 60) + ": there is no such option");
    }
  }

 private:
  const Json& value_;
  std::set<std::string> known_;
};

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json hearing_json(const TakeOptions& o) {
  return {{"start", o.start},
          {"end", or_null(o.end)},
          {"tempo_times", o.tempo_times},
          {"downbeat", or_null(o.downbeat)},
          {"beats_per_bar", or_null(o.beats_per_bar)}};
}

Json writing_json(const TakeOptions& o) {
  Json value = hearing_json(o);
  value.update({{"style", o.style},
                {"accompaniment", to_string(o.accompaniment)},
                {"temperature", o.temperature},
                {"seed", o.seed},
                {"melody_weight", o.melody_weight},
                {"sections", Json::object()},
                {"again", Json::array()}});
  for (const auto& [letter, style] : o.sections) value["sections"][letter] = style;
  for (const AgainPassage& p : o.again)
    value["again"].push_back({{"bars", {p.first_bar, p.last_bar}}, {"seed", p.seed}});
  return value;
}

void read_hearing(Members& members, TakeOptions& o) {
  constexpr double kDay = 86400;
  members.number("start", o.start, 0, kDay);
  if (!members.is_null("end")) members.number("end", o.end.emplace(), 0, kDay);
  if (o.end && *o.end <= o.start) refuse("end", "a time after start", *o.end);
  members.number("tempo_times", o.tempo_times, 0.5, 2);
  if (o.tempo_times != 0.5 && o.tempo_times != 1 && o.tempo_times != 2)
    refuse("tempo_times", "0.5, 1 or 2", o.tempo_times);
  if (!members.is_null("downbeat")) members.number("downbeat", o.downbeat.emplace(), 0, kDay);
  if (!members.is_null("beats_per_bar")) members.integer("beats_per_bar", o.beats_per_bar.emplace(), 2, 12);
}

void read_sections(Members& members, TakeOptions& o) {
  const Json* v = members.find("sections");
  if (v == nullptr) return;
  if (!v->is_object() || v->size() > kMostPassages) refuse("sections", "an object of letters with their styles", *v);
  for (const auto& [letter, style] : v->items()) {
    if (!style.is_string()) refuse("sections", "a style for each letter", style);
    o.sections.emplace_back(letter, style.get<std::string>());
  }
}

void read_again(Members& members, TakeOptions& o) {
  constexpr std::int64_t kMostBars = 100000;
  const Json* v = members.find("again");
  if (v == nullptr) return;
  if (!v->is_array() || v->size() > kMostPassages) refuse("again", "a list of {bars, seed}", *v);
  for (const Json& one : *v) {
    Members passage(one);
    AgainPassage& p = o.again.emplace_back();
    const Json* bars = passage.find("bars");
    const auto is_bar = [](const Json& bar) {
      return bar.is_number_integer() && bar.get<double>() >= 0 && bar.get<double>() < kMostBars;
    };
    if (bars == nullptr || !bars->is_array() || bars->size() != 2 || !is_bar((*bars)[0]) || !is_bar((*bars)[1]))
      refuse("again", "bars, the first and the last", one);
    p.first_bar = (*bars)[0].get<int>();
    p.last_bar = (*bars)[1].get<int>();
    passage.integer("seed", p.seed, 0, kLargestSeed);
    passage.expect_no_others();
  }
}

void read_arranging(Members& members, TakeOptions& o) {
  members.integer("level", o.level, 1, 5);
  members.text("hands", o.hands, 20);
  if (!members.is_null("key")) members.text("key", o.key.emplace(), 20);
  if (!members.is_null("transpose")) members.integer("transpose", o.transpose.emplace(), -24, 24);
  members.flag("melody_on_top", o.melody_on_top);
  if (!members.is_null("velocity")) members.integer("velocity", o.velocity.emplace(), 1, 127);
  members.text("title", o.title, kLongestTitle);
  members.flag("fingering", o.fingering);
  members.flag("pedal", o.pedal);
  members.flag("lock", o.lock);
}

}  // namespace

std::string short_hash(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
  std::string digits;
  for (unsigned int i = 0; i < length && digits.size() < kIdDigits; ++i) digits += fmt::format("{:02x}", digest[i]);
  return digits;
}

Json TakeOptions::json() const {
  Json value = writing_json(*this);
  value.update({{"level", level},
                {"hands", hands},
                {"key", or_null(key)},
                {"transpose", or_null(transpose)},
                {"melody_on_top", melody_on_top},
                {"velocity", or_null(velocity)},
                {"title", title},
                {"fingering", fingering},
                {"pedal", pedal},
                {"lock", lock}});
  return value;
}

std::string TakeOptions::hearing_id() const { return short_hash(hearing_json(*this).dump()); }
std::string TakeOptions::writing_id() const { return short_hash(writing_json(*this).dump()); }
std::string TakeOptions::take_id(const std::string& song) const {
  return short_hash(song + json().dump(-1, ' ', false, Json::error_handler_t::replace));
}

CoverOptions TakeOptions::cover() const {
  CoverOptions o;
  o.beats.tempo_times = tempo_times;
  o.beats.beats_per_bar = beats_per_bar;
  o.writing.generation.temperature = temperature;
  o.writing.generation.seed = seed;
  o.writing.melody_weight = melody_weight;
  o.writing.accompaniment = accompaniment;
  o.writing.plan.sections = sections;
  o.writing.again = again;
  o.piano.level = level;
  o.piano.hand_span = hand_span_of(hands);
  o.piano.key = key;
  o.piano.transpose = transpose;
  o.piano.melody = melody_on_top ? MelodyPlace::on_top : MelodyPlace::as_written;
  o.piano.velocity = velocity;
  o.title = title;
  return o;
}

TakeOptions take_options_of(const Json& value) {
  Members members(value);
  TakeOptions o;
  read_hearing(members, o);
  members.text("style", o.style, 60);
  std::string accompaniment = to_string(o.accompaniment);
  members.text("accompaniment", accompaniment, 20);
  const auto names = accompaniment_names();
  if (std::ranges::find(names, accompaniment) == names.end())
    refuse("accompaniment", "figures, lead-sheet or audio", accompaniment);
  o.accompaniment = accompaniment_named(accompaniment);
  members.number("temperature", o.temperature, 0, 10);
  members.integer("seed", o.seed, 0, kLargestSeed);
  members.number("melody_weight", o.melody_weight, 0, 10);
  read_sections(members, o);
  read_again(members, o);
  read_arranging(members, o);
  members.expect_no_others();
  try {
    const CoverOptions cover = o.cover();
    cover.piano.validate();
    cover.writing.validate();
  } catch (const Error& error) {
    throw Refusal(400, "invalid", error.what());
  }
  return o;
}

}  // namespace pop2piano::serve
