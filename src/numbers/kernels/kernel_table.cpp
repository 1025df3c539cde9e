// SPDX-License-Identifier: MIT
#include "numbers/kernels/kernel_table.h"

#include <pop2piano/error.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/core/cpu_features.h"
#include "numbers/kernels/kernels_isa.h"

namespace pop2piano::kernels {
namespace {

std::vector<const KernelTable*> find_tables() {
  std::vector<const KernelTable*> tables{&kGenericKernels};
#if defined(POP2PIANO_X86_KERNELS)
  const CpuFeatures& cpu = cpu_features();
  if (cpu.avx2) tables.push_back(&kAvx2Kernels);
  if (cpu.avx512) tables.push_back(&kAvx512Kernels);
  if (cpu.avx512_bf16 && cpu.avx512_vnni) tables.push_back(&kAvx512Bf16Kernels);
  if (cpu.amx) tables.push_back(&kAmxKernels);
#endif
  return tables;
}

const KernelTable& choose() {
  const auto tables = available_kernel_tables();
  const char* wanted = std::getenv("POP2PIANO_ISA");
  if (wanted == nullptr || *wanted == '\0') return *tables.back();
  std::string known;
  for (const KernelTable* table : tables) {
    if (std::string_view(wanted) == table->name) return *table;
    known += std::string(known.empty() ? "" : ", ") + table->name;
  }
  throw Error(ErrorCode::invalid_argument,
              std::string("POP2PIANO_ISA is \"") + wanted + "\"; this machine runs: " + known);
}

}  // namespace

std::span<const KernelTable* const> available_kernel_tables() {
  static const std::vector<const KernelTable*> tables = find_tables();
  return tables;
}

const KernelTable& kernel_table() {
  static const KernelTable& table = choose();
  return table;
}

}  // namespace pop2piano::kernels
