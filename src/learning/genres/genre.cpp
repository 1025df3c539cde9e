// SPDX-License-Identifier: MIT
#include "learning/genres/genre.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <fmt/format.h>

namespace pop2piano {

std::span<const Genre> all_genres() {
  static const std::vector<Genre> genres = {reggae(),    blues(),      jazz(),  country(), metal(), hip_hop(),
                                            disco(),     funk(),       latin(), gospel(),  waltz(), folk(),
                                            classical(), a_cappella(), rock(),  pop()};
  return genres;
}

std::string genre_names() {
  std::string names;
  for (const Genre& genre : all_genres()) names += (names.empty() ? "" : ", ") + std::string(genre.name);
  return names;
}

const Genre& genre_named(std::string_view name) {
  for (const Genre& genre : all_genres()) {
    if (genre.name == name) return genre;
  }
  throw Error(ErrorCode::invalid_argument, fmt::format("no genre \"{}\"; there are {}", name, genre_names()));
}

std::vector<std::string> chosen_genres(const std::vector<std::string>& names) {
  if (names.size() != 1 || names.front() != "all") return names;
  std::vector<std::string> all;
  for (const Genre& genre : all_genres()) all.emplace_back(genre.name);
  return all;
}

std::vector<std::string_view> tested_genres() {
  std::vector<std::string_view> names;
  for (const Genre& genre : all_genres()) {
    const bool tested = std::any_of(genre.grooves.begin(), genre.grooves.end(),
                                    [](const Groove& groove) { return groove.use == GrooveUse::test; });
    if (tested) names.push_back(genre.name);
  }
  return names;
}

}  // namespace pop2piano
