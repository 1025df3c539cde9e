// SPDX-License-Identifier: MIT
#include "numbers/model/decoder.h"

#include <algorithm>

namespace pop2piano {

DecoderPlan::DecoderPlan(const Network& network, const EncoderPlan& encoder, std::size_t max_tokens_in)
    : max_tokens(max_tokens_in),
      frames(encoder.frames),
      layers(network.decoder.size()),
      bias(causal_bias(network.decoder_bias, static_cast<int>(max_tokens_in), network.config.bias_max_distance)),
      self_shape{.type = network.cache, .heads = network.heads(), .d_kv = network.d_kv()},
      cross_shape(encoder.memory_shape) {
  self_shape.block_stride = layers * self_shape.block_bytes();
}

std::size_t DecoderPlan::self_bytes() const {
  return (max_tokens + self_shape.block - 1) / self_shape.block * self_shape.block_stride;
}

std::size_t DecoderPlan::cross_bytes() const { return layers * cross_shape.block_bytes(); }

Decoder::Decoder(const Network& network, const DecoderPlan& plan)
    : network_(network), plan_(plan), feed_forward_(network) {
  scores_.resize(1, kernels::round_up(std::max(plan.max_tokens, plan.frames), 32));
}

void Decoder::step(std::span<const DecoderRow> rows) {
  const kernels::KernelTable& table = *network_.kernels;
  x_.resize(rows.size(), network_.d_model());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto embedding = network_.tokens.row(static_cast<std::size_t>(rows[r].token));
    std::copy(embedding.begin(), embedding.end(), x_.row(r));
  }
  for (std::size_t layer = 0; layer < network_.decoder.size(); ++layer) {
    const DecoderBlock& block = network_.decoder[layer];
    self_attention(block, rows, layer);
    cross_attention(block, rows, layer);
    feed_forward_.add(block.feed_forward, x_, rows.size());
  }
  norm_rows(network_, network_.decoder_norm, x_, rows.size(), normed_, operand_);
  logits_.resize(rows.size(), kernels::round_up(network_.vocab(), 32));
  operand_.multiply(table, network_.lm_head, logits_.data(), logits_.stride());
  if (network_.output_scale == 1.0F) return;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (float& logit : logits(r)) logit *= network_.output_scale;
  }
}

std::span<float> Decoder::logits(std::size_t row) { return {logits_.row(row), network_.vocab()}; }

void Decoder::self_attention(const DecoderBlock& block, std::span<const DecoderRow> rows, std::size_t layer) {
  const kernels::KernelTable& table = *network_.kernels;
  const std::size_t inner = network_.inner();
  norm_rows(network_, block.norm, x_, rows.size(), normed_, operand_);
  qkv_.resize(rows.size(), 3 * inner);
  operand_.multiply(table, block.qkv, qkv_.data(), qkv_.stride());
  context_.resize(rows.size(), inner);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const KeyValues memory = plan_.self(rows[r].self, layer);
    const float* row = qkv_.row(r);
    const KeyValues next = plan_.self(rows[std::min(r + 1, rows.size() - 1)].self, layer);
    const std::size_t position = rows[r].position;
    memory.append(table, position, row + inner, row + 2 * inner);
    attend_one(table, plan_.self_shape, memory, next, row, plan_.bias.data() + (plan_.max_tokens - 1 - position),
               plan_.max_tokens, position + 1, scores_.data(), context_.row(r));
  }
  operand_.assign(table, network_.rows, context_.data(), context_.stride(), rows.size(), inner);
  operand_.multiply_add(table, block.out, x_.data(), x_.stride());
}

void Decoder::cross_attention(const DecoderBlock& block, std::span<const DecoderRow> rows, std::size_t layer) {
  const kernels::KernelTable& table = *network_.kernels;
  const std::size_t inner = network_.inner();
  norm_rows(network_, block.cross_norm, x_, rows.size(), normed_, operand_);
  qkv_.resize(rows.size(), inner);
  operand_.multiply(table, block.cross_q, qkv_.data(), qkv_.stride());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const KeyValues memory = plan_.cross(rows[r].cross, layer);
    const KeyValues next = plan_.cross(rows[std::min(r + 1, rows.size() - 1)].cross, layer);
    attend_one(table, plan_.cross_shape, memory, next, qkv_.row(r), nullptr, 0, plan_.frames, scores_.data(),
               context_.row(r));
  }
  operand_.assign(table, network_.rows, context_.data(), context_.stride(), rows.size(), inner);
  operand_.multiply_add(table, block.cross_out, x_.data(), x_.stride());
}

}  // namespace pop2piano
