// SPDX-License-Identifier: MIT
#include "base/core/thread_pool.h"

#include <system_error>
#include <utility>

#include <sched.h>

namespace pop2piano {
namespace {

thread_local bool inside_task = false;

}  // namespace

int usable_threads(int wanted) {
  if (wanted > 0) return wanted;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  const unsigned n = std::thread::hardware_concurrency();
  return n == 0 ? 1 : static_cast<int>(n);
}

ThreadPool::ThreadPool(int threads) {
  const int wanted = usable_threads(threads);
  workers_.reserve(static_cast<std::size_t>(wanted - 1));
  try {
    for (int i = 1; i < wanted; ++i) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {  // the system allows no more: those that there are do the work
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(std::size_t count, const std::function<void(std::size_t)>& task) {
  if (inside_task || count == 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  const std::lock_guard caller(caller_);
  std::unique_lock lock(mutex_);
  task_ = &task;
  next_ = 0;
  count_ = count;
  wake_.notify_all();
  take_indices(lock);
  done_.wait(lock, [this] { return active_ == 0; });
  task_ = nullptr;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || (task_ != nullptr && next_ < count_); });
    if (stop_) return;
    take_indices(lock);
    if (active_ == 0) done_.notify_all();
  }
}

// Takes indices one by one under the lock and runs them without it.
void ThreadPool::take_indices(std::unique_lock<std::mutex>& lock) {
  ++active_;
  while (next_ < count_) {
    const std::size_t index = next_++;
    const auto& task = *task_;
    lock.unlock();
    std::exception_ptr error;
    inside_task = true;
    try {
      task(index);
    } catch (...) {
      error = std::current_exception();
    }
    inside_task = false;
    lock.lock();
    if (error) {
      if (!error_) error_ = error;
      next_ = count_;
    }
  }
  --active_;
}

}  // namespace pop2piano
