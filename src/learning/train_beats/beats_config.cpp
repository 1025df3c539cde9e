// SPDX-License-Identifier: MIT
#include "learning/train_beats/beats_config.h"

#include <pop2piano/error.h>

#include <fstream>
#include <map>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/core/closest_name.h"

namespace pop2piano::training {
namespace {

using Json = nlohmann::json;
using Place = std::variant<double*, std::int64_t*, std::string*, std::vector<BeatSource>*>;

std::map<std::string, Place> places_of(BeatTrainConfig& c) {
  return {{"output", &c.output},
          {"start_from", &c.start_from},
          {"records", &c.records},
          {"validation", &c.validation},
          {"seed", &c.seed},
          {"threads", &c.threads},
          {"steps", &c.steps},
          {"batch", &c.batch},
          {"segment_frames", &c.segment_frames},
          {"peak_rate", &c.peak_rate},
          {"warmup_steps", &c.warmup_steps},
          {"weight_decay", &c.weight_decay},
          {"dropout", &c.dropout},
          {"average_decay", &c.average_decay},
          {"downbeat_weight", &c.downbeat_weight},
          {"checkpoint_every", &c.checkpoint_every},
          {"validation_batches", &c.validation_batches}};
}

std::vector<BeatSource> sources_of(const Json& json) {
  std::vector<BeatSource> sources;
  for (const Json& item : json) {
    if (item.is_string())
      sources.push_back({.path = item.get<std::string>()});
    else
      sources.push_back({.path = item.at("path").get<std::string>(), .weight = item.value("weight", 1.0)});
  }
  return sources;
}

void set(const Place& place, const Json& value) {
  if (auto* const* number = std::get_if<double*>(&place)) **number = value.get<double>();
  if (auto* const* integer = std::get_if<std::int64_t*>(&place)) **integer = value.get<std::int64_t>();
  if (auto* const* text = std::get_if<std::string*>(&place)) **text = value.get<std::string>();
  if (auto* const* sources = std::get_if<std::vector<BeatSource>*>(&place)) **sources = sources_of(value);
}

void check(const BeatTrainConfig& c, const std::string& file) {
  const bool sound = !c.records.empty() && c.threads >= 1 && c.steps >= 1 && c.batch >= 1 && c.segment_frames >= 128 &&
                     c.segment_frames <= 1 << 16 && c.peak_rate > 0 && c.dropout >= 0 && c.dropout < 1 &&
                     c.average_decay >= 0 && c.average_decay < 1 && c.checkpoint_every >= 1;
  if (!sound) {
    throw Error(ErrorCode::invalid_argument,
                file +
                    ": records are needed, numbers must be positive, dropout and average_decay below 1, "
                    "segment_frames 128 to 65536; correct the file");
  }
}

}  // namespace

BeatTrainConfig read_beat_config(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorCode::not_found, file.string() + ": cannot be opened; give a JSON file");
  const Json json = Json::parse(in, nullptr, false);
  if (!json.is_object()) throw Error(ErrorCode::malformed, file.string() + ": expected a JSON object");
  BeatTrainConfig config;
  const auto places = places_of(config);
  std::vector<std::string> names;
  for (const auto& [name, place] : places) names.push_back(name);
  for (const auto& [key, value] : json.items()) {
    const auto place = places.find(key);
    if (place == places.end()) {
      throw Error(ErrorCode::invalid_argument, fmt::format("{}: unknown key \"{}\"; did you mean \"{}\"?",
                                                           file.string(), key, closest_name(key, names)));
    }
    try {
      set(place->second, value);
    } catch (const Json::exception&) {
      throw Error(ErrorCode::invalid_argument, file.string() + ": \"" + key + "\" has a value of the wrong type");
    }
  }
  check(config, file.string());
  return config;
}

}  // namespace pop2piano::training
