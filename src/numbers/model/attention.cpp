// SPDX-License-Identifier: MIT
#include "numbers/model/attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace pop2piano {

using kernels::ElementType;
using kernels::kPanelColumns;
using kernels::Product;

namespace {

constexpr std::size_t kMostInner = std::size_t{1} << 14;  // heads * d_kv; check_config() sees to it

}  // namespace

std::byte* KeyValues::unit(std::size_t h, std::size_t t) const {
  return head(h) + t / shape_->block * shape_->block_stride;
}

/// The values of position `t` from `column` on, a multiple of 16; bfloat16 positions are in pairs.
template <typename T>
T* KeyValues::values(std::size_t h, std::size_t t, std::size_t column) const {
  const std::size_t place = t % shape_->block / (4 / sizeof(T)) * (4 / sizeof(T));
  return reinterpret_cast<T*>(unit(h, t) + shape_->key_bytes()) + column * shape_->block + place * kPanelColumns;
}

void KeyValues::clear_block(std::size_t t) const { std::memset(unit(0, t), 0, shape_->block_bytes()); }

// Keys: a panel holds 16 positions; a lane is one float or a pair of bfloat16 values.
template <typename Element>
void KeyValues::put_keys(std::size_t first, std::size_t count, const Element* const* rows) const {
  const std::size_t depth = shape_->key_depth() * kernels::element_bytes(shape_->type) / sizeof(Element);
  const std::size_t used = shape_->d_kv * kernels::element_bytes(shape_->type) / sizeof(Element);
  const std::size_t lane = first % kPanelColumns;
  const std::size_t panel_of = (first % shape_->block - lane) * depth;
  for (std::size_t h = 0; h < shape_->heads; ++h) {
    Element* panel = reinterpret_cast<Element*>(unit(h, first)) + panel_of + lane;
    for (std::size_t d = 0; d < used; ++d) {
      for (std::size_t i = 0; i < count; ++i) panel[d * kPanelColumns + i] = rows[i][h * used + d];
    }
  }
}

void KeyValues::put_values_f32(std::size_t t, const float* row) const {
  for (std::size_t h = 0; h < shape_->heads; ++h) {
    for (std::size_t c = 0; c < shape_->d_kv; c += kPanelColumns) {
      std::copy_n(row + h * shape_->d_kv + c, kPanelColumns, values<float>(h, t, c));
    }
  }
}

void KeyValues::put_values_bf16(std::size_t t, const std::uint16_t* row) const {
  for (std::size_t h = 0; h < shape_->heads; ++h) {
    for (std::size_t c = 0; c < shape_->d_kv; c += kPanelColumns) {
      std::uint16_t* place = values<std::uint16_t>(h, t, c) + t % 2;
      for (std::size_t i = 0; i < kPanelColumns; ++i) place[i * 2] = row[h * shape_->d_kv + c + i];
    }
  }
}

void KeyValues::put_value_pairs(std::size_t t, const std::uint16_t* even, const std::uint16_t* odd) const {
  for (std::size_t h = 0; h < shape_->heads; ++h) {
    for (std::size_t c = 0; c < shape_->d_kv; c += kPanelColumns) {
      auto* place = reinterpret_cast<std::uint32_t*>(values<std::uint16_t>(h, t, c));
      const std::size_t from = h * shape_->d_kv + c;
      for (std::size_t i = 0; i < kPanelColumns; ++i) {
        place[i] = std::uint32_t{even[from + i]} | (std::uint32_t{odd[from + i]} << 16);
      }
    }
  }
}

void KeyValues::append(const kernels::KernelTable& table, std::size_t t, const float* key, const float* value) const {
  if (t % shape_->block == 0) clear_block(t);
  if (shape_->type == ElementType::f32) {
    put_keys<float>(t, 1, &key);
    return put_values_f32(t, value);
  }
  const std::size_t inner = shape_->heads * shape_->d_kv;
  alignas(64) std::uint32_t rounded[kMostInner / 2];
  auto* halves = reinterpret_cast<std::uint16_t*>(rounded);
  table.round_bf16(key, inner, inner, halves);
  const std::uint32_t* pairs = rounded;
  put_keys<std::uint32_t>(t, 1, &pairs);
  table.round_bf16(value, inner, inner, halves);
  put_values_bf16(t, halves);
}

void KeyValues::assign(const kernels::KernelTable& table, std::size_t count, const float* keys, const float* values,
                       std::size_t stride) const {
  const std::size_t inner = shape_->heads * shape_->d_kv;
  const bool floats = shape_->type == ElementType::f32;
  std::vector<std::uint32_t> rounded(floats ? 0 : kPanelColumns * inner / 2);
  const auto half = [&](std::size_t i) { return reinterpret_cast<std::uint16_t*>(rounded.data() + i * inner / 2); };
  const float* float_rows[kPanelColumns];
  const std::uint32_t* pair_rows[kPanelColumns];
  for (std::size_t t = 0; t < count; t += kPanelColumns) {
    if (t % shape_->block == 0) clear_block(t);
    const std::size_t rows = std::min(kPanelColumns, count - t);
    for (std::size_t i = 0; i < rows; ++i) {
      float_rows[i] = keys + (t + i) * stride;
      pair_rows[i] = rounded.data() + i * inner / 2;
      if (floats) {
        put_values_f32(t + i, values + (t + i) * stride);
      } else {
        table.round_bf16(float_rows[i], inner, inner, half(i));
      }
    }
    if (floats) {
      put_keys<float>(t, rows, float_rows);
      continue;
    }
    put_keys<std::uint32_t>(t, rows, pair_rows);
    for (std::size_t i = 0; i < rows; ++i) table.round_bf16(values + (t + i) * stride, inner, inner, half(i));
    for (std::size_t i = 0; i + 1 < rows; i += 2) put_value_pairs(t + i, half(i), half(i + 1));
    if (rows % 2 == 1) put_values_bf16(t + rows - 1, half(rows - 1));
  }
}

Product KeyValues::scores(std::size_t h, std::size_t count) const {
  Product p;
  p.k = shape_->key_depth();
  p.b = head(h);
  p.b_stride = p.k * kPanelColumns;
  p.panels = (count + kPanelColumns - 1) / kPanelColumns;
  return p;
}

Product KeyValues::context(std::size_t h, std::size_t count) const {
  Product p;
  p.k = kernels::round_up(count, kernels::depth_multiple(shape_->type));
  p.b = head(h) + shape_->key_bytes();
  p.b_stride = shape_->block * kPanelColumns;
  p.panels = shape_->d_kv / kPanelColumns;
  return p;
}

void multiply_floats(const kernels::KernelTable& table, ElementType type, Product product, const float* rows,
                     std::size_t stride, std::size_t count, float* out, std::size_t out_stride) {
  product.a = rows;
  product.a_stride = stride;
  product.m = count;
  product.c = out;
  product.c_stride = out_stride;
  if (type == ElementType::f32) {
    table.multiply_f32(product);
  } else {
    table.multiply_f32_bf16(product);
  }
}

void attend_one(const kernels::KernelTable& table, const KeyValueShape& shape, const KeyValues& memory,
                const KeyValues& next, const float* query, const float* bias, std::size_t bias_stride,
                std::size_t count, float* scores, float* context) {
  const auto attend = shape.type == ElementType::f32 ? table.attend_f32 : table.attend_bf16;
  for (std::size_t h = 0; h < shape.heads; ++h) {
    attend({.query = query + h * shape.d_kv,
            .cache = memory.head(h),
            .block = shape.block,
            .block_stride = shape.block_stride,
            .key_depth = shape.key_depth(),
            .d_kv = shape.d_kv,
            .count = count,
            .bias = bias == nullptr ? nullptr : bias + h * bias_stride,
            .scores = scores,
            .out = context + h * shape.d_kv,
            .next = memory.bytes_to(next)});
  }
}

int relative_bucket(int relative_position, bool bidirectional, int buckets, int max_distance) {
  int bucket = 0;
  int distance = 0;
  if (bidirectional) {
    buckets /= 2;
    if (relative_position > 0) bucket = buckets;
    distance = std::abs(relative_position);
  } else {
    distance = std::max(-relative_position, 0);
  }
  const int exact = buckets / 2;
  if (distance < exact) return bucket + distance;
  // In single precision, as the reference computes it: the borders of the buckets depend on it.
  const float ratio = std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
                      static_cast<float>(std::log(static_cast<double>(max_distance) / exact));
  const int step = static_cast<int>(ratio * static_cast<float>(buckets - exact));
  return bucket + std::min(exact + step, buckets - 1);
}

Matrix<float> bidirectional_bias(const Matrix<float>& table, int length, int max_distance) {
  const auto width = static_cast<std::size_t>(2 * length - 1);
  Matrix<float> bias(table.columns(), width);
  for (std::size_t i = 0; i < width; ++i) {
    const int bucket =
        relative_bucket(static_cast<int>(i) - (length - 1), true, static_cast<int>(table.rows()), max_distance);
    for (std::size_t h = 0; h < table.columns(); ++h) bias(h, i) = table(static_cast<std::size_t>(bucket), h);
  }
  return bias;
}

Matrix<float> causal_bias(const Matrix<float>& table, int length, int max_distance) {
  Matrix<float> bias(table.columns(), static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    const int bucket = relative_bucket(i - (length - 1), false, static_cast<int>(table.rows()), max_distance);
    for (std::size_t h = 0; h < table.columns(); ++h) {
      bias(h, static_cast<std::size_t>(i)) = table(static_cast<std::size_t>(bucket), h);
    }
  }
  return bias;
}

}  // namespace pop2piano
