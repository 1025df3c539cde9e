// SPDX-License-Identifier: MIT
// What the server remembers: songs, takes and jobs, in one SQLite file of the data folder, and where their files lie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/serve/database.h"

namespace pop2piano::serve {

struct Song {
  std::string id, name, title, artist;
  std::int64_t bytes = 0;
  std::optional<double> duration, tempo;
  std::string key;
  std::int64_t added = 0, used = 0;  ///< seconds since 1970
  bool example = false;
};

struct Take {
  std::string id, song;
  nlohmann::json options;
  std::int64_t created = 0;
  std::string name;
  int revision = 0;
  bool ready = false;
  std::string sound = "none", sound_error;  ///< none, waiting, ready, failed
  nlohmann::json summary;
};

struct Job {
  std::int64_t id = 0;
  std::string kind, song, take, client, state = "waiting", stage;
  double percent = 0.0;
  int attempts = 0;
  std::string error;
  std::int64_t created = 0, started = 0, finished = 0;
  [[nodiscard]] bool active() const { return state == "waiting" || state == "running"; }
};

/// Not thread-safe. All members throw Error(write_failed) when the disk does not take it.
class Store {
 public:
  /// Makes the folder. Throws Error: write_failed, already_exists (another server uses it).
  explicit Store(const std::filesystem::path& folder);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path song_folder(const std::string& song) const { return folder_ / "songs" / song; }
  [[nodiscard]] std::filesystem::path take_folder(const Take& take) const {
    return folder_ / "takes" / take.id / std::to_string(take.revision);
  }

  [[nodiscard]] std::optional<Song> song(const std::string& id);
  /// Most recently used first; `words`: all must be in name, title or artist.
  [[nodiscard]] std::vector<Song> songs(const std::vector<std::string>& words, int limit, std::int64_t offset);
  void put(const Song& song);
  void touch_song(const std::string& id);
  void delete_song(const std::string& id);  ///< with takes, jobs and files

  [[nodiscard]] std::optional<Take> take(const std::string& id);
  [[nodiscard]] std::vector<Take> takes(const std::string& song);
  void put(const Take& take);
  void delete_take(const std::string& id);
  [[nodiscard]] std::string edits(const std::string& take);  ///< JSON; empty: none
  void set_edits(const std::string& take, const std::string& json);

  [[nodiscard]] std::optional<Job> job(std::int64_t id);
  /// Those that wait or run, oldest first; of one song also its last that failed.
  [[nodiscard]] std::vector<Job> jobs(const std::string& song = "");
  [[nodiscard]] std::optional<Job> active_job(const std::string& kind, const std::string& song,
                                              const std::string& take);
  std::int64_t add_job(const Job& job);
  void put(const Job& job);
  void beat(std::int64_t job, const std::string& stage, double percent);  ///< it lives
  /// The next to run, now running: of the client that has the fewest running and was served longest ago.
  [[nodiscard]] std::optional<Job> claim();
  [[nodiscard]] std::int64_t waiting(const std::string& client = "");  ///< how many; of one client
  [[nodiscard]] std::int64_t waiting_before(const Job& job);
  /// Jobs that ran when the server ended wait again; returns how many.
  int requeue_running();
  [[nodiscard]] std::int64_t count(const std::string& state);

  /// Songs to be deleted so that none is older than `days` unused and all take at most `bytes`; 0: no limit.
  [[nodiscard]] std::vector<std::string> outdated(int days, std::uint64_t bytes);

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
  std::optional<Database> opened_;
  Database& db() { return *opened_; }
};

/// Seconds since 1970.
[[nodiscard]] std::int64_t now();

}  // namespace pop2piano::serve
