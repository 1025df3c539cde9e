// SPDX-License-Identifier: MIT
#include "numbers/model/load.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "base/core/paths.h"
#include "numbers/model/config.h"
#include "numbers/weights/safetensors.h"
#include "numbers/weights/torch_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostIndexBytes = std::size_t{16} << 20;

TensorSet read_weights(const fs::path& file) {
  return file.extension() == ".safetensors" ? read_safetensors(file) : read_torch_file(file);
}

/// The parts that an index names, one after the other.
TensorSet read_sharded(const fs::path& index) {
  const std::vector<std::string> parts = shard_files(index);
  TensorSet all = read_weights(index.parent_path() / parts.front());
  for (auto part = std::next(parts.begin()); part != parts.end(); ++part) {
    merge_tensors(all, read_weights(index.parent_path() / *part));
  }
  return all;
}

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".ckpt") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TensorSet read_folder(const fs::path& folder) {
  if (path_exists(folder / "model.safetensors")) return read_safetensors(folder / "model.safetensors");
  if (path_exists(folder / "model.safetensors.index.json"))
    return read_sharded(folder / "model.safetensors.index.json");
  if (path_exists(folder / "pytorch_model.bin")) return read_torch_file(folder / "pytorch_model.bin");
  if (path_exists(folder / "pytorch_model.bin.index.json"))
    return read_sharded(folder / "pytorch_model.bin.index.json");
  const auto checkpoints = checkpoints_in(folder);
  if (checkpoints.size() == 1) return read_torch_file(checkpoints.front());
  throw Error(ErrorCode::not_found, folder.string() +
                                        ": no weights, expected model.safetensors, pytorch_model.bin or one "
                                        "checkpoint (.ckpt)");
}

/// A dimension of a tensor, for checkpoints that come without a configuration.
int dimension(const TensorSet& tensors, const std::string& name, std::size_t index) {
  const Tensor* tensor = tensors.find(name);
  if (tensor == nullptr || tensor->shape.size() <= index || tensor->shape[index] < 1 ||
      tensor->shape[index] > (1 << 20)) {
    throw Error(ErrorCode::malformed, tensors.file + ": tensor " + name +
                                          " is missing or has no usable shape, expected a Pop2Piano network; a "
                                          "config.json beside the file may help");
  }
  return static_cast<int>(tensor->shape[index]);
}

int count_blocks(const TensorSet& tensors, const std::string& stack) {
  int count = 0;
  while (tensors.find(stack + ".block." + std::to_string(count) + ".layer.0.SelfAttention.q.weight") != nullptr)
    ++count;
  return count;
}

/// The authors' checkpoints hold no network configuration that could be read without running code: sizes follow from
/// the shapes, the rest is as published.
ModelConfig infer_config(const TensorSet& tensors) {
  const std::string attention = "encoder.block.0.layer.0.SelfAttention.";
  const int heads = dimension(tensors, attention + "relative_attention_bias.weight", 1);
  nlohmann::json config{
      {"vocab_size", dimension(tensors, "shared.weight", 0)},
      {"composer_vocab_size", dimension(tensors, "mel_conditioner.embedding.weight", 0)},
      {"d_model", dimension(tensors, "shared.weight", 1)},
      {"num_heads", heads},
      {"d_kv", dimension(tensors, attention + "q.weight", 0) / heads},
      {"d_ff", dimension(tensors, "encoder.block.0.layer.1.DenseReluDense.wi_0.weight", 0)},
      {"num_layers", count_blocks(tensors, "encoder")},
      {"num_decoder_layers", count_blocks(tensors, "decoder")},
      {"relative_attention_num_buckets", dimension(tensors, attention + "relative_attention_bias.weight", 0)},
      {"tie_word_embeddings", false}};
  return parse_config({.folder = tensors.file, .config = config.dump()});
}

/// "license: mit" in the front matter of a model card.
std::string find_licence(const fs::path& folder) {
  for (const char* name : {"README.md", "MODEL_CARD.md"}) {
    if (!is_plain_file(folder / name)) continue;
    const MappedFile mapped(folder / name);
    std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()),
                          std::min<std::size_t>(mapped.bytes().size(), 1 << 16));
    const auto key = text.find("\nlicense:");
    if (key == std::string_view::npos) continue;
    text.remove_prefix(key + std::string_view("\nlicense:").size());
    text = text.substr(0, text.find('\n'));
    const auto first = text.find_first_not_of(" \t\"'");
    const auto last = text.find_last_not_of(" \t\r\"'");
    if (first != std::string_view::npos) return std::string(text.substr(first, last - first + 1)).substr(0, 80);
  }
  return {};
}

}  // namespace

std::vector<std::string> shard_files(const fs::path& index) {
  const MappedFile mapped(index);
  const std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  const auto bad = [&](const std::string& what) { return Error(ErrorCode::malformed, index.string() + ": " + what); };
  if (text.size() > kMostIndexBytes) {
    throw bad(std::to_string(text.size()) + " bytes, expected an index of at most " + std::to_string(kMostIndexBytes));
  }
  const auto root = nlohmann::json::parse(text, nullptr, false);
  if (!root.is_object() || !root.contains("weight_map") || !root["weight_map"].is_object()) {
    throw bad("no \"weight_map\", expected an index of weight files");
  }
  std::set<std::string> parts;
  for (const auto& [tensor, part] : root["weight_map"].items()) {
    const std::string name = part.is_string() ? part.get<std::string>() : std::string();
    if (name.empty() || fs::path(name).filename() != name || name == "." || name == "..") {
      throw bad("tensor " + tensor.substr(0, 80) + " lies in a file that is not one of this folder");
    }
    parts.insert(name);
  }
  if (parts.empty() || parts.size() > 1000) throw bad(std::to_string(parts.size()) + " files, expected 1 to 1000");
  return {parts.begin(), parts.end()};
}

LoadedFiles load_files(const fs::path& path) {
  if (!path_exists(path)) throw Error(ErrorCode::not_found, path.string() + ": no such model folder or checkpoint");
  const bool whole_folder = is_folder(path);
  const fs::path folder = whole_folder ? path : path.parent_path();
  LoadedFiles files;
  const bool configured = path_exists(folder / "config.json");
  if (configured) files.config = read_config(folder);
  if (whole_folder && !configured && checkpoints_in(folder).empty()) {
    throw Error(ErrorCode::not_found, path.string() + ": no config.json, expected a model folder");
  }
  files.tensors = whole_folder ? read_folder(folder) : read_weights(path);
  if (!configured) files.config = infer_config(files.tensors);
  files.licence = find_licence(folder);
  return files;
}

}  // namespace pop2piano
