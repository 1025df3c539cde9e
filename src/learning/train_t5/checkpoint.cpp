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

std::string file_name(std::int64_t step) {
  std::string digits = std::to_string(step);
  digits.insert(0, digits.size() < 9 ? 9 - digits.size() : 0, '0');
  return "step-" + digits + ".safetensors";
}

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

void copy_all(const NamedTensors& from, const NamedTensors& to, const std::string& file) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, view] : to) {
    const auto found = from.find(name);
    if (found == from.end() || found->second.sizes() != view.sizes()) {
      throw Error(ErrorCode::malformed, file + ": tensor " + name +
                                            " is missing or has another shape: the checkpoint belongs to another "
                                            "network; use its own config or another output folder");
    }
    view.copy_(found->second);
  }
}

RunState restore(const TensorSet& set, Parameters& parameters, Optimiser& optimiser) {
  const auto json = read_state(set);
  auto state = optimiser.state();
  copy_all(tensors_under(set, "weights/"), parameters.named(parameters.master()), set.file);
  copy_all(tensors_under(set, "mean/"), parameters.named(state.mean), set.file);
  copy_all(tensors_under(set, "square/"), parameters.named(state.square), set.file);
  copy_all(tensors_under(set, "average/"), parameters.named(state.average), set.file);
  state.steps = json.value("optimiser_steps", std::int64_t{0});
  optimiser.restore(state);
  parameters.refresh();
  return {json.value("step", std::int64_t{0}), json.value("seconds", 0.0), json.value("best_loss", 0.0),
          json.value("best_step", std::int64_t{0}), json.value("segments", std::int64_t{0})};
}

}  // namespace

CheckpointFolder::CheckpointFolder(std::filesystem::path folder, std::int64_t keep)
    : folder_(std::move(folder)), keep_(keep) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) throw Error(ErrorCode::write_failed, folder_.string() + ": cannot be made: " + failed.message());
}

std::vector<std::filesystem::path> CheckpointFolder::files_ending(const char* extension) const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const auto name = entry.path().filename().string();
    if (name.rfind("step-", 0) == 0 && entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::filesystem::path> CheckpointFolder::files() const { return files_ending(".safetensors"); }

std::size_t CheckpointFolder::remove_unfinished() const {
  const auto unfinished = files_ending(".part");  // OutputFile's name until it is whole
  for (const auto& file : unfinished) {
    std::error_code ignored;  // one that stays costs room only
    std::filesystem::remove(file, ignored);
  }
  return unfinished.size();
}

void CheckpointFolder::save(const RunState& state, const Parameters& parameters, const Optimiser& optimiser,
                            const ModelConfig& model) {
  NamedTensors held;  // keeps the bytes alive
  std::map<std::string, Tensor, std::less<>> tensors;
  const auto add = [&](const std::string& prefix, const at::Tensor& flat) {
    for (const auto& [name, view] : parameters.named(flat)) {
      auto& values = held[prefix + name] = view.detach().to(at::kCPU).contiguous();
      tensors[prefix + name] = {
          DataType::f32,
          Shape(values.sizes().begin(), values.sizes().end()),
          {static_cast<const std::byte*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes())}};
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
  write_safetensors(folder_ / file_name(state.step), tensors, {{"format", kFormat}});
  auto old = files();
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep_) < old.size(); ++i) {
    std::error_code ignored;  // an old checkpoint that stays does no harm
    std::filesystem::remove(old[i], ignored);
  }
}

std::optional<RunState> CheckpointFolder::load_newest(Parameters& parameters, Optimiser& optimiser,
                                                      std::string& skipped) const {
  auto candidates = files();
  for (auto file = candidates.rbegin(); file != candidates.rend(); ++file) {
    std::optional<TensorSet> set;
    try {
      set = read_safetensors(*file);
      read_state(*set);
    } catch (const Error& error) {
      skipped += std::string(skipped.empty() ? "" : "; ") + error.what();
      continue;
    }
    return restore(*set, parameters, optimiser);
  }
  return std::nullopt;
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
