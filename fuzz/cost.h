// SPDX-License-Identifier: MIT
// What the inputs of a fuzz target cost: the most processor seconds and heap bytes, in all and for each kB of input.
// Printed when the target ends by itself. Heap is what the address sanitizer's allocator hands out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <sanitizer/allocator_interface.h>

namespace pop2piano::fuzz {

struct Worst {
  double seconds = 0.0, seconds_of_kb = 0.0, megabytes = 0.0, megabytes_of_kb = 0.0;
  std::size_t slowest_bytes = 0, largest_bytes = 0;  // of the inputs that took most
};

inline Worst worst;                          // of all inputs
inline thread_local std::size_t live, peak;  // bytes of the input that runs

inline void allocated(const volatile void* /*block*/, std::size_t size) {
  live += size;
  peak = std::max(peak, live);
}
inline void freed(const volatile void* block) {
  if (block == nullptr) return;
  const std::size_t size = __sanitizer_get_allocated_size(block);
  live -= std::min(live, size);
}

inline void print_worst() {
  std::fprintf(stderr, "cost: %.3f s (%zu bytes), %.4f s per kB, %.1f MB (%zu bytes), %.2f MB per kB\n", worst.seconds,
               worst.slowest_bytes, worst.seconds_of_kb, worst.megabytes, worst.largest_bytes, worst.megabytes_of_kb);
}

inline const bool counting = [] {
  __sanitizer_install_malloc_and_free_hooks(allocated, freed);
  return std::atexit(print_worst) == 0;
}();

/// Lives as long as an input of `size` bytes is worked on. Inputs below 1 kB count as 1 kB.
class Cost {
 public:
  explicit Cost(std::size_t size) : size_(size), start_(std::clock()) { live = peak = 0; }
  ~Cost() {
    const double kilobytes = std::max(1.0, static_cast<double>(size_) / 1024.0);
    const double seconds = static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC;
    const double megabytes = static_cast<double>(peak) / 1048576.0;
    if (seconds > worst.seconds) worst.slowest_bytes = size_;
    if (megabytes > worst.megabytes) worst.largest_bytes = size_;
    worst.seconds = std::max(worst.seconds, seconds);
    worst.megabytes = std::max(worst.megabytes, megabytes);
    worst.seconds_of_kb = std::max(worst.seconds_of_kb, seconds / kilobytes);
    worst.megabytes_of_kb = std::max(worst.megabytes_of_kb, megabytes / kilobytes);
  }
  Cost(const Cost&) = delete;
  Cost& operator=(const Cost&) = delete;

 private:
  std::size_t size_;
  std::clock_t start_;
};

}  // namespace pop2piano::fuzz
