// SPDX-License-Identifier: MIT
#include "learning/prepare/folder_lock.h"

#include <pop2piano/error.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace pop2piano {

std::optional<FolderLock> FolderLock::try_take(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "lock";
  int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0 && errno == EISDIR) descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);  // locks as well
  if (descriptor < 0) {
    throw Error(ErrorCode::write_failed, file.string() + ": cannot be opened: " + std::strerror(errno));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return FolderLock(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (reason == EWOULDBLOCK) return std::nullopt;
  throw Error(ErrorCode::write_failed, file.string() + ": cannot be locked: " + std::strerror(reason));
}

FolderLock FolderLock::take(const std::filesystem::path& folder, const Monitor& monitor) {
  while (true) {
    monitor.check();
    if (auto lock = try_take(folder)) return std::move(*lock);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace pop2piano
