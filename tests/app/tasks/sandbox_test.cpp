// SPDX-License-Identifier: MIT
// What a confined process may not do, tried in a child: what the kernel has none of is passed over.
#include "app/tasks/sandbox.h"

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano::serve {
namespace {

enum Attempt { kSocket = 1, kProgram = 2, kRing = 4, kForeign = 8, kOwn = 16, kWriteRead = 32, kWriteOwn = 64 };
constexpr int kNoCalls = 128, kAllRefused = kSocket | kProgram | kRing;

bool opens(const std::filesystem::path& file, int how) {
  const int descriptor = ::open(file.c_str(), how | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
}

bool is_refused(long result) { return result == -1 && errno == EPERM; }

// Bits of Attempt that ended as they should. In the child: no GoogleTest, no return.
[[noreturn]] void try_all(const std::filesystem::path& folder, int parent) {
  const Confined confined = confine({.readable = {folder / "read"}, .writable = folder / "write", .parent = parent});
  int right = 0;
  char word[] = "true", *words[] = {word, nullptr}, *none[] = {nullptr};
  if (is_refused(::socket(AF_INET, SOCK_STREAM, 0))) right |= kSocket;
  if (is_refused(::execve("/bin/true", words, none))) right |= kProgram;
  if (is_refused(::syscall(SYS_io_uring_setup, 1, nullptr))) right |= kRing;
  if (!confined.calls) right |= kAllRefused;
  if (!opens("/etc/hostname", O_RDONLY) || !confined.files) right |= kForeign;
  if (opens(folder / "read/a", O_RDONLY)) right |= kOwn;
  if (!opens(folder / "read/a", O_WRONLY) || !confined.files) right |= kWriteRead;
  if (opens(folder / "write/b", O_WRONLY | O_CREAT)) right |= kWriteOwn;
  if (!confined.calls && !confined.files) right |= kNoCalls;
  std::_Exit(right);
}

TEST(Sandbox, WhatIsForbiddenIsRefusedAndWhatIsNeededGoesOn) {
  const testing::ScratchFolder folder;
  std::filesystem::create_directory(folder / "read");
  std::filesystem::create_directory(folder / "write");
  write_file(folder / "read/a", std::string_view("a"));
  const int parent = ::getpid();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) try_all(folder.path(), parent);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if ((WEXITSTATUS(status) & kNoCalls) != 0) GTEST_SKIP() << "this kernel has neither Landlock nor seccomp";
  EXPECT_EQ(WEXITSTATUS(status), kAllRefused | kForeign | kOwn | kWriteRead | kWriteOwn);
}

TEST(Sandbox, AProcessWhoseParentEndedBeforeEndsItself) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    static_cast<void>(confine({.readable = {}, .writable = "/nowhere", .parent = 1 << 30}));
    std::_Exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace pop2piano::serve
