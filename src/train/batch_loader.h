// SPDX-License-Identifier: MIT
// Prepares batches ahead on threads of its own and hands them out in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "train/batches.h"

namespace pop2piano::training {

/// next() belongs to one thread. Stops and joins in the destructor.
class BatchLoader {
 public:
  using Make = std::function<Batch(std::int64_t index)>;
  /// Calls make(first), make(first + 1), ... on `threads` threads (0: in next() itself), at most `ahead` of what was
  /// taken.
  BatchLoader(Make make, std::int64_t first, int threads, std::int64_t ahead = 4);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Rethrows what make() threw for this batch.
  Batch next();

 private:
  void work();
  struct Result {
    Batch batch;
    std::exception_ptr error;
  };

  Make make_;
  std::int64_t ahead_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Result> ready_;
  std::int64_t taken_, started_;  // numbers of the next batch to hand out and to make
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace pop2piano::training
