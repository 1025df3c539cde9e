// SPDX-License-Identifier: MIT
#include "learning/train/train_config.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/core/closest_name.h"

namespace pop2piano::training {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& what, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, what + ": " + message);
}

double read_number(const Json& value, const std::string& what, const std::string& name) {
  if (!value.is_number()) fail(what, name + " must be a number, found " + value.dump());
  const double number = value.get<double>();
  if (!std::isfinite(number) || number < 0.0) fail(what, name + " must be a number >= 0, found " + value.dump());
  return number;
}

RecordSource read_source(const Json& value, const std::string& what, const std::string& name) {
  if (value.is_string()) return {value.get<std::string>(), 1.0};
  if (!value.is_object()) fail(what, name + " holds paths or {\"path\", \"weight\"}, found " + value.dump());
  RecordSource source;
  for (const auto& [key, part] : value.items()) {
    if (key == "path" && part.is_string()) {
      source.path = part.get<std::string>();
    } else if (key == "weight") {
      source.weight = read_number(part, what, name + ".weight");
    } else {
      fail(what, name + ": a source has a text \"path\" and a number \"weight\", found \"" + key + "\"");
    }
  }
  if (source.path.empty()) fail(what, name + ": a source without \"path\"");
  return source;
}

struct ReadPlace {
  const Json& value;
  const std::string& what;
  const std::string& name;

  void operator()(double* place) const { *place = read_number(value, what, name); }
  void operator()(std::int64_t* place) const {
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > (1ULL << 62)) ||
        value.get<std::int64_t>() < 0) {
      fail(what, name + " must be a whole number >= 0, found " + value.dump());
    }
    *place = value.get<std::int64_t>();
  }
  void operator()(std::string* place) const {
    if (!value.is_string()) fail(what, name + " must be a text, found " + value.dump());
    *place = value.get<std::string>();
  }
  void operator()(std::vector<RecordSource>* place) const {
    if (!value.is_array()) fail(what, name + " must be a list, found " + value.dump());
    place->clear();
    for (const auto& entry : value) place->push_back(read_source(entry, what, name));
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

// The names of all fields and of their sections ("data").
std::vector<std::string> known_names(const std::vector<ConfigField>& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) {
    names.push_back(field.name);
    const auto dot = field.name.find('.');
    if (dot != std::string::npos) names.push_back(field.name.substr(0, dot));
  }
  return names;
}

void require(bool holds, const std::string& what, const std::string& message) {
  if (!holds) fail(what, message);
}

void check_ranges(const TrainConfig& c, const std::string& what) {
  require(c.device == "auto" || c.device == "cpu" || c.device == "cuda", what,
          "device must be auto, cpu or cuda, found \"" + c.device + "\"");
  require(c.precision == "bf16" || c.precision == "f32", what,
          "precision must be bf16 or f32, found \"" + c.precision + "\"");
  require(c.steps > 0 && c.batch > 0 && c.accumulate > 0, what, "steps, batch and accumulate must be at least 1");
  require(c.batch <= 65536 && c.accumulate <= 65536, what, "batch and accumulate must be at most 65536");
  require(c.bucket_batches > 0 && c.max_tokens > 1, what, "data.bucket_batches must be >= 1, data.max_tokens >= 2");
  require(c.log_every > 0 && c.checkpoint_every > 0 && c.validate_every > 0, what,
          "log_every, checkpoint.every and validation.every must be at least 1");
  require(c.keep_checkpoints > 0, what, "checkpoint.keep must be at least 1");
  require(c.style_dropout <= 1.0 && c.dropout < 1.0, what, "data.style_dropout and dropout are chances below 1");
  require(c.optimiser.beta1 < 1.0 && c.optimiser.beta2 < 1.0 && c.optimiser.average_decay < 1.0, what,
          "optimiser.beta1, beta2 and average_decay must be below 1");
  require(c.augmentation.narrowest_mask <= c.augmentation.widest_mask, what,
          "augmentation.narrowest_mask must not be above widest_mask");
  require(c.augmentation.lowest_contrast <= c.augmentation.highest_contrast, what,
          "augmentation.lowest_contrast must not be above highest_contrast");
  require(c.loss.label_smoothing < 1.0, what, "loss.label_smoothing must be below 1");
}

void add_data_fields(TrainConfig& c, std::vector<ConfigField>& f) {
  f.push_back({"data.records", "record files or folders; {\"path\", \"weight\"} to draw one more often", &c.records});
  f.push_back({"data.loader_threads", "threads that prepare batches", &c.loader_threads});
  f.push_back({"data.bucket_batches", "batches whose segments are sorted by length together", &c.bucket_batches});
  f.push_back({"data.max_tokens", "longest target; longer ones are cut", &c.max_tokens});
  f.push_back({"data.most_songs", "only so many songs of the training split; 0: all", &c.most_songs});
  f.push_back({"data.style_dropout", "how often a style is replaced by auto", &c.style_dropout});
  f.push_back({"data.split_modulus", "song number modulo this decides the split; 0: only the record's own split",
               &c.split_modulus});
  f.push_back({"data.validation_remainder", "remainder of validation songs", &c.validation_remainder});
  f.push_back({"data.test_remainder", "remainder of test songs, never touched", &c.test_remainder});
}

void add_augmentation_fields(AugmentationOptions& a, std::vector<ConfigField>& f) {
  f.push_back({"augmentation.lowest_contrast", "least factor on normalised features", &a.lowest_contrast});
  f.push_back({"augmentation.highest_contrast", "largest factor", &a.highest_contrast});
  f.push_back({"augmentation.level", "largest constant added", &a.level});
  f.push_back({"augmentation.equaliser", "deviation of four cosines over the bands", &a.equaliser});
  f.push_back({"augmentation.most_masks", "largest number of masked runs of bands", &a.most_masks});
  f.push_back({"augmentation.narrowest_mask", "bands", &a.narrowest_mask});
  f.push_back({"augmentation.widest_mask", "bands", &a.widest_mask});
  f.push_back({"augmentation.noise_chance", "how often noise is added", &a.noise_chance});
  f.push_back({"augmentation.noise_level", "its highest steady power: logarithm, against the mean", &a.noise_level});
  f.push_back({"augmentation.jitter_chance", "how often frame times are moved", &a.jitter_chance});
  f.push_back({"augmentation.jitter", "frames: largest shift, and largest drift over a segment", &a.jitter});
  f.push_back({"augmentation.pitch_shift_chance", "how often input and target are transposed", &a.pitch_shift_chance});
  f.push_back({"augmentation.most_pitch_shift", "semitones", &a.most_pitch_shift});
  f.push_back({"augmentation.tune_loss_chance", "how often the channels of the tune are silent", &a.tune_loss_chance});
}

void add_optimiser_fields(TrainConfig& c, std::vector<ConfigField>& f) {
  f.push_back({"optimiser.peak_rate", "highest learning rate", &c.rate.peak});
  f.push_back({"optimiser.final_rate", "learning rate at the end of the cosine", &c.rate.floor});
  f.push_back({"optimiser.warmup_steps", "steps of linear rise", &c.rate.warmup_steps});
  f.push_back({"optimiser.beta1", "AdamW: decay of the mean", &c.optimiser.beta1});
  f.push_back({"optimiser.beta2", "AdamW: decay of the squares", &c.optimiser.beta2});
  f.push_back({"optimiser.epsilon", "AdamW: added to the root", &c.optimiser.epsilon});
  f.push_back({"optimiser.weight_decay", "AdamW: decoupled decay", &c.optimiser.weight_decay});
  f.push_back({"optimiser.clip_norm", "largest gradient norm; 0: none", &c.optimiser.clip_norm});
  f.push_back({"optimiser.average_decay", "of the moving average of weights (EMA)", &c.optimiser.average_decay});
}

void add_loss_fields(LossWeights& l, std::vector<ConfigField>& f) {
  f.push_back({"loss.position", "weight of position tokens", &l.position});
  f.push_back({"loss.melody_pitch", "weight of melody pitches", &l.melody_pitch});
  f.push_back({"loss.accompaniment_pitch", "weight of accompaniment pitches", &l.accompaniment_pitch});
  f.push_back({"loss.duration", "weight of durations", &l.duration});
  f.push_back({"loss.end", "weight of the end token", &l.end});
  f.push_back({"loss.label_smoothing", "part of the target spread over all tokens", &l.label_smoothing});
}

}  // namespace

std::vector<ConfigField> config_fields(TrainConfig& c) {
  std::vector<ConfigField> f;
  f.push_back({"output", "folder of the run: checkpoints, log, curve, models", &c.output});
  f.push_back({"initial", "model folder or weights file to start from; empty: random weights", &c.initial});
  f.push_back({"architecture", "config.json of the network; empty: that of initial", &c.architecture});
  f.push_back({"seed", "of weights, sampling, augmentation and dropout", &c.seed});
  f.push_back({"device", "auto, cpu or cuda", &c.device});
  f.push_back({"precision", "bf16 or f32: type of matrix products", &c.precision});
  f.push_back({"threads", "of the computation; 0: all", &c.threads});
  f.push_back({"steps", "optimiser steps", &c.steps});
  f.push_back({"batch", "segments per pass and process", &c.batch});
  f.push_back({"accumulate", "passes per step", &c.accumulate});
  f.push_back({"dropout", "of layer outputs (published: 0.1)", &c.dropout});
  f.push_back({"log_every", "steps per line of the log", &c.log_every});
  add_data_fields(c, f);
  add_augmentation_fields(c.augmentation, f);
  add_optimiser_fields(c, f);
  add_loss_fields(c.loss, f);
  f.push_back({"validation.every", "steps", &c.validate_every});
  f.push_back({"validation.segments", "segments whose loss is measured; 0: none", &c.validation_segments});
  f.push_back({"validation.decoded", "segments decoded freely for note F1; 0: none", &c.decoded_segments});
  f.push_back({"checkpoint.every", "steps", &c.checkpoint_every});
  f.push_back({"checkpoint.keep", "newest checkpoints kept", &c.keep_checkpoints});
  return f;
}

TrainConfig parse_train_config(const std::string& text, const std::string& what) {
  const auto json = Json::parse(text, nullptr, false, true);
  if (json.is_discarded() || !json.is_object()) {
    throw Error(ErrorCode::malformed, what + ": not a JSON object; see pop2piano-train options for the keys");
  }
  std::map<std::string, Json> values;
  flatten(json, "", values);
  TrainConfig config;
  const auto fields = config_fields(config);
  const auto names = known_names(fields);
  for (const auto& [name, value] : values) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
    if (field == fields.end()) {
      const bool empty_section = value.is_object() && std::ranges::find(names, name) != names.end();
      if (empty_section) continue;
      const auto nearest = closest_name(name, names);
      fail(what, "unknown key \"" + name + "\"" +
                     (nearest.empty() ? "; see pop2piano-train options" : ", did you mean \"" + nearest + "\"?"));
    }
    std::visit(ReadPlace{value, what, name}, field->place);
  }
  config.rate.total_steps = config.steps;
  check_ranges(config, what);
  return config;
}

TrainConfig read_train_config(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    throw Error(ErrorCode::not_found, file.string() + ": cannot be read; a training config (JSON) is expected");
  return parse_train_config(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
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
                    .tune_loss_chance = 0.0};
  c.validation_segments = c.decoded_segments = 0;
  c.validate_every = c.checkpoint_every = steps;
  return c;
}

std::string to_json(const TrainConfig& config) {
  TrainConfig copy = config;
  Json json = Json::object();
  for (const auto& field : config_fields(copy)) {
    const auto dot = field.name.find('.');
    auto value = std::visit(WritePlace{}, field.place);
    if (dot == std::string::npos) {
      json[field.name] = std::move(value);
    } else {
      json[field.name.substr(0, dot)][field.name.substr(dot + 1)] = std::move(value);
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace pop2piano::training
