// SPDX-License-Identifier: MIT
// Who decides what is made when: takes at once from what is kept, jobs in the queue, files when they are asked for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/http/http_server.h"
#include "app/serve/crew.h"
#include "app/serve/store.h"
#include "app/tasks/take_options.h"

namespace pop2piano::serve {

struct DeskOptions {
  int workers = 1;                     ///< jobs at a time
  std::int64_t most_waiting = 200;     ///< jobs in the queue
  std::int64_t most_of_a_client = 50;  ///< of them
  std::string version;
};

/// Which take, at which status (200 there, 201 made, 202 a job), and the job if something is still to be done.
struct Started {
  int status = 200;
  std::string take;
  std::optional<std::int64_t> job;
};

class Desk {
 public:
  Desk(Store& store, HttpServer& loop, DeskOptions options);

  using OnStarted = std::function<void(const Started&)>;
  using OnRefusal = std::function<void(const Refusal&)>;
  /// A take of a song. Throws Refusal(429).
  void make(const Song& song, const TakeOptions& options, const std::string& client, bool sound,
            const OnStarted& started, const OnRefusal& refused);
  /// Only the waveform. Throws Refusal(429).
  Started make_peaks(const Song& song, const std::string& client);
  /// Mix and piano of the take as it is. Throws Refusal(429).
  Started make_sound(const Take& take, const std::string& client);
  /// Other notes. Throws Refusal: 409, 429.
  void edit(const Take& take, const nlohmann::json& document, const std::function<void(const Take&)>& done,
            const OnRefusal& refused);
  using OnFile = std::function<void(const std::filesystem::path&)>;
  /// A file that is made when it is first asked for; `request`: task and its members.
  void derive(const std::filesystem::path& target, nlohmann::json request, const OnFile& done,
              const OnRefusal& refused);
  void cancel(Job job);
  void rename_song(Song song, const std::string& title);
  void rename_take(Take take, const std::string& name);
  void delete_song(const std::string& song);
  void delete_take(const std::string& take);
  void check_room(const std::string& client);  ///< in the queue; throws Refusal(429)
  void pump();                                 ///< starts what can run

  [[nodiscard]] nlohmann::json json_of(const Song& song);
  [[nodiscard]] nlohmann::json json_of(const Take& take);
  [[nodiscard]] nlohmann::json json_of(const Job& job);
  [[nodiscard]] Crew& crew() { return crew_; }

 private:
  struct Running {
    std::int64_t worker = 0;
    int revision = 0;  ///< of the take when it began
    std::string stage;
    double percent = 0;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  };
  [[nodiscard]] nlohmann::json request_for(const Song& song, const Take& take);
  Take ensure_take(const std::string& song, const TakeOptions& options);
  std::int64_t enqueue(const std::string& kind, const Take& take, const std::string& client);
  void run(Job job);
  void progress(std::int64_t job, const nlohmann::json& line, const std::filesystem::path& folder);
  void job_ended(std::int64_t job, const Outcome& outcome, const std::filesystem::path& folder);
  void keep_files(const std::string& song, const Take& take, const std::filesystem::path& folder);
  void take_ready(const std::string& take, const nlohmann::json& summary);
  void song_heard(const std::string& song, const nlohmann::json& facts);
  void arrange_now(const Song& song, const Take& take, const std::string& client, bool sound, const OnStarted& started,
                   const OnRefusal& refused);
  void publish(const Job& job);
  void publish_take(const std::string& id);
  void publish_song(const std::string& id);

  Store& store_;
  HttpServer& loop_;
  DeskOptions options_;
  Crew crew_;
  std::map<std::int64_t, Running> running_;  // by job
  std::map<std::string, std::vector<std::pair<OnFile, OnRefusal>>> deriving_;
  int at_once_ = 0;
};

}  // namespace pop2piano::serve
