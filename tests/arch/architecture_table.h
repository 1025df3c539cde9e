// SPDX-License-Identifier: MIT
// The table of modules in docs/architecture.md: the one place that says who may use whom.
#pragma once

#include <map>
#include <set>
#include <string>

namespace pop2piano::arch {

struct Module {
  int level = 0;
  std::set<std::string> uses;  // without core, which everything may use
};

/// Reads lines `level N  name  description  uses a, b` and their continuations `  name  ...` between ``` fences.
/// "uses anything below" stands for all modules of lower levels. Throws std::runtime_error when there is no table or
/// when it names a module that it does not list.
[[nodiscard]] std::map<std::string, Module> parse_architecture(const std::string& markdown);

/// The module that a file belongs to: src/<module>/..., include/pop2piano/<module>.h (error.h and progress.h: core).
/// Empty for other paths.
[[nodiscard]] std::string module_of(const std::string& path);

/// Whether a file of one module may include a header of another. `path` is the including file: only src/app/train may
/// use train.
[[nodiscard]] bool may_use(const std::map<std::string, Module>& table, const std::string& path,
                           const std::string& used);

}  // namespace pop2piano::arch
