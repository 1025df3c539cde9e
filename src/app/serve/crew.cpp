// SPDX-License-Identifier: MIT
#include "app/serve/crew.h"

#include <pop2piano/error.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/tasks/worker.h"
#include "base/core/output_file.h"

extern char** environ;

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kSilence{150};  // without a line, then it hangs

// The worker with the request as its standard input; `output` becomes the pipe that it speaks into.
pid_t spawn(const fs::path& request, const fs::path& complaints, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, request.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaints.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawnattr_setpgroup(&attributes, 0);  // what it starts itself is ended with it
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) sigaddset(&usual, number);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string program = "pop2piano", word(kWorkerWord);
  std::array<char*, 3> arguments{program.data(), word.data(), nullptr};
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, "/proc/self/exe", &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? child : -1;
}

std::string words_for(int status) {
  if (WIFSIGNALED(status)) return std::string("the worker was ended by the system: ") + ::strsignal(WTERMSIG(status));
  return "the worker ended without a result (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
}

}  // namespace

struct Crew::Worker {
  std::int64_t number = 0;
  pid_t process = -1;
  fs::path folder;
  std::string name, buffer;
  Line line;
  End end;
  Outcome outcome;
  bool hung = false;
  std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
};

Crew::~Crew() {
  for (const auto& [number, worker] : workers_) {
    ::kill(-worker->process, SIGKILL);
    ::waitpid(worker->process, nullptr, 0);
  }
}

std::int64_t Crew::start(nlohmann::json request, Line line, End end) {
  const auto worker = std::make_shared<Worker>();
  worker->number = next_++;
  worker->name = request.value("name", std::string());
  worker->folder = work_ / std::to_string(worker->number);
  worker->line = std::move(line);
  worker->end = std::move(end);
  request["out"] = (worker->folder / "out").string();
  request["parent"] = ::getpid();
  std::array<int, 2> pipe{-1, -1};
  try {
    fs::create_directories(worker->folder / "out");
    write_file(worker->folder / "request.json", request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
      throw Error(ErrorCode::write_failed, std::string("no pipe: ") + std::strerror(errno));
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::write_failed, worker->folder.string() + ": " + error.code().message());
  }
  worker->process = spawn(worker->folder / "request.json", worker->folder / "complaints", pipe[1]);
  ::close(pipe[1]);
  if (worker->process < 0) {
    ::close(pipe[0]);
    throw Error(ErrorCode::write_failed, "no worker could be started: no memory or no processes left");
  }
  ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
  workers_[worker->number] = worker;
  loop_.watch(pipe[0], [this, worker](int descriptor) { return read(worker, descriptor); });
  watch_over(worker);
  return worker->number;
}

void Crew::watch_over(const std::weak_ptr<Worker>& weak) {
  loop_.after(std::chrono::seconds(10), [this, weak] {
    const auto worker = weak.lock();
    if (!worker || !workers_.contains(worker->number)) return;
    if (std::chrono::steady_clock::now() - worker->heard > kSilence) {
      worker->hung = true;
      stop(worker->number);
    }
    watch_over(weak);
  });
}

bool Crew::read(const std::shared_ptr<Worker>& worker, int descriptor) {
  std::array<char, 16384> piece{};
  const ssize_t count = ::read(descriptor, piece.data(), piece.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) {
    finish(worker);
    return false;
  }
  worker->heard = std::chrono::steady_clock::now();
  worker->buffer.append(piece.data(), static_cast<std::size_t>(count));
  for (std::size_t end = worker->buffer.find('\n'); end != std::string::npos; end = worker->buffer.find('\n')) {
    hear(*worker, worker->buffer.substr(0, end));
    worker->buffer.erase(0, end + 1);
  }
  if (worker->buffer.size() > 16U << 20U) stop(worker->number);
  return true;
}

void Crew::hear(Worker& worker, const std::string& text) {
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_object()) return;  // what a library printed
  if (value.contains("done")) {
    worker.outcome.done = value["done"];
  } else if (value.contains("error")) {
    worker.outcome.error = value.value("error", std::string("failed"));
  } else if (value.contains("confined")) {
    confined_ += value["confined"].value("files", false) && value["confined"].value("calls", false) ? 1 : 0;
  } else if (worker.line) {
    worker.line(value);
  }
}

void Crew::finish(const std::shared_ptr<Worker>& worker) {
  int status = 0;
  ::kill(-worker->process, SIGKILL);  // what it may have left behind; it has closed its output itself
  ::waitpid(worker->process, &status, 0);
  workers_.erase(worker->number);
  Outcome& outcome = worker->outcome;
  if (outcome.done.is_null() && outcome.error.empty()) {
    outcome.crashed = true;
    outcome.error =
        worker->name + ": " + (worker->hung ? "the worker was silent for too long and was ended" : words_for(status));
  }
  worker->end(outcome, worker->folder / "out");
  std::error_code ignored;
  fs::remove_all(worker->folder, ignored);
}

void Crew::stop(std::int64_t number) {
  if (const auto found = workers_.find(number); found != workers_.end()) ::kill(-found->second->process, SIGKILL);
}

void Crew::stop_all() {
  for (const auto& [number, worker] : workers_) ::kill(-worker->process, SIGKILL);
}

}  // namespace pop2piano::serve
