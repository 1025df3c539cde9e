// SPDX-License-Identifier: MIT
#include "program.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

void redirect(int descriptor, const char* file, int flags) {
  const int opened = ::open(file, flags, 0600);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) std::_Exit(126);
  if (opened != descriptor) ::close(opened);
}

[[noreturn]] void become_program(std::vector<char*>& arguments, const RunOptions& options, const std::string& out,
                                 const std::string& err) {
  redirect(STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  redirect(STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  if (options.input_file == "closed") {
    ::close(STDIN_FILENO);
  } else {
    redirect(STDIN_FILENO, options.input_file.empty() ? "/dev/null" : options.input_file.c_str(), O_RDONLY);
  }
  if (!options.working_folder.empty() && ::chdir(options.working_folder.c_str()) != 0) std::_Exit(126);
  for (const std::string& variable : options.environment) ::putenv(const_cast<char*>(variable.c_str()));
  if (options.file_size_limit > 0) {
    const auto limit = static_cast<rlim_t>(options.file_size_limit);
    const rlimit both{limit, limit};
    ::setrlimit(RLIMIT_FSIZE, &both);
  }
  ::execv(arguments[0], arguments.data());
  std::_Exit(127);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments, const RunOptions& options) {
  const ScratchFolder folder;
  const std::string out = folder / "out", err = folder / "err";
  std::vector<std::string> words{POP2PIANO_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) become_program(pointers, options, out, err);
  if (options.interrupt_after_ms > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(options.interrupt_after_ms));
    ::kill(child, SIGINT);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {.exit_code = code, .out = bytes_of(out), .err = bytes_of(err)};
}

std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace pop2piano::testing
