// SPDX-License-Identifier: MIT
#include "app/tasks/sandbox.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pop2piano::serve {
namespace {

constexpr rlim_t kMemory = rlim_t{8} << 30, kFile = rlim_t{4} << 30, kSeconds = 3600, kDescriptors = 256;

void limit(int resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0) return;
  const rlim_t value = now.rlim_max == RLIM_INFINITY || most < now.rlim_max ? most : now.rlim_max;
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

void set_limits() {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kSeconds);
  limit(RLIMIT_FSIZE, kFile);
  limit(RLIMIT_NOFILE, kDescriptors);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // these reserve terabytes of addresses
  limit(RLIMIT_AS, kMemory);
#endif
}

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kAll = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;  // of the first version
constexpr std::uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;

void allow(int ruleset, const std::filesystem::path& path, std::uint64_t access) {
  const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (place < 0) return;
  std::error_code error;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = std::filesystem::is_directory(path, error) ? access : access & kOfFiles;
  rule.parent_fd = place;
  ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
  ::close(place);
}

bool confine_files(const Confinement& c) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kAll;
  const auto ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0U));
  if (ruleset < 0) return false;
  for (const auto& path : c.readable) allow(ruleset, path, kRead);
  allow(ruleset, c.writable, kAll);
  allow(ruleset, "/dev/null", kAll);
  const bool confined = ::syscall(SYS_landlock_restrict_self, ruleset, 0U) == 0;
  ::close(ruleset);
  return confined;
}

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

// Network, other programs, other processes, the kernel itself: refused with EPERM. Everything else goes on.
constexpr int kRefused[] = {
    SYS_socket,      SYS_socketpair,       SYS_connect,
    SYS_bind,        SYS_listen,           SYS_accept,
    SYS_accept4,     SYS_execve,           SYS_execveat,
    SYS_ptrace,      SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_mount,       SYS_umount2,          SYS_pivot_root,
    SYS_chroot,      SYS_unshare,          SYS_setns,
    SYS_bpf,         SYS_perf_event_open,  SYS_userfaultfd,
    SYS_keyctl,      SYS_add_key,          SYS_request_key,
    SYS_init_module, SYS_finit_module,     SYS_delete_module,
    SYS_kexec_load,  SYS_reboot,           SYS_io_uring_setup,
};
constexpr std::size_t kRefusedCount = sizeof kRefused / sizeof kRefused[0];

bool confine_calls() {
  if (kArchitecture == 0) return false;
  std::array<sock_filter, kRefusedCount + 6> program{};
  std::size_t n = 0;
  program[n++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  program[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
  program[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[n++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (std::size_t i = 0; i < kRefusedCount; ++i) {
    const auto to_refusal = static_cast<std::uint8_t>(kRefusedCount - i);
    program[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(kRefused[i]), to_refusal, 0);
  }
  program[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1U);  // EPERM
  const sock_fprog filter{static_cast<unsigned short>(n), program.data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

Confined confine(const Confinement& confinement) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != confinement.parent) std::_Exit(1);  // it ended before it could be said
  set_limits();
  Confined confined;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || confinement.programs) return confined;
  confined.files = confine_files(confinement);
  confined.calls = confine_calls();
  return confined;
}

}  // namespace pop2piano::serve
