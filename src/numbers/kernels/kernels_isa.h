// SPDX-License-Identifier: MIT
// The tables that the translation units of the instruction sets define.
#pragma once

#include "numbers/kernels/kernel_table.h"

namespace pop2piano::kernels {

extern const KernelTable kGenericKernels;
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
extern const KernelTable kAvx512Bf16Kernels;
extern const KernelTable kAmxKernels;

}  // namespace pop2piano::kernels
