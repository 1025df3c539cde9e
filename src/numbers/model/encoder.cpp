// SPDX-License-Identifier: MIT
#include "numbers/model/encoder.h"

#include <algorithm>

namespace pop2piano {

using kernels::ElementType;
using kernels::kPanelColumns;
using kernels::Product;

EncoderPlan::EncoderPlan(const Network& network, std::size_t feature_frames_in)
    : feature_frames(feature_frames_in),
      frames(feature_frames_in + 1),
      bias(bidirectional_bias(network.encoder_bias, static_cast<int>(frames), network.config.bias_max_distance)),
      memory_shape{.type = network.cache,
                   .heads = network.heads(),
                   .d_kv = network.d_kv(),
                   .block = kernels::round_up(frames, 32)} {}

Encoder::Encoder(const Network& network, const EncoderPlan& plan)
    : network_(network), plan_(plan), feed_forward_(network), memory_(plan.memory_shape.block_bytes()) {
  scores_.resize(plan.frames, kernels::round_up(plan.frames, 32));
}

void Encoder::encode(std::span<const float> features, std::size_t segments, int style) {
  segments_ = segments;
  rows_ = segments * plan_.frames;
  embed(features, style);
  for (const EncoderBlock& block : network_.encoder) {
    self_attention(block);
    feed_forward_.add(block.feed_forward, x_, rows_);
  }
  norm_rows(network_, network_.encoder_norm, x_, rows_, normed_, operand_);
}

Span2D<const float> Encoder::output(std::size_t segment) const {
  return {normed_.row(segment * plan_.frames), plan_.frames, normed_.stride()};
}

void Encoder::embed(std::span<const float> features, int style) {
  const std::size_t inputs = network_.inputs();
  const std::size_t d = network_.d_model();
  x_.resize(rows_, d);
  const bool projected = network_.input_projection.columns() != 0;
  RowBuffer& rows = projected ? normed_ : x_;  // normed_ is free here
  rows.resize(rows_, std::max(inputs, d));
  for (std::size_t s = 0; s < segments_; ++s) {
    std::fill_n(rows.row(s * plan_.frames), rows.stride(), 0.0F);
    for (std::size_t f = 0; f < plan_.feature_frames; ++f) {
      const float* from = features.data() + (s * plan_.feature_frames + f) * inputs;
      float* to = rows.row(s * plan_.frames + 1 + f);
      std::fill(std::copy_n(from, inputs, to), to + rows.stride(), 0.0F);
    }
  }
  if (projected) {
    operand_.assign(*network_.kernels, network_.rows, rows.data(), rows.stride(), rows_, inputs);
    operand_.multiply(*network_.kernels, network_.input_projection, x_.data(), x_.stride());
  }
  for (std::size_t s = 0; s < segments_; ++s) {
    const auto embedding = network_.styles.row(static_cast<std::size_t>(style));
    std::copy(embedding.begin(), embedding.end(), x_.row(s * plan_.frames));
    if (!projected) continue;
    for (std::size_t f = 0; f < plan_.feature_frames; ++f) {
      float* row = x_.row(s * plan_.frames + 1 + f);
      const auto position = network_.frame_positions.row(f);
      for (std::size_t i = 0; i < d; ++i) row[i] += network_.input_bias[i] + position[i];
    }
  }
}

void Encoder::self_attention(const EncoderBlock& block) {
  const kernels::KernelTable& table = *network_.kernels;
  norm_rows(network_, block.norm, x_, rows_, normed_, operand_);
  qkv_.resize(rows_, 3 * network_.inner());
  operand_.multiply(table, block.qkv, qkv_.data(), qkv_.stride());
  context_.resize(rows_, network_.inner());
  for (std::size_t s = 0; s < segments_; ++s) attend(s);
  operand_.assign(table, network_.rows, context_.data(), context_.stride(), rows_, network_.inner());
  operand_.multiply_add(table, block.out, x_.data(), x_.stride());
}

void Encoder::attend(std::size_t segment) {
  const std::size_t inner = network_.inner();
  const std::size_t first = segment * plan_.frames;
  const KeyValues memory(plan_.memory_shape, memory_.data());
  const float* rows = qkv_.row(first);
  memory.assign(*network_.kernels, plan_.frames, rows + inner, rows + 2 * inner, qkv_.stride());
  for (std::size_t h = 0; h < network_.heads(); ++h) {
    attend_rows(memory, h, qkv_.row(first) + h * network_.d_kv(), context_.row(first) + h * network_.d_kv());
  }
}

void Encoder::attend_rows(const KeyValues& memory, std::size_t head, float* first_query, float* out) {
  const kernels::KernelTable& table = *network_.kernels;
  const std::size_t frames = plan_.frames;
  const bool rounded = network_.cache == ElementType::bf16 && table.multiply_bf16 != nullptr;
  const auto run = [&](Product p, Operand& operand, const float* rows, std::size_t stride, std::size_t columns,
                       float* to, std::size_t to_stride) {
    if (!rounded) {
      return multiply_floats(table, network_.cache, p, rows, stride, frames, to, to_stride);
    }
    operand.assign(table, kernels::RowType::bf16, rows, stride, frames, columns);
    operand.multiply_by(table, p, to, to_stride);
  };
  Product scores = memory.scores(head, frames);
  if (!rounded) scores.k = network_.d_kv();
  run(scores, queries_, first_query, qkv_.stride(), network_.d_kv(), scores_.data(), scores_.stride());
  const float* bias = plan_.bias.row(head).data();
  for (std::size_t q = 0; q < frames; ++q) {
    table.softmax(scores_.row(q), bias + (frames - 1 - q), frames);
  }
  run(memory.context(head, frames), probabilities_, scores_.data(), scores_.stride(), frames, out, context_.stride());
}

void Encoder::project_cross(std::size_t segment, std::byte* out) {
  const kernels::KernelTable& table = *network_.kernels;
  const std::size_t inner = network_.inner();
  cross_.resize(plan_.frames, 2 * inner);
  operand_.assign(table, network_.rows, normed_.row(segment * plan_.frames), normed_.stride(), plan_.frames,
                  network_.d_model());
  for (const DecoderBlock& block : network_.decoder) {
    operand_.multiply(table, block.cross_kv, cross_.data(), cross_.stride());
    const KeyValues memory(plan_.memory_shape, out);
    memory.assign(table, plan_.frames, cross_.data(), cross_.data() + inner, cross_.stride());
    out += plan_.memory_shape.block_bytes();
  }
}

}  // namespace pop2piano
