// SPDX-License-Identifier: MIT
// Samples that are written once and read once, of any number: the first ones in memory, more in a file without a name.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

class KeptSound {
 public:
  /// `folder`: where the file lies if it is needed; it vanishes with the process, however that ends.
  KeptSound(std::filesystem::path folder, std::size_t most_in_memory);

  /// Throws Error(write_failed).
  void push(std::span<const float> samples);
  /// From the first sample on; after it nothing may be pushed. Returns how many there were, fewer only at the end.
  /// Throws Error(unreadable).
  std::size_t read(std::span<float> out);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void open();

  std::filesystem::path folder_;
  std::size_t most_in_memory_, size_ = 0, taken_ = 0;
  std::vector<float> memory_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace pop2piano
