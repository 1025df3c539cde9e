// SPDX-License-Identifier: MIT
// Runs the built command line program as a user would and collects what it printed.
#pragma once

#include <string>
#include <vector>

namespace pop2piano::testing {

struct Outcome {
  int exit_code = -1;  ///< 128 + signal when it was killed
  std::string out, err;
};

struct RunOptions {
  std::string input_file;                ///< standard input; empty: /dev/null; "closed": none
  std::string working_folder;            ///< empty: the test's own
  std::vector<std::string> environment;  ///< "NAME=value", added
  long file_size_limit = 0;              ///< bytes a file may have, as on a full disk; 0: no limit
  int interrupt_after_ms = 0;            ///< SIGINT so much later; 0: never
};

Outcome run_program(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// How many lines a text has.
std::size_t line_count(const std::string& text);

}  // namespace pop2piano::testing
