// SPDX-License-Identifier: MIT
// A file's bytes, mapped read-only and shared between processes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace pop2piano {

/// Move-only. The bytes stay valid as long as the object lives. Empty files map to an empty span.
class MappedFile {
 public:
  /// Throws Error: not_found, unreadable (folder, permission).
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pop2piano
