// SPDX-License-Identifier: MIT
#include "writing/plan/song_plan.h"

#include <pop2piano/error.h>

#include <algorithm>

namespace pop2piano {
namespace {

// [beats] the bar of each beat: 0 before the first that is numbered 1.
std::vector<int> bars_of_beats(const BeatGrid& grid) {
  std::vector<int> bars;
  int bar = 0;
  for (const int number : grid.numbers) bars.push_back(number == 1 ? ++bar : bar);
  return bars;
}

std::vector<std::string> letters_of(const Plan& plan) {
  std::vector<std::string> letters;
  for (const PlannedPassage& p : plan) {
    if (std::ranges::find(letters, p.section) == letters.end()) letters.push_back(p.section);
  }
  std::ranges::sort(letters);
  return letters;
}

[[noreturn]] void no_such_section(ErrorCode code, const std::string& where, const std::string& letter,
                                  const std::vector<std::string>& letters) {
  std::string all;
  for (const std::string& known : letters) all += (all.empty() ? "" : ", ") + known;
  throw Error(code, where + ": the song has no section \"" + letter + "\", it has " + all);
}

void check(const PlanWish& wish, const Plan& decided) {
  const std::vector<std::string> letters = letters_of(decided);
  const auto known = [&](const std::string& letter) { return std::ranges::find(letters, letter) != letters.end(); };
  const int first = decided.front().first_bar, last = decided.back().last_bar;
  for (const PlannedPassage& p : wish.passages) {
    const std::string where =
        wish.source + ": bars " + std::to_string(p.first_bar) + " to " + std::to_string(p.last_bar);
    if (p.first_bar < first || p.last_bar > last) {
      throw Error(ErrorCode::malformed, where + ": outside the song, which has bars " + std::to_string(first) + " to " +
                                            std::to_string(last));
    }
    if (!p.section.empty() && !known(p.section)) no_such_section(ErrorCode::malformed, where, p.section, letters);
  }
  for (const auto& [letter, style] : wish.sections) {
    std::string where = letter;
    where.append("=").append(style);
    if (!known(letter)) no_such_section(ErrorCode::invalid_argument, where, letter, letters);
  }
}

// The passages that were given, and the song's own sections where there are none, as the writer likes.
Plan with_passages(const Plan& decided, const Plan& given) {
  Plan plan;
  const auto letter_at = [&](int bar) -> std::string {
    for (const PlannedPassage& p : decided)
      if (bar <= p.last_bar) return p.section;
    return {};
  };
  const auto fill = [&](int first, int last) {
    for (const PlannedPassage& p : decided) {
      const int from = std::max(first, p.first_bar), to = std::min(last, p.last_bar);
      if (from <= to) plan.push_back({from, to, p.section, std::string(kPlanTextures.front())});
    }
  };
  int next = decided.front().first_bar;
  for (const PlannedPassage& p : given) {
    fill(next, p.first_bar - 1);
    plan.push_back(p);
    if (p.section.empty()) plan.back().section = letter_at(p.first_bar);
    next = p.last_bar + 1;
  }
  fill(next, decided.back().last_bar);
  return plan;
}

}  // namespace

Plan form_of(std::span<const SongSection> sections, const BeatGrid& grid) {
  const std::vector<int> bars = bars_of_beats(grid);
  if (bars.empty()) return {};
  Plan form;
  for (const SongSection& section : sections) {
    const int bar = bars[static_cast<std::size_t>(section.first_beat)];
    if (!form.empty() && form.back().first_bar == bar) form.pop_back();
    if (!form.empty()) form.back().last_bar = bar - 1;
    form.push_back({bar, bars.back(), section_name(section.letter), {}});
  }
  if (form.empty()) form.push_back({bars.front(), bars.back(), "A", {}});
  form.front().first_bar = bars.front();
  return form;
}

Plan settled_plan(Plan decided, const PlanWish& wish) {
  if (decided.empty() || wish.empty()) return decided;
  check(wish, decided);
  Plan plan = wish.passages.empty() ? std::move(decided) : with_passages(decided, wish.passages);
  for (const auto& [letter, style] : wish.sections) {
    for (PlannedPassage& p : plan) {
      if (p.section == letter) p.style = style;
    }
  }
  return plan;
}

std::vector<std::string> styles_of_beats(const Plan& plan, const BeatGrid& grid, const std::string& otherwise) {
  std::vector<std::string> styles;
  auto passage = plan.begin();
  for (const int bar : bars_of_beats(grid)) {
    while (passage != plan.end() && passage->last_bar < bar) ++passage;
    const bool within = passage != plan.end() && passage->first_bar <= bar;
    styles.push_back(within ? passage->style : otherwise);
  }
  return styles;
}

}  // namespace pop2piano
