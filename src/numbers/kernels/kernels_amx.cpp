// SPDX-License-Identifier: MIT
// The kernels compiled for AMX, with AVX-512 for what tiles do not do (flags in CMakeLists.txt).
#include "numbers/kernels/attend.inl"
#include "numbers/kernels/kernels_isa.h"
#include "numbers/kernels/products.inl"
#include "numbers/kernels/rowwise.inl"
#include "numbers/kernels/tiles_amx.inl"
#include "numbers/kernels/vector_math.inl"

namespace pop2piano::kernels {

extern const KernelTable kAmxKernels{
    .isa = Isa::amx,
    .name = "amx",
    .multiply_f32 = multiply_f32,
    .multiply_f32_bf16 = multiply_f32_bf16,
    .multiply_bf16 = multiply_bf16_amx,
    .multiply_split = multiply_split_amx,
    .multiply_int8 = multiply_int8_amx,
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
