// SPDX-License-Identifier: MIT
#include "model/attention.h"

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

template <typename T>
constexpr std::size_t kPair = sizeof(T) == 2 ? 2 : 1;  // neighbours in depth that share a lane

template <typename T>
T converted(float x) {
  if constexpr (sizeof(T) == 2) {
    return kernels::to_bf16(x);
  } else {
    return x;
  }
}

}  // namespace

std::size_t KeyValueShape::key_bytes() const { return heads * padded() * key_depth() * kernels::element_bytes(type); }

std::size_t KeyValueShape::value_bytes() const {
  return heads * kernels::round_up(d_kv, kPanelColumns) * padded() * kernels::element_bytes(type);
}

void KeyValues::append(std::size_t t, const float* key, const float* value) const {
  if (shape_->type == ElementType::f32) {
    put<float>(t, key, value);
  } else {
    put<std::uint16_t>(t, key, value);
  }
}

template <typename T>
void KeyValues::put(std::size_t t, const float* key, const float* value) const {
  const std::size_t depth = shape_->key_depth();
  const std::size_t positions = shape_->padded();
  T* keys = reinterpret_cast<T*>(memory_);
  T* values = reinterpret_cast<T*>(memory_ + shape_->key_bytes());
  for (std::size_t h = 0; h < shape_->heads; ++h) {
    T* panel = keys + h * positions * depth + t / kPanelColumns * kPanelColumns * depth;
    if (t % kPanelColumns == 0) std::memset(panel, 0, kPanelColumns * depth * sizeof(T));
    T* lane = panel + t % kPanelColumns * kPair<T>;
    for (std::size_t d = 0; d < shape_->d_kv; ++d) {
      lane[d / kPair<T> * kPair<T> * kPanelColumns + d % kPair<T>] = converted<T>(key[h * shape_->d_kv + d]);
    }
    for (std::size_t first = 0; first < shape_->d_kv; first += kPanelColumns) {
      T* column = values + (h * shape_->d_kv + first) * positions;
      // Products read depth in blocks of up to 32.
      if (t % 32 == 0) std::memset(column + t * kPanelColumns, 0, 32 * kPanelColumns * sizeof(T));
      T* place = column + t / kPair<T> * kPair<T> * kPanelColumns + t % kPair<T>;
      for (std::size_t i = 0; i < kPanelColumns; ++i) {
        place[i * kPair<T>] = converted<T>(value[h * shape_->d_kv + first + i]);
      }
    }
  }
}

Product KeyValues::scores(std::size_t head, std::size_t count) const {
  Product p;
  const std::size_t size = kernels::element_bytes(shape_->type);
  p.k = shape_->key_depth();
  p.b = memory_ + head * shape_->padded() * p.k * size;
  p.b_stride = p.k * kPanelColumns;
  p.panels = (count + kPanelColumns - 1) / kPanelColumns;
  return p;
}

Product KeyValues::context(std::size_t head, std::size_t count) const {
  Product p;
  const std::size_t size = kernels::element_bytes(shape_->type);
  p.k = kernels::round_up(count, kernels::depth_multiple(shape_->type));
  p.b = memory_ + shape_->key_bytes() + head * shape_->d_kv * shape_->padded() * size;
  p.b_stride = shape_->padded() * kPanelColumns;
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
                const float* query, const float* bias, std::size_t bias_stride, std::size_t count, float* scores,
                float* context) {
  for (std::size_t h = 0; h < shape.heads; ++h) {
    Product score = memory.scores(h, count);
    score.k = shape.d_kv;
    multiply_floats(table, shape.type, score, query + h * shape.d_kv, 0, 1, scores, 0);
    table.softmax(scores, bias == nullptr ? nullptr : bias + h * bias_stride, count);
    Product values = memory.context(h, count);
    values.k = kernels::round_up(count, 2);
    multiply_floats(table, shape.type, values, scores, 0, 1, context + h * shape.d_kv, 0);
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
