// SPDX-License-Identifier: MIT
#include <pop2piano/error.h>
#include <pop2piano/plan.h>

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "base/core/closest_name.h"
#include "base/core/mapped_file.h"

namespace pop2piano {
namespace {

using Json = nlohmann::json;

constexpr int kMostBars = 1'000'000;
constexpr const char* kForm = R"([{"bars": [1, 8], "section": "A", "style": "flowing-broken"}, ...])";

bool is_letter(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) { return c >= 'A' && c <= 'Z' && c == text.front(); });
}

// What is wrong with the style; empty: nothing.
std::string unknown_style(const std::string& style) {
  const std::vector<std::string> known(kPlanTextures.begin(), kPlanTextures.end());
  if (std::ranges::find(known, style) != known.end()) return {};
  const std::string nearest = closest_name(style, known);
  std::string what = "style \"" + style + "\" is not known";
  if (!nearest.empty()) what += " (did you mean \"" + nearest + "\"?)";
  what += ", expected ";
  for (std::size_t i = 0; i < known.size(); ++i)
    what += (i == 0 ? "" : i + 1 < known.size() ? ", " : " or ") + known[i];
  return what;
}

// The first two passages that share a bar, by order; empty: none do.
std::string overlap_in(const Plan& plan) {
  const auto bars = [](const PlannedPassage& p) {
    return "bars " + std::to_string(p.first_bar) + " to " + std::to_string(p.last_bar);
  };
  for (std::size_t i = 1; i < plan.size(); ++i) {
    if (plan[i].first_bar > plan[i - 1].last_bar) continue;
    return bars(plan[i - 1]) + " and " + bars(plan[i]) + " overlap, expected each bar once, by order";
  }
  return {};
}

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] Plan read(const Json& list) const {
    if (!list.is_array()) reject("expected a list " + std::string(kForm));
    if (list.empty()) reject("a plan without passages, expected one at least; without --plan it is decided");
    Plan plan;
    for (const Json& entry : list) plan.push_back(passage(entry, plan.size() + 1));
    std::ranges::stable_sort(plan, {}, &PlannedPassage::first_bar);
    if (const std::string what = overlap_in(plan); !what.empty()) reject(what);
    return plan;
  }

  [[noreturn]] void reject(const std::string& what) const { throw Error(ErrorCode::malformed, file_ + ": " + what); }

 private:
  [[nodiscard]] PlannedPassage passage(const Json& entry, std::size_t number) const {
    const std::string where = "passage " + std::to_string(number) + ": ";
    if (!entry.is_object()) reject(where + "expected an object as in " + kForm);
    for (const auto& [key, value] : entry.items()) {
      if (key == "bars" || key == "section" || key == "style") continue;
      std::string what = where;
      what.append("unknown key \"").append(key).append("\", expected \"bars\", \"section\" and \"style\"");
      reject(what);
    }
    PlannedPassage passage;
    read_bars(entry, where, passage);
    passage.style = text(entry, "style", where);
    if (const std::string what = unknown_style(passage.style); !what.empty()) reject(where + what);
    if (entry.contains("section") && !entry["section"].is_null()) {
      passage.section = text(entry, "section", where);
      if (!is_letter(passage.section)) {
        reject(where + "section \"" + passage.section + "\" is no letter, expected \"A\" to \"Z\", \"AA\", ...");
      }
    }
    return passage;
  }

  void read_bars(const Json& entry, const std::string& where, PlannedPassage& passage) const {
    const Json bars = entry.value("bars", Json());
    const bool two = bars.is_array() && bars.size() == 2 && bars[0].is_number_integer() && bars[1].is_number_integer();
    if (!two) reject(where + "\"bars\" is " + bars.dump() + ", expected the first and the last bar, as [1, 8]");
    const auto first = bars[0].get<std::int64_t>(), last = bars[1].get<std::int64_t>();
    if (first < 0 || last < first || last > kMostBars) {
      reject(where + "bars " + bars.dump() + ", expected a first bar from 0 on and a last one not before it");
    }
    passage.first_bar = static_cast<int>(first);
    passage.last_bar = static_cast<int>(last);
  }

  [[nodiscard]] std::string text(const Json& entry, const char* key, const std::string& where) const {
    const Json value = entry.value(key, Json());
    if (!value.is_string()) reject(where + "\"" + key + "\" is " + value.dump() + ", expected a text");
    return value.get<std::string>();
  }

  std::string file_;
};

}  // namespace

void PlanWish::validate() const {
  const auto require = [](const std::string& what, const std::string& where) {
    if (!what.empty()) throw Error(ErrorCode::invalid_argument, where + ": " + what);
  };
  for (const PlannedPassage& p : passages) {
    require(unknown_style(p.style), source);
    if (p.last_bar < p.first_bar) {
      require("bars " + std::to_string(p.first_bar) + " to " + std::to_string(p.last_bar) +
                  ", expected a last bar not before the first",
              source);
    }
  }
  require(overlap_in(passages), source);
  for (const auto& [letter, style] : sections) require(unknown_style(style), "section " + letter);
}

Plan read_plan(const std::filesystem::path& file) {
  const Reader reader(file.string());
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (std::ranges::all_of(text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; })) {
    reader.reject("an empty file, expected a plan as " + std::string(kForm));
  }
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) reader.reject("not JSON, expected a plan as " + std::string(kForm));
  if (json.is_object() && json.contains("plan")) return reader.read(json["plan"]);
  return reader.read(json);
}

std::vector<std::pair<std::string, std::string>> section_styles(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> styles;
  const auto reject = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, "\"" + std::string(text) + "\": " + what +
                                                 ", expected LETTER=STYLE as in A=sparse-broken,B=dense-chords");
  };
  for (std::string_view rest = text;;) {
    const std::string_view part = rest.substr(0, rest.find(','));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) reject("found \"" + std::string(part) + "\"");
    std::string letter(part.substr(0, equals)), style(part.substr(equals + 1));
    const std::string where = "section " + letter;
    if (!is_letter(letter)) reject(where + " has no letter for a name");
    if (const std::string what = unknown_style(style); !what.empty()) {
      std::string message = where;
      throw Error(ErrorCode::invalid_argument, message.append(": ").append(what));
    }
    if (std::ranges::any_of(styles, [&](const auto& known) { return known.first == letter; })) {
      reject(where + " stands twice");
    }
    styles.emplace_back(std::move(letter), std::move(style));
    if (part.size() == rest.size()) return styles;
    rest.remove_prefix(part.size() + 1);
  }
}

}  // namespace pop2piano
