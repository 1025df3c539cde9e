// SPDX-License-Identifier: MIT
// The parts of libtorch that the trainer uses: tensors, threads, gradients of our own functions. (torch/torch.h would
// triple the time to compile.) Only this module includes libtorch.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
