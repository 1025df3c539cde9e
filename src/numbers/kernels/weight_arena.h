// SPDX-License-Identifier: MIT
// Memory for packed weights: private to the process, or a file's pages that processes share.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace pop2piano::kernels {

/// Hands out memory for many matrices in huge pages, which live as long as the arena, wherever that is moved.
class WeightArena {
 public:
  /// Uninitialised, at a multiple of 64.
  [[nodiscard]] std::byte* allocate(std::size_t size);
  /// Puts what was written so far into `file`, unless it holds just that, and maps the file in the memory's place:
  /// processes that name the same file share its pages. Addresses stay; the memory is read-only from here on. Throws
  /// Error when the file cannot be written or mapped.
  void share(const std::filesystem::path& file);

 private:
  /// Mapped pages of its own: what is mapped over them later is nothing that malloc() knows.
  class Chunk {
   public:
    explicit Chunk(std::size_t size);
    ~Chunk();
    Chunk(Chunk&& other) noexcept;
    Chunk& operator=(Chunk&& other) noexcept;

    std::byte* data = nullptr;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  [[nodiscard]] bool is_in(const std::filesystem::path& file) const;
  void write(const std::filesystem::path& file) const;

  std::vector<Chunk> chunks_;
};

}  // namespace pop2piano::kernels
