// SPDX-License-Identifier: MIT
// What a worker may do: limits of the kernel, no new privileges, Landlock and seccomp where the kernel has them.
#pragma once

#include <filesystem>
#include <vector>

namespace pop2piano::serve {

struct Confinement {
  std::vector<std::filesystem::path> readable;  ///< files and folders; those that are not there are passed over
  std::filesystem::path writable;               ///< one folder
  int parent = 0;                               ///< process that it belongs to
  bool programs = false;                        ///< it may start others (engravers), which then may read everything
};

struct Confined {
  bool files = false, calls = false;  ///< by Landlock; by seccomp
};

/// For this process and all threads that it starts later, for good. The process is killed when its parent ends.
Confined confine(const Confinement& confinement);

}  // namespace pop2piano::serve
