// SPDX-License-Identifier: MIT
#include "numbers/model/feed_forward.h"

#include <algorithm>

namespace pop2piano {
namespace {

// Columns of the hidden layer that are computed at once: both halves for 200 rows stay within a level-2 cache.
constexpr std::size_t kChunkPanels = 8;

}  // namespace

void norm_rows(const Network& network, const std::vector<float>& weight, const RowBuffer& x, std::size_t rows,
               RowBuffer& normed, Operand& operand) {
  const kernels::KernelTable& table = *network.kernels;
  const auto epsilon = static_cast<float>(network.config.norm_epsilon);
  normed.resize(rows, network.d_model());
  for (std::size_t r = 0; r < rows; ++r) {
    table.rms_norm(x.row(r), weight.data(), epsilon, network.d_model(), normed.row(r));
  }
  operand.assign(table, network.rows, normed.data(), normed.stride(), rows, network.d_model());
}

void FeedForward::add(const FeedForwardWeights& weights, RowBuffer& x, std::size_t rows) {
  const kernels::KernelTable& table = *network_.kernels;
  norm_rows(network_, weights.norm, x, rows, normed_, in_);
  gate_.resize(rows, kChunkPanels * kernels::kPanelColumns);
  linear_.resize(rows, kChunkPanels * kernels::kPanelColumns);
  hidden_.resize(rows, network_.d_ff());
  const std::size_t panels = network_.d_ff() / kernels::kPanelColumns;
  for (std::size_t first = 0; first < panels; first += kChunkPanels) {
    const std::size_t count = std::min(kChunkPanels, panels - first);
    in_.multiply_panels(table, weights.gate, first, count, gate_.data(), gate_.stride());
    in_.multiply_panels(table, weights.linear, first, count, linear_.data(), linear_.stride());
    for (std::size_t r = 0; r < rows; ++r) {
      table.gated_gelu(gate_.row(r), linear_.row(r), count * kernels::kPanelColumns,
                       hidden_.row(r) + first * kernels::kPanelColumns);
    }
  }
  out_.assign(table, network_.rows, hidden_.data(), hidden_.stride(), rows, network_.d_ff());
  out_.multiply_add(table, weights.out, x.data(), x.stride());
}

}  // namespace pop2piano
