// SPDX-License-Identifier: MIT
// Which texture is played where: decided before a cover is written, or given.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop2piano {

/// The textures that a plan may name; the first leaves it to the writer.
inline constexpr std::array<std::string_view, 7> kPlanTextures = {
    "auto", "sparse-broken", "sparse-chords", "flowing-broken", "flowing-chords", "dense-broken", "dense-chords"};

/// Bars in one texture. Bars count as those of the report: bar 1 begins with the first beat that is numbered 1, what
/// lies before it is bar 0.
struct PlannedPassage {
  int first_bar = 0, last_bar = 0;  ///< both belong to it
  std::string section{};            ///< its letter, "A"; empty: of no section
  std::string style{};              ///< one of kPlanTextures; of a cover in one style, any of the model
  friend bool operator==(const PlannedPassage&, const PlannedPassage&) = default;
};
/// By bars, none in two passages.
using Plan = std::vector<PlannedPassage>;

/// What the user wants of the plan.
struct PlanWish {
  Plan passages{};  ///< bars that belong to none are played in style "auto"; empty: all are decided
  /// Letter and style: all bars of that section, before what was decided or stands in `passages`.
  std::vector<std::pair<std::string, std::string>> sections{};
  std::string source = "the plan";  ///< of the passages, for messages: the file
  [[nodiscard]] bool empty() const { return passages.empty() && sections.empty(); }
  /// Throws Error(invalid_argument) for styles that are not of kPlanTextures and for passages that overlap or end
  /// before they begin.
  void validate() const;
};

/// A list of {"bars": [first, last], "section": LETTER, "style": NAME}, "section" may be missing; or a report, whose
/// "plan" is taken. Throws Error naming the file: not_found, unreadable, malformed (no JSON, no passage, a value of
/// another kind, an unknown style, bars that overlap).
[[nodiscard]] Plan read_plan(const std::filesystem::path& file);

/// "A=sparse-broken,B=dense-chords" as PlanWish::sections. Throws Error(invalid_argument) for another form and
/// for unknown styles.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> section_styles(std::string_view text);

}  // namespace pop2piano
