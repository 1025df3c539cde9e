// SPDX-License-Identifier: MIT
#include "listening/rhythm/beats_text.h"

#include <pop2piano/error.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pop2piano {
namespace {

std::string as_text(const BeatGrid& grid) {
  std::string text;
  for (std::size_t i = 0; i < grid.size(); ++i) text += fmt::format("{:.4f}\t{}\n", grid.times[i], grid.numbers[i]);
  return text;
}

std::string as_labels(const BeatGrid& grid) {
  std::string text;
  int bar = grid.numbers.empty() || grid.numbers.front() == 1 ? 0 : 1;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (grid.numbers[i] == 1) ++bar;
    text += fmt::format("{0:.6f}\t{0:.6f}\t{1}.{2}\n", grid.times[i], bar, grid.numbers[i]);
  }
  return text;
}

std::string as_jams(const BeatGrid& grid, const BeatsOrigin& origin) {
  using Json = nlohmann::json;
  const double duration = origin.duration;
  Json data = Json::array();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const Json confidence = i < grid.confidence.size() ? Json(grid.confidence[i]) : Json(nullptr);
    data.push_back(
        {{"time", grid.times[i]}, {"duration", 0.0}, {"value", grid.numbers[i]}, {"confidence", confidence}});
  }
  const Json source = {{"annotation_tools", "pop2piano beats"}, {"data_source", origin.given ? "user" : "program"}};
  const Json beat = {{"namespace", "beat"},           {"time", 0.0},  {"duration", duration},
                     {"annotation_metadata", source}, {"data", data}, {"sandbox", Json::object()}};
  const Json tempo_value = {
      {"time", 0.0}, {"duration", duration}, {"value", grid.tempo()}, {"confidence", origin.confidence}};
  const Json tempo = {{"namespace", "tempo"},          {"time", 0.0},           {"duration", duration},
                      {"annotation_metadata", source}, {"data", {tempo_value}}, {"sandbox", Json::object()}};
  const Json file = {{"title", origin.title},         {"artist", ""},           {"release", ""}, {"duration", duration},
                     {"identifiers", Json::object()}, {"jams_version", "0.3.4"}};
  return Json{{"annotations", {beat, tempo}}, {"file_metadata", file}, {"sandbox", Json::object()}}.dump(1) + "\n";
}

}  // namespace

BeatFormat beat_format_named(const std::string& name) {
  if (name == "text" || name == "txt") return BeatFormat::text;
  if (name == "jams") return BeatFormat::jams;
  if (name == "audacity") return BeatFormat::audacity;
  throw Error(ErrorCode::invalid_argument, "--format: expected txt, jams or audacity, found \"" + name + "\"");
}

std::string beats_as(BeatFormat format, const BeatGrid& grid, const BeatsOrigin& origin) {
  if (format == BeatFormat::jams) return as_jams(grid, origin);
  return format == BeatFormat::audacity ? as_labels(grid) : as_text(grid);
}

}  // namespace pop2piano
