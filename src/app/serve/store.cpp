// SPDX-License-Identifier: MIT
#include "app/serve/store.h"

#include <pop2piano/error.h>

#include <ctime>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS songs(id TEXT PRIMARY KEY, name TEXT, title TEXT, artist TEXT, bytes INTEGER, duration REAL,
  tempo REAL, key TEXT, added INTEGER, used INTEGER, example INTEGER);
CREATE TABLE IF NOT EXISTS takes(id TEXT PRIMARY KEY, song TEXT REFERENCES songs(id) ON DELETE CASCADE, options TEXT,
  created INTEGER, name TEXT, revision INTEGER, ready INTEGER, sound TEXT, sound_error TEXT, summary TEXT, edits TEXT);
CREATE TABLE IF NOT EXISTS jobs(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, song TEXT REFERENCES songs(id) ON DELETE CASCADE,
  take TEXT, client TEXT, state TEXT, stage TEXT, percent REAL, attempts INTEGER, error TEXT, created INTEGER,
  started INTEGER, finished INTEGER, heartbeat INTEGER);
CREATE TABLE IF NOT EXISTS served(client TEXT PRIMARY KEY, turn INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS one_active_job ON jobs(kind, song, take) WHERE state IN ('waiting', 'running');
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs(state);
CREATE INDEX IF NOT EXISTS takes_by_song ON takes(song);
)";
constexpr const char* kSongColumns = "id,name,title,artist,bytes,duration,tempo,key,added,used,example";
constexpr const char* kTakeColumns = "id,song,options,created,name,revision,ready,sound,sound_error,summary";
constexpr const char* kJobColumns =
    "id,kind,song,take,client,state,stage,percent,attempts,error,created,started,finished";

std::optional<double> real_or_none(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

Value or_null(const std::optional<double>& value) { return value ? Value(*value) : Value(nullptr); }

Song song_of(const Row& r) {
  return {.id = r.text(0),
          .name = r.text(1),
          .title = r.text(2),
          .artist = r.text(3),
          .bytes = r.integer(4),
          .duration = real_or_none(r, 5),
          .tempo = real_or_none(r, 6),
          .key = r.text(7),
          .added = r.integer(8),
          .used = r.integer(9),
          .example = r.integer(10) != 0};
}

Take take_of(const Row& r) {
  return {.id = r.text(0),
          .song = r.text(1),
          .options = nlohmann::json::parse(r.text(2)),
          .created = r.integer(3),
          .name = r.text(4),
          .revision = static_cast<int>(r.integer(5)),
          .ready = r.integer(6) != 0,
          .sound = r.text(7),
          .sound_error = r.text(8),
          .summary = nlohmann::json::parse(r.text(9))};
}

Job job_of(const Row& r) {
  return {.id = r.integer(0),
          .kind = r.text(1),
          .song = r.text(2),
          .take = r.text(3),
          .client = r.text(4),
          .state = r.text(5),
          .stage = r.text(6),
          .percent = r.real(7),
          .attempts = static_cast<int>(r.integer(8)),
          .error = r.text(9),
          .created = r.integer(10),
          .started = r.integer(11),
          .finished = r.integer(12)};
}

std::string dumped(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::uint64_t bytes_under(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end && !error; at.increment(error)) {
    if (at->is_regular_file(error)) bytes += at->file_size(error);
  }
  return bytes;
}

void remove_folder(const fs::path& folder) {
  std::error_code ignored;  // what stays is found and removed with the next song of that name
  fs::remove_all(folder, ignored);
}

}  // namespace

std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }

Store::Store(const fs::path& folder) : folder_(folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::write_failed,
                folder.string() + ": cannot be made: " + error.message() + "; choose another --data");
  lock_ = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) throw Error(ErrorCode::write_failed, folder.string() + ": cannot be written; choose another --data");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw Error(ErrorCode::already_exists,
                folder.string() + ": another server works with this folder; end it or choose another --data");
  }
  fs::permissions(folder, fs::perms::owner_all, error);
  for (const char* name : {"work", "uploads"}) remove_folder(folder / name);  // what a killed server left
  for (const char* name : {"songs", "takes", "work", "uploads"}) fs::create_directories(folder / name, error);
  opened_.emplace(folder / "library.sqlite");
  opened_->script(kSchema);
}

Store::~Store() {
  if (lock_ >= 0) ::close(lock_);
}

std::optional<Song> Store::song(const std::string& id) {
  std::optional<Song> found;
  db().run(std::string("SELECT ") + kSongColumns + " FROM songs WHERE id=?", {id},
           [&](const Row& r) { found = song_of(r); });
  return found;
}

std::vector<Song> Store::songs(const std::vector<std::string>& words, int limit, std::int64_t offset) {
  std::string sql = std::string("SELECT ") + kSongColumns + " FROM songs WHERE 1";
  std::vector<Value> values;
  for (const std::string& word : words) {
    sql += " AND instr(lower(name||' '||title||' '||artist), lower(?)) > 0";
    values.emplace_back(word);
  }
  sql += " ORDER BY used DESC, added DESC, id LIMIT ? OFFSET ?";
  values.emplace_back(std::int64_t{limit});
  values.emplace_back(offset);
  std::vector<Song> all;
  db().run(sql, values, [&](const Row& r) { all.push_back(song_of(r)); });
  return all;
}

void Store::put(const Song& s) {
  db().run(
      "INSERT INTO songs VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET name=excluded.name,"
      "title=excluded.title,artist=excluded.artist,duration=excluded.duration,tempo=excluded.tempo,key=excluded.key,"
      "used=excluded.used,example=excluded.example",
      {s.id, s.name, s.title, s.artist, s.bytes, or_null(s.duration), or_null(s.tempo), s.key, s.added, s.used,
       std::int64_t{s.example}});
}

void Store::touch_song(const std::string& id) { db().run("UPDATE songs SET used=? WHERE id=?", {now(), id}); }

void Store::delete_song(const std::string& id) {
  for (const Take& one : takes(id)) remove_folder(folder_ / "takes" / one.id);
  db().run("DELETE FROM songs WHERE id=?", {id});
  remove_folder(song_folder(id));
}

std::optional<Take> Store::take(const std::string& id) {
  std::optional<Take> found;
  db().run(std::string("SELECT ") + kTakeColumns + " FROM takes WHERE id=?", {id},
           [&](const Row& r) { found = take_of(r); });
  return found;
}

std::vector<Take> Store::takes(const std::string& song) {
  std::vector<Take> all;
  db().run(std::string("SELECT ") + kTakeColumns + " FROM takes WHERE song=? ORDER BY created DESC, rowid DESC", {song},
           [&](const Row& r) { all.push_back(take_of(r)); });
  return all;
}

void Store::put(const Take& t) {
  db().run(
      "INSERT INTO takes VALUES(?,?,?,?,?,?,?,?,?,?,NULL) ON CONFLICT(id) DO UPDATE SET name=excluded.name,"
      "revision=excluded.revision,ready=excluded.ready,sound=excluded.sound,sound_error=excluded.sound_error,"
      "summary=excluded.summary",
      {t.id, t.song, dumped(t.options), t.created, t.name, std::int64_t{t.revision}, std::int64_t{t.ready}, t.sound,
       t.sound_error, dumped(t.summary)});
}

void Store::delete_take(const std::string& id) {
  db().run("DELETE FROM jobs WHERE take=?", {id});
  db().run("DELETE FROM takes WHERE id=?", {id});
  remove_folder(folder_ / "takes" / id);
}

std::string Store::edits(const std::string& take) {
  std::string text;
  db().run("SELECT edits FROM takes WHERE id=?", {take}, [&](const Row& r) { text = r.text(0); });
  return text;
}

void Store::set_edits(const std::string& take, const std::string& json) {
  db().run("UPDATE takes SET edits=? WHERE id=?", {json, take});
}

std::optional<Job> Store::job(std::int64_t id) {
  std::optional<Job> found;
  db().run(std::string("SELECT ") + kJobColumns + " FROM jobs WHERE id=?", {id},
           [&](const Row& r) { found = job_of(r); });
  return found;
}

std::vector<Job> Store::jobs(const std::string& song) {
  std::vector<Job> all;
  const auto add = [&](const Row& r) { all.push_back(job_of(r)); };
  const std::string columns = std::string("SELECT ") + kJobColumns + " FROM jobs WHERE ";
  const std::string active = "state IN ('waiting','running')";
  if (song.empty()) {
    db().run(columns + active + " ORDER BY id", {}, add);
  } else {
    db().run(columns + "song=? AND (" + active +
                 " OR id=(SELECT max(id) FROM jobs WHERE song=? AND state='failed')) ORDER BY id",
             {song, song}, add);
  }
  return all;
}

std::optional<Job> Store::active_job(const std::string& kind, const std::string& song, const std::string& take) {
  std::optional<Job> found;
  db().run(std::string("SELECT ") + kJobColumns +
               " FROM jobs WHERE kind=? AND song=? AND take=? AND state IN ('waiting','running')",
           {kind, song, take}, [&](const Row& r) { found = job_of(r); });
  return found;
}

std::int64_t Store::add_job(const Job& j) {
  db().run(
      "INSERT INTO jobs(kind,song,take,client,state,stage,percent,attempts,error,created,started,finished,heartbeat)"
      " VALUES(?,?,?,?,'waiting','',0,0,'',?,0,0,0)",
      {j.kind, j.song, j.take, j.client, now()});
  return db().last_id();
}

void Store::put(const Job& j) {
  db().run("UPDATE jobs SET state=?,stage=?,percent=?,attempts=?,error=?,finished=? WHERE id=?",
           {j.state, j.stage, j.percent, std::int64_t{j.attempts}, j.error, j.finished, j.id});
}

void Store::beat(std::int64_t job, const std::string& stage, double percent) {
  db().run("UPDATE jobs SET stage=?,percent=?,heartbeat=? WHERE id=?", {stage, percent, now(), job});
}

std::optional<Job> Store::claim() {
  std::optional<Job> claimed;
  db().run(std::string("UPDATE jobs SET state='running',started=?,heartbeat=? WHERE id=(SELECT j.id FROM jobs j WHERE "
                       "j.state='waiting'"
                       " ORDER BY (SELECT count(*) FROM jobs r WHERE r.state='running' AND r.client=j.client),"
                       " coalesce((SELECT turn FROM served s WHERE s.client=j.client),0), j.id LIMIT 1) RETURNING ") +
               kJobColumns,
           {now(), now()}, [&](const Row& r) { claimed = job_of(r); });
  if (claimed) {
    db().run(
        "INSERT INTO served VALUES(?,(SELECT coalesce(max(turn),0)+1 FROM served)) ON CONFLICT(client) DO UPDATE SET "
        "turn=excluded.turn",
        {claimed->client});
  }
  return claimed;
}

std::int64_t Store::waiting(const std::string& client) {
  if (client.empty()) return count("waiting");
  return db().number("SELECT count(*) FROM jobs WHERE state='waiting' AND client=?", {client});
}

std::int64_t Store::waiting_before(const Job& job) {
  if (job.state != "waiting") return 0;
  return db().number("SELECT count(*) FROM jobs WHERE state='running' OR (state='waiting' AND id<?)", {job.id});
}

int Store::requeue_running() {
  return db().run("UPDATE jobs SET state='waiting',stage='',percent=0 WHERE state='running'");
}

std::int64_t Store::count(const std::string& state) {
  return db().number("SELECT count(*) FROM jobs WHERE state=?", {state});
}

std::vector<std::string> Store::outdated(int days, std::uint64_t bytes) {
  constexpr std::int64_t kDay = 86400;
  std::vector<std::string> result;
  std::uint64_t kept = 0;
  for (const Song& one : songs({}, -1, 0)) {
    bool active = false;
    for (const Job& job : jobs(one.id)) active = active || job.active();
    if (bytes > 0) {
      kept += bytes_under(song_folder(one.id));
      for (const Take& take : takes(one.id)) kept += bytes_under(folder_ / "takes" / take.id);
    }
    const bool old = days > 0 && one.used < now() - days * kDay;
    if (!active && (old || (bytes > 0 && kept > bytes))) result.push_back(one.id);
  }
  return result;
}

}  // namespace pop2piano::serve
