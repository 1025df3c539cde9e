// SPDX-License-Identifier: MIT
// What the processor and the operating system let this process use.
#pragma once

#include <string>

namespace pop2piano {

struct CpuFeatures {
  bool avx2 = false;         ///< with FMA and F16C
  bool avx512 = false;       ///< F, BW, DQ, VL
  bool avx512_vnni = false;  ///< 8-bit dot products
  bool avx512_bf16 = false;  ///< bfloat16 dot products
  bool amx = false;          ///< tiles for bfloat16 and 8 bits, granted by the kernel
  bool amd = false;          ///< vendor: dot products of bfloat16 run at full width
};

/// Looked up once. The first call asks Linux for permission to use AMX tiles in this process.
[[nodiscard]] const CpuFeatures& cpu_features();

/// The processor's own name, "unknown" where it does not say.
[[nodiscard]] std::string cpu_name();

}  // namespace pop2piano
