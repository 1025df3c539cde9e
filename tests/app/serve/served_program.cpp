// SPDX-License-Identifier: MIT
#include "served_program.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace pop2piano::testing {

ServedProgram::ServedProgram(const std::filesystem::path& data, std::vector<std::string> options,
                             const std::filesystem::path& log) {
  std::vector<std::string> words{POP2PIANO_PROGRAM, "serve", "--json", "--port", "0", "--data", data.string()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[0]);
    if (!log.empty() && std::freopen(log.c_str(), "w", stderr) == nullptr) std::_Exit(126);
    ::execv(pointers[0], pointers.data());
    std::_Exit(127);
  }
  ::close(pipe[1]);
  std::string line;
  for (char c = 0; ::read(pipe[0], &c, 1) == 1 && c != '\n';) line += c;
  ::close(pipe[0]);
  const std::string address = nlohmann::json::parse(line).at("address");
  port_ = std::stoi(address.substr(address.rfind(':') + 1));
}

int ServedProgram::end(int signal) {
  int status = 0;
  ::kill(process_, signal);
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

ServedProgram::~ServedProgram() {
  if (process_ > 0) end(SIGKILL);
}

nlohmann::json finished_song(int port, const std::string& song) {
  while (true) {
    nlohmann::json found = request(port, "GET", "/api/v1/songs/" + song).json();
    bool active = false;
    for (const auto& job : found.at("jobs")) active = active || job["state"] == "waiting" || job["state"] == "running";
    if (!active) return found;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace pop2piano::testing
