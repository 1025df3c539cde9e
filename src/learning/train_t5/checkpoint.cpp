// SPDX-License-Identifier: MIT
#include "learning/train_t5/checkpoint.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "numbers/model/config.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano::training {
namespace {

using Json = nlohmann::json;

constexpr const char* kStateName = "train.state";  // u8: JSON
constexpr const char* kFormat = "pop2piano.train/1";

Json state_json(const RunState& state, const Optimiser& optimiser, const ModelConfig& model) {
  return {{"format", kFormat},
          {"step", state.step},
          {"seconds", state.seconds},
          {"best_loss", state.best_loss},
          {"best_step", state.best_step},
          {"segments", state.segments},
          {"optimiser_steps", optimiser.steps()},
          {"model", Json::parse(write_config(model))}};
}

Json read_state(const TensorSet& set) {
  const Tensor* text = set.find(kStateName);
  if (text == nullptr || text->type != DataType::u8) {
    throw Error(ErrorCode::malformed, set.file + ": no checkpoint of pop2piano-train (" + kStateName + " is missing)");
  }
  const auto* chars = reinterpret_cast<const char*>(text->bytes.data());
  auto json = Json::parse(chars, chars + text->bytes.size(), nullptr, false);
  if (!json.is_object() || json.value("format", "") != kFormat) {
    throw Error(ErrorCode::malformed, set.file + ": a checkpoint of another version; expected " + kFormat);
  }
  return json;
}

// All tensors whose name begins with `prefix`, without it.
NamedTensors tensors_under(const TensorSet& set, const std::string& prefix) {
  NamedTensors out;
  for (const auto& [name, tensor] : set.tensors) {
    if (name.rfind(prefix, 0) != 0) continue;
    const auto values = to_floats(tensor, name, set.file);
    auto copy = at::empty(tensor.shape, at::kFloat);
    std::copy(values.begin(), values.end(), copy.data_ptr<float>());
    out[name.substr(prefix.size())] = std::move(copy);
  }
  return out;
}

void restore_all(const TensorSet& set, const std::string& prefix, const NamedTensors& to) {
  for (const auto& [name, view] : to) restore(set, prefix + name, view);
}

RunState restore_run(const TensorSet& set, Parameters& parameters, Optimiser& optimiser) {
  const auto json = read_state(set);
  auto state = optimiser.state();
  restore_all(set, "weights/", parameters.named(parameters.master()));
  restore_all(set, "mean/", parameters.named(state.mean));
  restore_all(set, "square/", parameters.named(state.square));
  restore_all(set, "average/", parameters.named(state.average));
  state.steps = json.value("optimiser_steps", std::int64_t{0});
  optimiser.restore(state);
  parameters.refresh();
  return {json.value("step", std::int64_t{0}), json.value("seconds", 0.0), json.value("best_loss", 0.0),
          json.value("best_step", std::int64_t{0}), json.value("segments", std::int64_t{0})};
}

}  // namespace

void save_checkpoint(const CheckpointFolder& folder, const RunState& state, const Parameters& parameters,
                     const Optimiser& optimiser, const ModelConfig& model) {
  NamedTensors held;  // keeps the bytes alive
  std::map<std::string, Tensor, std::less<>> tensors;
  const auto add = [&](const std::string& prefix, const at::Tensor& flat) {
    for (const auto& [name, view] : parameters.named(flat)) {
      auto& values = held[prefix + name] = view.detach().to(at::kCPU).contiguous();
      tensors[prefix + name] = borrowed(values);
    }
  };
  const auto moments = optimiser.state();
  add("weights/", parameters.master());
  add("mean/", moments.mean);
  add("square/", moments.square);
  add("average/", moments.average);
  const std::string text = state_json(state, optimiser, model).dump();
  tensors[kStateName] = {
      DataType::u8, {static_cast<std::int64_t>(text.size())}, std::as_bytes(std::span(text.data(), text.size()))};
  folder.save(state.step, tensors, {{"format", kFormat}});
}

std::optional<RunState> load_newest_checkpoint(const CheckpointFolder& folder, Parameters& parameters,
                                               Optimiser& optimiser, std::string& skipped) {
  const auto set = folder.newest([](const TensorSet& found) { read_state(found); }, skipped);
  if (!set) return std::nullopt;
  return restore_run(*set, parameters, optimiser);
}

bool is_checkpoint(const std::filesystem::path& file) {
  return file.extension() == ".safetensors" && std::filesystem::is_regular_file(file) &&
         read_safetensors(file).find(kStateName) != nullptr;
}

CheckpointModel read_checkpoint_model(const std::filesystem::path& file) {
  const auto set = read_safetensors(file);
  const auto json = read_state(set);
  CheckpointModel out;
  out.config = parse_config({file.string(), json.at("model").dump(), "", ""});
  out.weights = tensors_under(set, "average/");
  out.step = json.value("step", std::int64_t{0});
  return out;
}

}  // namespace pop2piano::training
