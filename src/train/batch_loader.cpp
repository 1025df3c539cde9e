// SPDX-License-Identifier: MIT
#include "train/batch_loader.h"

#include <utility>

namespace pop2piano::training {

BatchLoader::BatchLoader(Make make, std::int64_t first, int threads, std::int64_t ahead)
    : make_(std::move(make)), ahead_(ahead), taken_(first), started_(first) {
  for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void BatchLoader::work() {
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

Batch BatchLoader::next() {
  if (workers_.empty()) return make_(taken_++);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ready_.contains(taken_); });
  auto result = std::move(ready_.extract(taken_++).mapped());
  changed_.notify_all();
  lock.unlock();
  if (result.error) std::rethrow_exception(result.error);
  return std::move(result.batch);
}

}  // namespace pop2piano::training
