// SPDX-License-Identifier: MIT
// Prepares batches ahead on threads of its own and hands them out in order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pop2piano::training {

/// next() belongs to one thread. Stops and joins in the destructor.
template <typename Batch>
class BatchLoader {
 public:
  using Make = std::function<Batch(std::int64_t index)>;
  /// Calls make(first), make(first + 1), ... on `threads` threads (0: in next() itself), at most two a thread, and
  /// four, ahead of what was taken.
  BatchLoader(Make make, std::int64_t first, std::int64_t threads)
      : make_(std::move(make)), ahead_(std::max<std::int64_t>(4, 2 * threads)), taken_(first), started_(first) {
    for (std::int64_t i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~BatchLoader() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Rethrows what make() threw for this batch.
  Batch next() {
    if (workers_.empty()) return make_(taken_++);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.contains(taken_); });
    auto result = std::move(ready_.extract(taken_++).mapped());
    changed_.notify_all();
    lock.unlock();
    if (result.error) std::rethrow_exception(result.error);
    return std::move(result.batch);
  }

 private:
  struct Result {
    Batch batch;
    std::exception_ptr error;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stop_ || started_ < taken_ + ahead_; });
      if (stop_) return;
      const std::int64_t index = started_++;
      lock.unlock();
      Result result;
      try {
        result.batch = make_(index);
      } catch (...) {
        result.error = std::current_exception();
      }
      lock.lock();
      ready_[index] = std::move(result);
      changed_.notify_all();
    }
  }

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
