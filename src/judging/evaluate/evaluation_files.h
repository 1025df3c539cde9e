// SPDX-License-Identifier: MIT
// Results of evaluations as JSON and CSV.
#pragma once

#include <pop2piano/evaluate.h>

#include <string>

#include <nlohmann/json.hpp>

namespace pop2piano {

/// A number, or null.
nlohmann::json to_json(const Measure& measure);
/// {"cover", "song", "group", "measures": {name: number or null}, "undefined": {name: reason}, "error", "remarks",
/// "bars"}
nlohmann::ordered_json to_json(const CoverEvaluation& evaluation);
/// {"mean": {name: number or null}, "interval": {name: [low, high]}, "songs": [...], "groups": {...}, "comparisons":
/// [...], "failed": n}
nlohmann::ordered_json to_json(const SetEvaluation& set);

/// One line per cover: song, cover, group, error, then all measures; undefined ones are empty. RFC 4180.
std::string to_csv(const SetEvaluation& set);

}  // namespace pop2piano
