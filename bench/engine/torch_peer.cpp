// SPDX-License-Identifier: MIT
// T5 written with libtorch's operations; matrix products in bfloat16 where asked for, the rest in floats, as autocast
// does.
#include <chrono>
#include <cmath>
#include <map>
#include <string>

#include <torch/torch.h>

#include "numbers/model/attention.h"
#include "numbers/model/load.h"
#include "numbers/model/network.h"
#include "peer.h"

namespace pop2piano {
namespace {

using torch::Tensor;

class TorchPeer : public Peer {
 public:
  TorchPeer(const std::filesystem::path& model, Arithmetic arithmetic, int threads)
      : files_(load_files(model)), config_(files_.config), bf16_(arithmetic == Arithmetic::bf16) {
    at::set_num_threads(threads);
    for (const auto& [name, tensor] : files_.tensors.tensors) {
      auto values = weight_values(files_.tensors, name);
      Tensor t = torch::from_blob(values.data(), tensor.shape, torch::kFloat).clone();
      const bool product = tensor.shape.size() == 2 && name.find("relative") == std::string::npos &&
                           name.find("embedding") == std::string::npos && name.find("shared") == std::string::npos;
      weights_[name] = bf16_ && product ? t.to(torch::kBFloat16) : t;
    }
  }

  PeerResult run(std::span<const float> features, std::size_t frames, int style,
                 const std::vector<std::vector<int>>& inputs) override {
    const torch::InferenceMode inference;
    PeerResult result;
    const auto segments = static_cast<std::int64_t>(inputs.size());
    const auto start = std::chrono::steady_clock::now();
    const std::size_t width =
        features.size() / (inputs.size() * frames);  // mel bands, and the melody where it is heard
    Tensor rows = torch::from_blob(const_cast<float*>(features.data()),
                                   {segments, static_cast<std::int64_t>(frames), static_cast<std::int64_t>(width)},
                                   torch::kFloat);
    const Tensor memory = encode(rows, style);
    std::vector<Tensor> cross_keys, cross_values, keys, values;
    for (int i = 0; i < config_.decoder_layers; ++i) {
      const std::string layer = "decoder.block." + std::to_string(i) + ".layer.1.EncDecAttention.";
      cross_keys.push_back(heads(linear(memory, layer + "k.weight")));
      cross_values.push_back(heads(linear(memory, layer + "v.weight")));
    }
    keys.resize(cross_keys.size());
    values.resize(cross_keys.size());
    const auto encoded = std::chrono::steady_clock::now();
    const std::size_t steps = inputs.front().size();
    std::vector<Tensor> all;
    for (std::size_t t = 0; t < steps; ++t) {
      std::vector<std::int64_t> tokens;
      for (const auto& row : inputs) tokens.push_back(row[t]);
      all.push_back(step(torch::tensor(tokens), t, cross_keys, cross_values, keys, values));
      (void)all.back().argmax(-1).data_ptr();
    }
    const auto done = std::chrono::steady_clock::now();
    result.encode_seconds = std::chrono::duration<double>(encoded - start).count();
    result.decode_seconds = std::chrono::duration<double>(done - encoded).count();
    const Tensor stacked = torch::cat(all, 1).to(torch::kFloat).contiguous();
    result.logits.assign(stacked.data_ptr<float>(), stacked.data_ptr<float>() + stacked.numel());
    return result;
  }

  double product_peak() override {
    constexpr std::int64_t kRows = 4320, kDepth = 512, kColumns = 2048;
    const torch::InferenceMode inference;
    const auto type = bf16_ ? torch::kBFloat16 : torch::kFloat;
    const Tensor rows = torch::randn({kRows, kDepth}).to(type);
    const Tensor weights = torch::randn({kColumns, kDepth}).to(type);
    double best = 0.0;
    for (int round = 0; round < 20; ++round) {
      const auto start = std::chrono::steady_clock::now();
      (void)torch::linear(rows, weights);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      best = std::max(best, 2.0 * kRows * kDepth * kColumns / seconds.count());
    }
    return best;
  }

 private:
  Tensor linear(const Tensor& x, const std::string& name) const {
    const Tensor& w = weights_.at(name);
    return torch::linear(bf16_ ? x.to(torch::kBFloat16) : x, w);
  }
  Tensor norm(const Tensor& x, const std::string& name) const {
    const Tensor f = x.to(torch::kFloat);
    return f * torch::rsqrt(f.pow(2).mean(-1, true) + config_.norm_epsilon) * weights_.at(name);
  }
  /// [batch, rows, heads * d_kv] -> [batch, heads, rows, d_kv]
  Tensor heads(const Tensor& x) const {
    return x.view({x.size(0), x.size(1), config_.num_heads, config_.d_kv}).transpose(1, 2).contiguous();
  }
  Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& bias, const std::string& out) const {
    Tensor scores = torch::matmul(q, k.transpose(2, 3)).to(torch::kFloat);
    if (bias.defined()) scores = scores + bias;
    const Tensor context = torch::matmul(torch::softmax(scores, -1).to(v.scalar_type()), v);
    return linear(context.transpose(1, 2).reshape({q.size(0), q.size(2), -1}), out);
  }
  void feed_forward(Tensor& x, const std::string& layer) const {
    const Tensor in = norm(x, layer + ".layer_norm.weight");
    const Tensor gate = torch::gelu(linear(in, layer + ".DenseReluDense.wi_0.weight"), "tanh");
    x = x + linear(gate * linear(in, layer + ".DenseReluDense.wi_1.weight"), layer + ".DenseReluDense.wo.weight");
  }
  /// [1, heads, 1 or rows, columns] of the relative positions key - query.
  Tensor bias(const std::string& stack, std::int64_t first_query, std::int64_t queries, std::int64_t keys) const {
    const Tensor& table = weights_.at(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    Tensor buckets = torch::empty({queries, keys}, torch::kLong);
    for (std::int64_t q = 0; q < queries; ++q) {
      for (std::int64_t k = 0; k < keys; ++k) {
        buckets[q][k] = relative_bucket(static_cast<int>(k - q - first_query), stack == "encoder", config_.bias_buckets,
                                        config_.bias_max_distance);
      }
    }
    return torch::embedding(table, buckets).permute({2, 0, 1}).unsqueeze(0);
  }

  Tensor encode(const Tensor& features, int style) {
    const bool mel = config_.features.kind == FeatureKind::mel;
    Tensor x = features;
    if (!mel) {
      x = linear(x, "input_projection.weight").to(torch::kFloat) + weights_.at("input_projection.bias") +
          weights_.at("frame_position.weight");
    }
    const Tensor& styles = weights_.at(mel ? "mel_conditioner.embedding.weight" : "style_embedding.weight");
    x = torch::cat({styles[style].view({1, 1, -1}).expand({x.size(0), 1, config_.d_model}), x}, 1);
    if (!encoder_bias_.defined() || encoder_bias_.size(3) != x.size(1)) {
      encoder_bias_ = bias("encoder", 0, x.size(1), x.size(1));
    }
    for (int i = 0; i < config_.encoder_layers; ++i) {
      const std::string block = "encoder.block." + std::to_string(i);
      const std::string attention = block + ".layer.0.SelfAttention.";
      const Tensor in = norm(x, block + ".layer.0.layer_norm.weight");
      x = x + attend(heads(linear(in, attention + "q.weight")), heads(linear(in, attention + "k.weight")),
                     heads(linear(in, attention + "v.weight")), encoder_bias_, attention + "o.weight");
      feed_forward(x, block + ".layer.1");
    }
    return norm(x, "encoder.final_layer_norm.weight");
  }

  Tensor step(const Tensor& tokens, std::size_t position, const std::vector<Tensor>& cross_keys,
              const std::vector<Tensor>& cross_values, std::vector<Tensor>& keys, std::vector<Tensor>& values) {
    Tensor x = torch::embedding(weights_.at("shared.weight"), tokens).unsqueeze(1);
    const auto t = static_cast<std::int64_t>(position);
    while (decoder_bias_.size() <= position) {
      const auto next = static_cast<std::int64_t>(decoder_bias_.size());
      decoder_bias_.push_back(bias("decoder", next, 1, next + 1));
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string block = "decoder.block." + std::to_string(i);
      const std::string self = block + ".layer.0.SelfAttention.";
      const std::string cross = block + ".layer.1.EncDecAttention.";
      Tensor in = norm(x, block + ".layer.0.layer_norm.weight");
      const Tensor k = heads(linear(in, self + "k.weight"));
      const Tensor v = heads(linear(in, self + "v.weight"));
      keys[i] = t == 0 ? k : torch::cat({keys[i], k}, 2);
      values[i] = t == 0 ? v : torch::cat({values[i], v}, 2);
      x = x +
          attend(heads(linear(in, self + "q.weight")), keys[i], values[i], decoder_bias_[position], self + "o.weight");
      in = norm(x, block + ".layer.1.layer_norm.weight");
      x = x +
          attend(heads(linear(in, cross + "q.weight")), cross_keys[i], cross_values[i], Tensor(), cross + "o.weight");
      feed_forward(x, block + ".layer.2");
    }
    return linear(norm(x, "decoder.final_layer_norm.weight"), "lm_head.weight");
  }

  LoadedFiles files_;
  const ModelConfig& config_;
  bool bf16_;
  std::map<std::string, Tensor> weights_;
  Tensor encoder_bias_;
  std::vector<Tensor> decoder_bias_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const std::filesystem::path& model, Arithmetic arithmetic, int threads) {
  return std::make_unique<TorchPeer>(model, arithmetic, threads);
}

}  // namespace pop2piano
