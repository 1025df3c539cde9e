// SPDX-License-Identifier: MIT
// A folder that one process at a time works in. The lock is one of the open file (flock), so that it goes with the
// process, however that ends; on network file systems it reaches as far as theirs do (NFS: all machines).
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <optional>

namespace pop2piano {

class FolderLock {
 public:
  /// Absent when another process has it. Throws Error(write_failed) when the folder cannot be written.
  [[nodiscard]] static std::optional<FolderLock> try_take(const std::filesystem::path& folder);
  /// Waits for it. Throws Error(cancelled), too.
  [[nodiscard]] static FolderLock take(const std::filesystem::path& folder, const Monitor& monitor);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace pop2piano
