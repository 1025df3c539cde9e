// SPDX-License-Identifier: MIT
// libtorch's headers, and what its versions from 1.13 to 2.x name differently. Only this module includes them.
#pragma once

#include <torch/torch.h>

#ifdef POP2PIANO_TORCH_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif
