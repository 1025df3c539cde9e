// SPDX-License-Identifier: MIT
// Where the measures of a MusicXML document begin: each is as long as the longest part that it has, one that is empty
// in all parts as its time signature says. Parts have no measures of their own.
#pragma once

#include <pop2piano/score.h>

#include <map>
#include <string>
#include <vector>

#include <pugixml.hpp>

namespace pop2piano {

inline constexpr double kUnmarkedTempo = 120.0;  ///< quarters per minute, where a score names none

/// Places are in quarters from the start of the document.
struct Measures {
  std::vector<double> starts;  ///< [measures]
  double end = 0.0;            ///< of the last one
  BeatGrid grid;               ///< its beats; no `times`: see set_times()
};

/// Sets a grid's times. `tempos`: place in quarters -> quarters per minute, held until the next.
void set_times(BeatGrid& grid, const std::map<double, double>& tempos);

/// Of all parts. Throws Error(unsupported): longer than a million quarters or beats.
[[nodiscard]] Measures measures_of(const pugi::xml_document& document, const std::string& what);

}  // namespace pop2piano
