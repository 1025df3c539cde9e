// SPDX-License-Identifier: MIT
#include "base/core/child_process.h"

#include <pop2piano/error.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptOutput = 4000;  // bytes
constexpr const char* kLog = "child.log";

void redirect(int descriptor, const char* file, int flags) {
  const int opened = ::open(file, flags, 0600);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
}

[[noreturn]] void become(const std::vector<std::string>& words, const ChildOptions& options) {
  ::setpgid(0, 0);  // what it starts itself is ended with it
  if (::chdir(options.folder.c_str()) != 0) ::_exit(126);
  redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
  redirect(STDOUT_FILENO, kLog, O_WRONLY | O_CREAT | O_TRUNC);
  ::dup2(STDOUT_FILENO, STDERR_FILENO);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_DFL);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

std::string end_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  return all.size() > kKeptOutput ? all.substr(all.size() - kKeptOutput) : all;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

std::optional<fs::path> find_program(const std::vector<std::string>& names) {
  const char* path = std::getenv("PATH");
  for (const std::string& name : names) {
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
      const fs::path program = fs::path(folder.empty() ? "." : folder) / name;
      std::error_code error;
      if (fs::is_regular_file(program, error) && ::access(program.c_str(), X_OK) == 0) return fs::absolute(program);
    }
  }
  return std::nullopt;
}

ChildOutcome run_child(const std::vector<std::string>& words, const ChildOptions& options) {
  const auto cancelled = [&] { return options.cancel != nullptr && options.cancel->cancelled(); };
  const pid_t child = ::fork();
  if (child < 0) {
    throw Error(ErrorCode::unreadable, words.front() + ": cannot be started: " + std::strerror(errno));
  }
  if (child == 0) become(words, options);
  const auto deadline = std::chrono::steady_clock::now() + options.limit;
  ChildOutcome outcome;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    outcome.out_of_time = std::chrono::steady_clock::now() > deadline;
    if (outcome.out_of_time || cancelled()) {
      ::kill(-child, SIGKILL);
      ::kill(child, SIGKILL);  // in case it has no group of its own yet
      ::waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (cancelled()) throw Error(ErrorCode::cancelled, "stopped");
  outcome.exit_code = code_of(status);
  outcome.output = end_of(options.folder / kLog);
  return outcome;
}

WorkFolder::WorkFolder() {
  std::string pattern = (fs::temp_directory_path() / "pop2piano-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error(ErrorCode::write_failed, pattern + ": cannot make a temporary folder: " + std::strerror(errno));
  }
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace pop2piano
