// SPDX-License-Identifier: MIT
// What a run computes on: the processor's threads, or a GPU.
#pragma once

#include <string>

#include "learning/train/torch.h"

namespace pop2piano::training {

/// "auto" is CUDA where libtorch has it, else the processor; of several GPUs that which LOCAL_RANK numbers. Throws
/// Error(unsupported).
at::Device device_named(const std::string& name);

/// At most `count` for operations, and for matrix products where they are OpenBLAS's: that has threads of its own,
/// which wait by spinning on the processors that were to be left free.
void use_threads(int count);

}  // namespace pop2piano::training
