// SPDX-License-Identifier: MIT
// The kernels compiled for generic (flags in CMakeLists.txt).
#include "numbers/kernels/attend.inl"
#include "numbers/kernels/kernels_isa.h"
#include "numbers/kernels/products.inl"
#include "numbers/kernels/products_int8.inl"
#include "numbers/kernels/rowwise.inl"
#include "numbers/kernels/vector_math.inl"

namespace pop2piano::kernels {

extern const KernelTable kGenericKernels{
    .isa = Isa::generic,
    .name = "generic",
    .multiply_f32 = multiply_f32,
    .multiply_f32_bf16 = multiply_f32_bf16,
    .multiply_int8 = multiply_int8,
    .attend_f32 = attend_f32,
    .attend_bf16 = attend_bf16,
    .rms_norm = rms_norm,
    .softmax = softmax,
    .gated_gelu = gated_gelu,
    .round_bf16 = round_bf16,
    .round_split = round_split,
    .round_int8 = round_int8,
    .log_sum_exp = log_sum_exp,
};

}  // namespace pop2piano::kernels
