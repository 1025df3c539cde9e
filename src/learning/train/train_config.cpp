// SPDX-License-Identifier: MIT
#include "learning/train/train_config.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/core/closest_name.h"

namespace pop2piano::training {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& what, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, what + ": " + message);
}

RecordSource read_source(const Json& value, const std::string& what, const std::string& name) {
  if (value.is_string()) return {value.get<std::string>(), 1.0};
  if (!value.is_object()) fail(what, name + " holds paths or {\"path\", \"weight\"}, found " + value.dump());
  RecordSource source;
  for (const auto& [key, part] : value.items()) {
    if (key == "path" && part.is_string()) {
      source.path = part.get<std::string>();
    } else if (key == "weight" && part.is_number() && std::isfinite(part.get<double>()) && part.get<double>() >= 0.0) {
      source.weight = part.get<double>();
    } else {
      fail(what, name + ": a source has a text \"path\" and a number \"weight\" of at least 0, found \"" + key + "\"");
    }
  }
  if (source.path.empty()) fail(what, name + ": a source without \"path\"");
  return source;
}

// Sets what the key's place points to.
struct ReadPlace {
  const ConfigKey& key;
  const Json& value;
  const std::string& what;

  void require(bool holds) const {
    if (!holds) fail(what, key.name + " must be " + key.expected() + ", found " + value.dump());
  }
  [[nodiscard]] bool within(double number) const {
    const ConfigLimits& l = key.limits;
    return (l.least_is == ConfigLimits::Least::included ? number >= l.least : number > l.least) &&
           (l.most_is == ConfigLimits::Most::included ? number <= l.most : number < l.most);
  }
  void operator()(double* place) const {
    require(value.is_number() && std::isfinite(value.get<double>()) && within(value.get<double>()));
    *place = value.get<double>();
  }
  void operator()(std::int64_t* place) const {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
    require(value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > kMost) &&
            within(value.get<double>()));
    *place = value.get<std::int64_t>();
  }
  void operator()(std::string* place) const {
    require(value.is_string());
    const auto text = value.get<std::string>();
    const auto& choices = key.limits.choices;
    require(choices.empty() || std::ranges::find(choices, text) != choices.end());
    *place = text;
  }
  void operator()(std::vector<RecordSource>* place) const {
    require(value.is_array());
    place->clear();
    for (const auto& entry : value) place->push_back(read_source(entry, what, key.name));
  }
};

struct WritePlace {
  Json operator()(const double* place) const { return *place; }
  Json operator()(const std::int64_t* place) const { return *place; }
  Json operator()(const std::string* place) const { return *place; }
  Json operator()(const std::vector<RecordSource>* place) const {
    Json list = Json::array();
    for (const auto& source : *place) list.push_back({{"path", source.path}, {"weight", source.weight}});
    return list;
  }
};

// {"data": {"batch": 1}} -> {"data.batch": 1}; lists and empty objects are values.
void flatten(const Json& object, const std::string& prefix, std::map<std::string, Json>& out) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object() && !value.empty()) {
      flatten(value, prefix + key + ".", out);
    } else {
      out[prefix + key] = value;
    }
  }
}

class Reading {
 public:
  Reading(TrainConfig& config, const std::string& what, Training training, const ConfigNote& note)
      : keys_(config_keys(config)), what_(what), training_(training), note_(note) {}

  void set(const std::string& name, const Json& value) {
    const bool empty_section = value.is_object() && value.empty() && is_section(name);
    if (empty_section) return;
    const auto key = std::ranges::find(keys_, present_name(name), &ConfigKey::name);
    if (key == keys_.end()) refuse(name);
    if (!seen_.insert(key->name).second) fail(what_, key->name + " and \"" + name + "\" are the same; give one");
    if (key->name != name) note("\"" + name + "\" is now called \"" + key->name + "\"; the old name still works");
    if (!key->is_read_by(training_)) idle_ += (idle_.empty() ? "" : ", ") + name;
    std::visit(ReadPlace{*key, value, what_}, key->place);
  }
  void finish() const {
    if (!idle_.empty()) note(fmt::format("{} does not read {}", command_of(training_), idle_));
  }

 private:
  void note(const std::string& line) const {
    if (note_) note_(what_ + ": " + line);
  }
  [[nodiscard]] bool is_section(const std::string& name) const {
    return std::ranges::any_of(keys_, [&](const ConfigKey& k) { return k.name.starts_with(name + "."); });
  }
  // The nearest name of a key that is read, or of its section.
  [[noreturn]] void refuse(const std::string& name) const {
    std::vector<std::string> names;
    for (const ConfigKey& key : keys_) {
      if (!key.is_read_by(training_)) continue;
      names.push_back(key.name);
      const auto dot = key.name.find('.');
      if (dot != std::string::npos) names.push_back(key.name.substr(0, dot));
    }
    const auto nearest = closest_name(name, names);
    fail(what_, "unknown key \"" + name + "\"" +
                    (nearest.empty() ? fmt::format("; see pop2piano-train options {}", command_of(training_))
                                     : ", did you mean \"" + nearest + "\"?"));
  }

  std::vector<ConfigKey> keys_;
  const std::string& what_;
  Training training_;
  const ConfigNote& note_;
  std::set<std::string> seen_;
  std::string idle_;  // names of keys that this training does not read
};

// What no line of the table can say.
void check_together(const TrainConfig& c, Training training, const std::string& what) {
  if (c.augmentation.narrowest_mask > c.augmentation.widest_mask)
    fail(what, "augmentation.narrowest_mask must not be above widest_mask");
  if (c.augmentation.lowest_contrast > c.augmentation.highest_contrast)
    fail(what, "augmentation.lowest_contrast must not be above highest_contrast");
  if (training == Training::beats && c.records.empty()) fail(what, "data.records is missing: songs to learn from");
}

}  // namespace

TrainConfig parse_train_config(const std::string& text, const std::string& what, Training training,
                               const ConfigNote& note) {
  const auto json = Json::parse(text, nullptr, false, true);
  if (json.is_discarded() || !json.is_object()) {
    throw Error(ErrorCode::malformed, fmt::format("{}: not a JSON object; see pop2piano-train options {} for the keys",
                                                  what, command_of(training)));
  }
  std::map<std::string, Json> values;
  flatten(json, "", values);
  TrainConfig config = default_config(training);
  Reading reading(config, what, training, note);
  for (const auto& [name, value] : values) reading.set(name, value);
  reading.finish();
  config.rate.total_steps = config.steps;
  check_together(config, training, what);
  return config;
}

TrainConfig read_train_config(const std::filesystem::path& file, Training training, const ConfigNote& note) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    throw Error(ErrorCode::not_found, file.string() + ": cannot be read; a training config (JSON) is expected");
  return parse_train_config(std::string(std::istreambuf_iterator<char>(in), {}), file.string(), training, note);
}

TrainConfig overfit_config(const TrainConfig& config, std::int64_t songs, std::int64_t steps) {
  TrainConfig c = config;
  c.most_songs = songs;
  c.steps = c.rate.total_steps = steps;
  c.rate.warmup_steps = std::min<std::int64_t>(c.rate.warmup_steps, steps / 10);
  c.style_dropout = c.dropout = c.loss.label_smoothing = c.optimiser.average_decay = 0.0;
  c.augmentation = {.lowest_contrast = 1.0,
                    .highest_contrast = 1.0,
                    .level = 0.0,
                    .equaliser = 0.0,
                    .most_masks = 0,
                    .noise_chance = 0.0,
                    .jitter_chance = 0.0,
                    .pitch_shift_chance = 0.0,
                    .melody_loss_chance = 0.0};
  c.validation_segments = c.decoded_segments = 0;
  c.validate_every = c.checkpoint_every = steps;
  return c;
}

std::string to_json(const TrainConfig& config, Training training) {
  TrainConfig copy = config;
  Json json = Json::object();
  for (const ConfigKey& key : config_keys(copy)) {
    if (!key.is_read_by(training)) continue;
    const auto dot = key.name.find('.');
    auto value = std::visit(WritePlace{}, key.place);
    if (dot == std::string::npos) {
      json[key.name] = std::move(value);
    } else {
      json[key.name.substr(0, dot)][key.name.substr(dot + 1)] = std::move(value);
    }
  }
  return json.dump(2) + "\n";
}

std::string config_help(Training training) {
  TrainConfig config = default_config(training);
  std::string text = fmt::format("Keys of the configuration file of pop2piano-train {}:\n", command_of(training));
  for (const ConfigKey& key : config_keys(config)) {
    if (!key.is_read_by(training)) continue;
    text += fmt::format("  {:<31} {} ({}, default {})\n", key.name, key.meaning, key.expected(),
                        std::visit(WritePlace{}, key.place).dump());
  }
  return text;
}

}  // namespace pop2piano::training
