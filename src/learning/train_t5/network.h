// SPDX-License-Identifier: MIT
// The T5 encoder-decoder (Raffel et al. 2020, version 1.1) with a style's embedding as the encoder's first frame, as
// the engine runs it (docs/reference/model.md), differentiable. Computes with the weights' type, sums residuals in
// float.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "learning/train_t5/parameters.h"

namespace pop2piano::training {

struct Encoded {
  at::Tensor rows;  // [batch * (frames + 1), d_model]
  std::int64_t batch = 0, positions = 0;
};

/// Borrows the parameters. Not thread-safe.
class Network {
 public:
  Network(const NetworkShape& shape, const Parameters& parameters, double dropout = 0.0);

  /// features [batch, frames, bands] any type; styles [batch] int64.
  [[nodiscard]] Encoded encode(const at::Tensor& features, const at::Tensor& styles);
  /// Inputs of the decoder [batch, length] int64 -> logits [batch * length, vocabulary].
  [[nodiscard]] at::Tensor decode(const Encoded& encoded, const at::Tensor& inputs);

  enum class Mode : std::uint8_t { training, evaluation };
  void set_mode(Mode mode) { mode_ = mode; }  ///< dropout only in training

 private:
  struct Stream {
    at::Tensor hidden;  // [rows, d_model] float, the residual sum
    at::Tensor normed;  // [rows, d_model] what the next layer reads
  };
  [[nodiscard]] const at::Tensor& weight(const std::string& name) const { return parameters_.leaf(name); }
  [[nodiscard]] at::Tensor dropped(const at::Tensor& x) const;
  void add_and_norm(Stream& stream, const at::Tensor& update, const std::string& norm_name) const;
  at::Tensor self_layer(const at::Tensor& normed, const std::string& layer, const at::Tensor& bias, std::int64_t batch,
                        std::int64_t length, bool causal) const;
  at::Tensor cross_layer(const at::Tensor& normed, const std::string& layer, const Encoded& encoded,
                         std::int64_t length) const;
  at::Tensor feed_forward(const at::Tensor& normed, const std::string& layer) const;
  /// [heads, length, length] float
  at::Tensor distance_bias(const std::string& table, std::int64_t length, bool bidirectional);

  NetworkShape shape_;
  const Parameters& parameters_;
  double dropout_;
  Mode mode_ = Mode::training;
  std::map<std::pair<std::int64_t, bool>, at::Tensor> buckets_;  // by length and direction: [length * length] int64
};

}  // namespace pop2piano::training
