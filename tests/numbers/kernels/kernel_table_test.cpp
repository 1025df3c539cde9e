// SPDX-License-Identifier: MIT
#include "numbers/kernels/kernel_table.h"

#include <string>

#include <gtest/gtest.h>

#include "base/core/cpu_features.h"

namespace pop2piano::kernels {
namespace {

// Null when the machine lacks it or it was not compiled in.
const KernelTable* kernel_table_for(Isa isa) {
  for (const KernelTable* table : available_kernel_tables()) {
    if (table->isa == isa) return table;
  }
  return nullptr;
}

TEST(KernelTable, ThePlainOneIsAlwaysThere) {
  ASSERT_NE(kernel_table_for(Isa::generic), nullptr);
  EXPECT_EQ(available_kernel_tables().front()->isa, Isa::generic);
}

TEST(KernelTable, OffersWhatTheProcessorHas) {
  const bool has_avx2 = kernel_table_for(Isa::avx2) != nullptr;
  EXPECT_EQ(has_avx2, cpu_features().avx2);
  for (const KernelTable* table : available_kernel_tables()) {
    EXPECT_NE(table->multiply_f32, nullptr) << table->name;
    EXPECT_NE(table->multiply_f32_bf16, nullptr) << table->name;
    EXPECT_NE(table->multiply_int8, nullptr) << table->name;
  }
}

TEST(CpuFeatures, HigherSetsImplyLowerOnes) {
  const CpuFeatures& cpu = cpu_features();
  EXPECT_TRUE(!cpu.avx512 || cpu.avx2);
  EXPECT_TRUE(!cpu.avx512_bf16 || cpu.avx512);
  EXPECT_TRUE(!cpu.amx || cpu.avx512_bf16);
  EXPECT_FALSE(cpu_name().empty());
}

}  // namespace
}  // namespace pop2piano::kernels
