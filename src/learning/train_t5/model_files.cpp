// SPDX-License-Identifier: MIT
#include "learning/train_t5/model_files.h"

#include <pop2piano/error.h>

#include <algorithm>

#include "base/core/output_file.h"
#include "numbers/model/config.h"
#include "numbers/model/load.h"
#include "numbers/model/network.h"
#include "numbers/weights/safetensors.h"
#include "numbers/weights/torch_file.h"

namespace pop2piano::training {
namespace {

TensorSet read_tensors(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) {
    return path.extension() == ".safetensors" ? read_safetensors(path) : read_torch_file(path);
  }
  if (std::filesystem::exists(path / "model.safetensors")) return read_safetensors(path / "model.safetensors");
  return load_files(path).tensors;
}

at::Tensor to_torch(const TensorSet& set, const std::string& name) {
  const auto values = weight_values(set, name);
  auto out = at::empty(set.find(name)->shape, at::kFloat);
  std::copy(values.begin(), values.end(), out.data_ptr<float>());
  return out;
}

}  // namespace

NetworkShape network_shape_of(const ModelConfig& config) {
  if (config.tied_embeddings) {
    throw Error(
        ErrorCode::unsupported,
        "config.json: tie_word_embeddings is true; the trainer has an output matrix of its own (set it to false)");
  }
  NetworkShape s;
  s.vocabulary = config.vocab_size;
  s.d_model = config.d_model;
  s.head_size = config.d_kv;
  s.heads = config.num_heads;
  s.d_ff = config.d_ff;
  s.encoder_layers = config.encoder_layers;
  s.decoder_layers = config.decoder_layers;
  s.distance_buckets = config.bias_buckets;
  s.max_distance = config.bias_max_distance;
  s.norm_epsilon = config.norm_epsilon;
  s.styles = static_cast<std::int64_t>(config.styles.size());
  s.bands = config.features.inputs();
  const auto& f = config.features;
  if (f.kind != FeatureKind::mel) {
    s.positions = config.frame_count();
  } else {
    s.positions = 0;
    s.style_name = "mel_conditioner.embedding.weight";
  }
  return s;
}

NamedTensors read_weights(const std::filesystem::path& path) {
  const auto set = read_tensors(path);
  NamedTensors weights;
  for (const auto& [name, tensor] : set.tensors) {
    if (!name.ends_with(".scale")) weights[name] = to_torch(set, name);
  }
  return weights;
}

ModelConfig read_architecture(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found, path.string() + ": not there; expected a model folder, config.json or weights");
  }
  const bool is_folder = std::filesystem::is_directory(path);
  const auto folder = is_folder ? path : std::filesystem::absolute(path).parent_path();
  if (std::filesystem::exists(folder / "config.json")) return read_config(folder);
  if (is_folder || path.extension() == ".ckpt") return load_files(path).config;
  throw Error(ErrorCode::not_found,
              path.string() + ": no config.json beside it; expected a model folder, or weights and config.json in one");
}

void write_model(const std::filesystem::path& folder, const ModelConfig& config, const NamedTensors& weights,
                 const std::string& description) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::write_failed, folder.string() + ": cannot be made: " + failed.message());
  NamedTensors held;  // keeps the bytes alive
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto& [name, value] : weights) {
    auto& bits = held[name] = value.detach().to(at::kCPU).to(at::kBFloat16).contiguous();
    tensors[name] = {DataType::bf16,
                     Shape(bits.sizes().begin(), bits.sizes().end()),
                     {static_cast<const std::byte*>(bits.data_ptr()), static_cast<std::size_t>(bits.nbytes())}};
  }
  write_safetensors(folder / "model.safetensors", tensors, {{"format", "pt"}, {"description", description}});
  if (config.tokens.kind != TokenKind::published) return write_file(folder / "config.json", write_config(config));
  const auto texts = write_published_config(config);
  write_file(folder / "generation_config.json", texts.generation);
  write_file(folder / "preprocessor_config.json", texts.preprocessor);
  write_file(folder / "config.json", texts.config);
}

}  // namespace pop2piano::training
