// SPDX-License-Identifier: MIT
// Other programs: where they are, and one run of one of them with a limit of time.
#pragma once

#include <pop2piano/progress.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pop2piano {

/// The first of `names` that PATH has.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const std::vector<std::string>& names);

struct ChildOptions {
  std::filesystem::path folder;                                    ///< that it works in
  std::vector<std::pair<std::string, std::string>> environment{};  ///< added
  std::chrono::seconds limit{180};                                 ///< then it is ended
  const CancelToken* cancel = nullptr;                             ///< ends it too
};

struct ChildOutcome {
  int exit_code = -1;  ///< 128 + signal when it was ended by one
  bool out_of_time = false;
  std::string output;  ///< what it printed, both streams; the last 4000 bytes
};

/// `words`: the program and its arguments; no shell sees them. Throws Error(cancelled) when the
/// token was; the child is ended then.
ChildOutcome run_child(const std::vector<std::string>& words, const ChildOptions& options);

/// A folder of its own, removed with everything in it.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace pop2piano
