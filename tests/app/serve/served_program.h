// SPDX-License-Identifier: MIT
// `pop2piano serve` as a process of a test's own, with a folder that outlives it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "http_client.h"

namespace pop2piano::testing {

class ServedProgram {
 public:
  /// `log`: a file for what it says on standard error; empty: it goes where that of the test goes.
  explicit ServedProgram(const std::filesystem::path& data, std::vector<std::string> options = {},
                         const std::filesystem::path& log = {});
  ~ServedProgram();
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t process() const { return process_; }
  /// Returns the exit code, 128 + signal.
  int end(int signal);

 private:
  pid_t process_ = -1;
  int port_ = 0;
};

/// Asks for the song until no job of it waits or runs; returns it.
nlohmann::json finished_song(int port, const std::string& song);

}  // namespace pop2piano::testing
