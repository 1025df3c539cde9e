// SPDX-License-Identifier: MIT
// Every instruction set's products against sums in double, and against themselves row by row.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano::kernels {
namespace {

struct Shape {
  std::size_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 16, 32},  {1, 295, 256}, {2, 48, 48},   {5, 33, 96},  {12, 64, 64},  {13, 160, 50},
                             {16, 16, 64}, {17, 17, 17},  {31, 32, 128}, {33, 40, 96}, {64, 144, 512}};

std::vector<float> random_floats(Random& random, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

std::vector<float> random_values(Random& random, std::size_t count) {
  std::vector<float> values = random_floats(random, count);
  for (float& value : values) value = from_bf16(to_bf16(value));
  return values;
}

/// The left side of a product in one of the three number formats, padded as the kernels ask.
struct Rows {
  Rows(const KernelTable& table, RowType type, const std::vector<float>& values, std::size_t m, std::size_t k) {
    stride = round_up(k, 64);
    const std::size_t rows = round_up(m, kRowBlock);
    part_stride = rows * stride;
    floats.assign(rows * stride, 0.0F);
    halves.assign(kSplitParts * part_stride, 0);
    bytes.assign(rows * stride, 0);
    scales.assign(rows, 0.0F);
    for (std::size_t r = 0; r < m; ++r) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(r * k), k,
                  floats.begin() + static_cast<std::ptrdiff_t>(r * stride));
      if (type == RowType::split) {
        table.round_split(&values[r * k], k, stride, part_stride, &halves[r * stride]);
      } else {
        table.round_bf16(&values[r * k], k, stride, &halves[r * stride]);
      }
      scales[r] = table.round_int8(&values[r * k], k, stride, &bytes[r * stride]);
    }
    data = halves.data();
    if (type == RowType::f32) data = floats.data();
    if (type == RowType::int8) data = bytes.data();
  }
  std::vector<float> floats;
  std::vector<std::uint16_t> halves;
  std::vector<std::int8_t> bytes;
  std::vector<float> scales;
  const void* data = nullptr;
  std::size_t stride = 0, part_stride = 0;
};

struct Kind {
  const char* name;
  RowType rows;
  ElementType panels;
  void (*KernelTable::*multiply)(const Product&);
  double tolerance;  // of the sum of magnitudes
};
// Weights are bfloat16 values throughout, and rows are where they are rounded to it, so only rounding to 8 bits (half a
// step of 1/127 of the largest, twice) is coarse.
constexpr Kind kKinds[] = {
    {"f32", RowType::f32, ElementType::f32, &KernelTable::multiply_f32, 1e-6},
    {"f32_bf16", RowType::f32, ElementType::bf16, &KernelTable::multiply_f32_bf16, 1e-6},
    {"bf16", RowType::bf16, ElementType::bf16, &KernelTable::multiply_bf16, 1e-6},
    {"split", RowType::split, ElementType::bf16, &KernelTable::multiply_split, 1e-6},
    {"int8", RowType::int8, ElementType::int8, &KernelTable::multiply_int8, 2e-2},
};

Product product_of(const Rows& rows, const PackedMatrix& b, std::size_t m, std::vector<float>& c) {
  Product p;
  b.describe(p);
  p.a = rows.data;
  p.a_stride = rows.stride;
  p.a_part_stride = rows.part_stride;
  p.a_scales = rows.scales.data();
  p.m = m;
  p.c_stride = b.padded_columns();
  c.assign(m * p.c_stride, 1.0F);
  p.c = c.data();
  return p;
}

void check_values(const KernelTable& table, const Kind& kind, const Shape& shape, Random& random) {
  const bool rounded = kind.rows == RowType::bf16;
  const auto a = rounded ? random_values(random, shape.m * shape.k) : random_floats(random, shape.m * shape.k);
  const auto w = random_values(random, shape.n * shape.k);
  const Rows rows(table, kind.rows, a, shape.m, shape.k);
  const auto packed = PackedMatrix::pack(w, shape.n, shape.k, kind.panels);
  std::vector<float> c;
  Product p = product_of(rows, packed, shape.m, c);
  for (const bool accumulate : {false, true}) {  // the second time, the result is twice the sum
    p.accumulate = accumulate;
    (table.*kind.multiply)(p);
    for (std::size_t m = 0; m < shape.m; ++m) {
      for (std::size_t n = 0; n < shape.n; ++n) {
        double sum = 0.0, magnitude = 0.0;
        for (std::size_t k = 0; k < shape.k; ++k) {
          sum += double{a[m * shape.k + k]} * w[n * shape.k + k];
          magnitude += std::abs(double{a[m * shape.k + k]} * w[n * shape.k + k]);
        }
        ASSERT_NEAR(c[m * p.c_stride + n], sum * (accumulate ? 2 : 1), 2 * kind.tolerance * magnitude + 1e-6)
            << table.name << " " << kind.name << " m " << shape.m << " n " << shape.n << " k " << shape.k << " at " << m
            << "," << n;
      }
    }
  }
}

void check_rows_alone(const KernelTable& table, const Kind& kind, const Shape& shape, Random& random) {
  const auto a = random_values(random, shape.m * shape.k);
  const auto packed = PackedMatrix::pack(random_values(random, shape.n * shape.k), shape.n, shape.k, kind.panels);
  std::vector<float> together, alone;
  const Rows rows(table, kind.rows, a, shape.m, shape.k);
  (table.*kind.multiply)(product_of(rows, packed, shape.m, together));
  for (std::size_t m = 0; m < shape.m; ++m) {
    const std::vector<float> row(a.begin() + static_cast<std::ptrdiff_t>(m * shape.k),
                                 a.begin() + static_cast<std::ptrdiff_t>((m + 1) * shape.k));
    const Rows single(table, kind.rows, row, 1, shape.k);
    (table.*kind.multiply)(product_of(single, packed, 1, alone));
    for (std::size_t n = 0; n < shape.n; ++n) {
      ASSERT_EQ(together[m * packed.padded_columns() + n], alone[n]) << table.name << " " << kind.name << " row " << m;
    }
  }
}

class Products : public ::testing::TestWithParam<const KernelTable*> {};

TEST_P(Products, EqualSumsInDouble) {
  Random random(1);
  for (const Kind& kind : kKinds) {
    if (GetParam()->*kind.multiply == nullptr) continue;
    for (const Shape& shape : kShapes) check_values(*GetParam(), kind, shape, random);
  }
}

TEST_P(Products, ARowIsTheSameInEveryBatch) {
  Random random(2);
  for (const Kind& kind : kKinds) {
    if (GetParam()->*kind.multiply == nullptr) continue;
    for (const Shape& shape : kShapes) check_rows_alone(*GetParam(), kind, shape, random);
  }
}

TEST_P(Products, EightBitSumsAreExact) {
  // Extremes: 127 * 127 * 512 terms, both signs; scales of one make the result an integer.
  const std::size_t k = 512;
  std::vector<float> a(2 * k, 127.0F), w(16 * k, 127.0F);
  for (std::size_t i = 0; i < k; ++i) a[k + i] = -127.0F;
  const Rows rows(*GetParam(), RowType::int8, a, 2, k);
  const auto packed = PackedMatrix::pack(w, 16, k, ElementType::int8);
  std::vector<float> c;
  GetParam()->multiply_int8(product_of(rows, packed, 2, c));
  EXPECT_EQ(c[0], 127.0F * 127.0F * 512.0F);
  EXPECT_EQ(c[16], -127.0F * 127.0F * 512.0F);
}

INSTANTIATE_TEST_SUITE_P(PerIsa, Products,
                         ::testing::ValuesIn(available_kernel_tables().begin(), available_kernel_tables().end()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(PackedMatrix, RoundsToBfloat16TiesToEven) {
  EXPECT_EQ(to_bf16(1.0F), 0x3F80);
  EXPECT_EQ(to_bf16(from_bf16(0x3F81)), 0x3F81);
  EXPECT_EQ(to_bf16(1.00390625F), 0x3F80);  // half way between 0x3F80 and 0x3F81
  EXPECT_EQ(to_bf16(1.01171875F), 0x3F82);  // half way between 0x3F81 and 0x3F82
  EXPECT_EQ(to_bf16(-0.0F), 0x8000);
}

}  // namespace
}  // namespace pop2piano::kernels
