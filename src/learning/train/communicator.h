// SPDX-License-Identifier: MIT
// Sums over the processes of one run (data parallelism): libtorch's c10d over gloo, found by the environment
// variables that torchrun sets: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT (LOCAL_RANK for the GPU).
#pragma once

#include <memory>

#include "learning/train/torch.h"

namespace pop2piano::training {

class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Every process gets the sum, the same bits in each.
  virtual void sum(at::Tensor& values) = 0;
};

/// From the environment; a single process where WORLD_SIZE is absent or 1. Waits for the others to come.
/// Throws Error: invalid_argument (a variable that is no number), unsupported (libtorch without gloo).
std::unique_ptr<Communicator> connect_processes(at::Device device);

}  // namespace pop2piano::training
