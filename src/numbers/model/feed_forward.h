// SPDX-License-Identifier: MIT
// T5's gated feed-forward layer: x += wo(gelu(wi_0 norm(x)) * wi_1 norm(x)).
#pragma once

#include <cstddef>

#include "numbers/model/linear.h"
#include "numbers/model/network.h"

namespace pop2piano {

/// Norms rows and rounds them for the products that follow.
void norm_rows(const Network& network, const std::vector<float>& weight, const RowBuffer& x, std::size_t rows,
               RowBuffer& normed, Operand& operand);

/// Scratch of the layer; one object per thread.
class FeedForward {
 public:
  explicit FeedForward(const Network& network) : network_(network) {}
  /// x [rows, d_model] += layer(x)
  void add(const FeedForwardWeights& weights, RowBuffer& x, std::size_t rows);

 private:
  const Network& network_;
  RowBuffer normed_, gate_, linear_, hidden_;
  Operand in_, out_;
};

}  // namespace pop2piano
