// SPDX-License-Identifier: MIT
// One pool of threads for the whole program. Work is cut into indices by the caller, never by the number of threads, so
// results do not depend on how many there are.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pop2piano {

/// `wanted`, or if that is 0 as many as the process may use at once (affinity mask).
[[nodiscard]] int usable_threads(int wanted = 0);

/// Runs loops. The caller takes part, so a pool of 1 has no threads of its own. run() is serialised: calls from several
/// threads wait for each other; a call from inside a task runs there, alone.
class ThreadPool {
 public:
  /// `threads`: see usable_threads().
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls task(i) once for each i in [0, count), in any order and on any thread; returns when all are done. The first
  /// exception is rethrown here, after the remaining indices were skipped.
  void run(std::size_t count, const std::function<void(std::size_t index)>& task);

 private:
  void work();
  void take_indices(std::unique_lock<std::mutex>& lock);

  std::mutex caller_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(std::size_t)>* task_ = nullptr;
  std::size_t next_ = 0, count_ = 0, active_ = 0;
  std::exception_ptr error_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

/// Loop over [0, count) in blocks of `block` indices: body(first, last).
template <typename Body>
void parallel_for(ThreadPool& pool, std::size_t count, std::size_t block, Body&& body) {
  const std::size_t blocks = (count + block - 1) / block;
  pool.run(blocks, [&](std::size_t b) { body(b * block, b * block + block < count ? b * block + block : count); });
}

}  // namespace pop2piano
