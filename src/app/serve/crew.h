// SPDX-License-Identifier: MIT
// Worker processes: started with a task, listened to, ended when they hang or are not wanted any more.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "app/http/http_server.h"

namespace pop2piano::serve {

/// How a task ended.
struct Outcome {
  nlohmann::json done;   ///< null: it failed
  std::string error;     ///< what it said, or what became of it
  bool crashed = false;  ///< by a signal, or without a word
};

class Crew {
 public:
  /// `work`: a folder of ours for the workers' folders.
  Crew(HttpServer& loop, std::filesystem::path work) : loop_(loop), work_(std::move(work)) {}
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  using Line = std::function<void(const nlohmann::json&)>;
  using End = std::function<void(const Outcome&, const std::filesystem::path& folder)>;
  /// `folder` of `end` holds what was written and is removed afterwards. Returns a number for stop().
  std::int64_t start(nlohmann::json request, Line line, End end);
  /// Its `end` comes with crashed.
  void stop(std::int64_t number);
  void stop_all();
  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  [[nodiscard]] int confined() const { return confined_; }  ///< workers so far that Landlock and seccomp both held

 private:
  struct Worker;
  bool read(const std::shared_ptr<Worker>& worker, int descriptor);
  void hear(Worker& worker, const std::string& text);
  void finish(const std::shared_ptr<Worker>& worker);
  void watch_over(const std::weak_ptr<Worker>& worker);

  HttpServer& loop_;
  std::filesystem::path work_;
  std::map<std::int64_t, std::shared_ptr<Worker>> workers_;
  std::int64_t next_ = 1;
  int confined_ = 0;
};

}  // namespace pop2piano::serve
