// SPDX-License-Identifier: MIT
#include "base/core/thread_pool.h"

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const std::size_t count : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> calls(count);
      pool.run(count, [&](std::size_t i) { ++calls[i]; });
      for (const auto& c : calls) EXPECT_EQ(c, 1);
    }
  }
}

TEST(ThreadPool, RethrowsAndStaysUsable) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.run(100,
                        [](std::size_t i) {
                          if (i == 7) throw std::runtime_error("x");
                        }),
               std::runtime_error);
  std::atomic<int> sum{0};
  parallel_for(pool, 10, 3, [&](std::size_t first, std::size_t last) { sum += static_cast<int>(last - first); });
  EXPECT_EQ(sum, 10);
}

TEST(ThreadPool, NestedCallsRunInPlace) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  pool.run(4, [&](std::size_t) { pool.run(4, [&](std::size_t) { ++sum; }); });
  EXPECT_EQ(sum, 16);
}

}  // namespace
}  // namespace pop2piano
