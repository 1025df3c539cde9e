// SPDX-License-Identifier: MIT
// T5 as a textbook would write it: plain loops in double, no cache, no packing. What the fast version is compared with.
#pragma once

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "numbers/model/attention.h"
#include "numbers/model/load.h"

namespace pop2piano::testing {

class ReferenceT5 {
 public:
  using Rows = std::vector<std::vector<double>>;

  explicit ReferenceT5(const LoadedFiles& files) : config_(files.config), files_(files) {}

  /// features [frames][n_mels] -> [1 + frames][d_model]
  Rows encode(const Rows& features, int style) const {
    const bool mel = config_.features.kind == FeatureKind::mel;
    const Rows styles = matrix(mel ? "mel_conditioner.embedding.weight" : "style_embedding.weight");
    Rows x{styles[static_cast<std::size_t>(style)]};
    for (std::size_t f = 0; f < features.size(); ++f) {
      x.push_back(mel ? features[f] : linear("input_projection.weight", features[f]));
      if (mel) continue;
      add(x.back(), vector("input_projection.bias"));
      add(x.back(), matrix("frame_position.weight")[f]);
    }
    for (int i = 0; i < config_.encoder_layers; ++i) {
      const std::string block = "encoder.block." + std::to_string(i);
      attention(x, x, block + ".layer.0", ".SelfAttention.", "encoder");
      feed_forward(x, block + ".layer.1");
    }
    return normed(x, "encoder.final_layer_norm.weight");
  }

  /// Logits [tokens][vocab] of a decoder that is fed `tokens`.
  Rows decode(const Rows& memory, const std::vector<int>& tokens) const {
    const Rows embedding = matrix("shared.weight");
    Rows x;
    for (const int token : tokens) x.push_back(embedding[static_cast<std::size_t>(token)]);
    for (int i = 0; i < config_.decoder_layers; ++i) {
      const std::string block = "decoder.block." + std::to_string(i);
      attention(x, x, block + ".layer.0", ".SelfAttention.", "decoder");
      attention(x, memory, block + ".layer.1", ".EncDecAttention.", "");
      feed_forward(x, block + ".layer.2");
    }
    Rows logits;
    for (const auto& row : normed(x, "decoder.final_layer_norm.weight"))
      logits.push_back(linear("lm_head.weight", row));
    return logits;
  }

 private:
  std::vector<double> vector(const std::string& name) const {
    const auto values = to_floats(*files_.tensors.find(name), name, "");
    return {values.begin(), values.end()};
  }
  Rows matrix(const std::string& name) const {
    const auto values = vector(name);
    const auto columns = static_cast<std::size_t>(files_.tensors.find(name)->shape[1]);
    Rows rows(values.size() / columns);
    for (std::size_t i = 0; i < values.size(); ++i) rows[i / columns].push_back(values[i]);
    return rows;
  }
  std::vector<double> linear(const std::string& name, const std::vector<double>& x) const {
    std::vector<double> out;
    for (const auto& row : matrix(name)) out.push_back(dot(row, x, 0, x.size()));
    return out;
  }
  static double dot(const std::vector<double>& a, const std::vector<double>& b, std::size_t from, std::size_t count) {
    double sum = 0.0;
    for (std::size_t i = from; i < from + count; ++i) sum += a[i] * b[i];
    return sum;
  }
  static void add(std::vector<double>& to, const std::vector<double>& what) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += what[i];
  }
  Rows normed(const Rows& x, const std::string& name) const {
    const auto weight = vector(name);
    Rows out = x;
    for (auto& row : out) {
      const double scale =
          1.0 / std::sqrt(dot(row, row, 0, row.size()) / static_cast<double>(row.size()) + config_.norm_epsilon);
      for (std::size_t i = 0; i < row.size(); ++i) row[i] *= scale * weight[i];
    }
    return out;
  }

  /// x += attention(norm(x) over source); `stack` names the bias table, "" for cross attention.
  void attention(Rows& x, const Rows& source, const std::string& layer, const std::string& kind,
                 const std::string& stack) const {
    const Rows queries_from = normed(x, layer + ".layer_norm.weight");
    const Rows& keys_from = stack.empty() ? source : queries_from;
    Rows q, k, v;
    for (const auto& row : queries_from) q.push_back(linear(layer + kind + "q.weight", row));
    for (const auto& row : keys_from) k.push_back(linear(layer + kind + "k.weight", row));
    for (const auto& row : keys_from) v.push_back(linear(layer + kind + "v.weight", row));
    Rows bias;
    if (!stack.empty()) bias = matrix(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t visible = stack == "decoder" ? i + 1 : k.size();
      std::vector<double> context(q[i].size(), 0.0);
      for (int h = 0; h < config_.num_heads; ++h) {
        const auto from = static_cast<std::size_t>(h * config_.d_kv);
        const auto depth = static_cast<std::size_t>(config_.d_kv);
        std::vector<double> scores;
        double total = 0.0;
        for (std::size_t j = 0; j < visible; ++j) {
          double score = dot(q[i], std::vector<double>(k[j].begin(), k[j].end()), from, depth);
          if (!bias.empty()) {
            const int bucket = relative_bucket(static_cast<int>(j) - static_cast<int>(i), stack == "encoder",
                                               config_.bias_buckets, config_.bias_max_distance);
            score += bias[static_cast<std::size_t>(bucket)][static_cast<std::size_t>(h)];
          }
          scores.push_back(std::exp(score));
          total += scores.back();
        }
        for (std::size_t j = 0; j < visible; ++j) {
          for (std::size_t c = from; c < from + depth; ++c) context[c] += scores[j] / total * v[j][c];
        }
      }
      add(x[i], linear(layer + kind + "o.weight", context));
    }
  }

  void feed_forward(Rows& x, const std::string& layer) const {
    const Rows in = normed(x, layer + ".layer_norm.weight");
    for (std::size_t i = 0; i < x.size(); ++i) {
      auto hidden = linear(layer + ".DenseReluDense.wi_0.weight", in[i]);
      const auto gate = linear(layer + ".DenseReluDense.wi_1.weight", in[i]);
      for (std::size_t c = 0; c < hidden.size(); ++c) {
        const double h = hidden[c];
        hidden[c] =
            0.5 * h * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (h + 0.044715 * h * h * h))) * gate[c];
      }
      add(x[i], linear(layer + ".DenseReluDense.wo.weight", hidden));
    }
  }

  const ModelConfig& config_;
  const LoadedFiles& files_;
};

}  // namespace pop2piano::testing
