// SPDX-License-Identifier: MIT
// What runs of the convolution trainer leave behind, read and compared; the program started as a user starts it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "numbers/nets/network_parts.h"

namespace pop2piano::testing {

inline void expect_equal_weights(const std::vector<NetworkPart>& parts, const std::filesystem::path& a,
                                 const std::filesystem::path& b) {
  const auto expected = read_network_parts(a, parts, "network"), found = read_network_parts(b, parts, "network");
  for (const NetworkPart& part : parts) EXPECT_EQ(expected.at(part.name), found.at(part.name)) << part.name;
}

/// The losses on held-out songs in a run's validation.csv.
inline std::vector<double> held_out_losses(const std::filesystem::path& run) {
  std::ifstream log(run / "validation.csv");
  std::vector<double> losses;
  std::string line;
  std::getline(log, line);  // names of the columns
  while (std::getline(log, line)) losses.push_back(std::stod(line.substr(line.find(',') + 1)));
  return losses;
}

inline pid_t start_program(const std::vector<std::string>& arguments) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> argv{const_cast<char*>(POP2PIANO_TRAIN_PROGRAM)};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // A heap that was damaged ends the program.
  setenv("GLIBC_TUNABLES", "glibc.malloc.check=3", 1);
  execv(argv[0], argv.data());
  _exit(127);
}

/// Its exit code, or the signal that ended it, negative.
inline int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace pop2piano::testing
