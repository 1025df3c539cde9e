// SPDX-License-Identifier: MIT
// What a take depends on beside the song, as the page sends it, with the identifiers that follow from it.
#pragma once

#include <pop2piano/cover.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace pop2piano::serve {

struct TakeOptions {
  double start = 0.0;                ///< seconds of the file
  std::optional<double> end;         ///< seconds of the file
  double tempo_times = 1.0;          ///< 0.5, 1 or 2
  std::optional<double> downbeat;    ///< seconds from `start`
  std::optional<int> beats_per_bar;  ///< 2..12
  std::string style = "auto";
  Accompaniment accompaniment = Accompaniment::figures;
  double temperature = 0.0;
  std::uint64_t seed = 0;
  double melody_weight = 2.5;
  std::vector<std::pair<std::string, std::string>> sections;  ///< letter and style; of a lead sheet
  std::vector<AgainPassage> again;                            ///< bars to be written again, one after the other
  int level = 5;
  std::string hands = "tenth";
  std::optional<std::string> key;
  std::optional<int> transpose;
  bool melody_on_top = true;
  std::optional<int> velocity;
  std::string title;
  bool fingering = false, pedal = true, lock = true;

  [[nodiscard]] nlohmann::json json() const;
  /// Of what is heard, of what is written from it, and of all: 32 hexadecimal digits.
  [[nodiscard]] std::string hearing_id() const;
  [[nodiscard]] std::string writing_id() const;
  [[nodiscard]] std::string take_id(const std::string& song) const;
  /// What the steps of a cover take; without beats, which downbeat needs the recording for.
  [[nodiscard]] CoverOptions cover() const;
};

/// Absent members have their defaults. Throws Refusal(400): unknown members, wrong types, values out of range.
[[nodiscard]] TakeOptions take_options_of(const nlohmann::json& value);

/// The first 32 hexadecimal digits of SHA-256.
[[nodiscard]] std::string short_hash(const std::string& text);

}  // namespace pop2piano::serve
