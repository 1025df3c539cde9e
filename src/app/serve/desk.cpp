// SPDX-License-Identifier: MIT
#include "app/serve/desk.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kMostAttempts = 3, kMostAtOnce = 8;
constexpr double kLeastForEstimate = 5;  // per cent

// Where a stage begins and how much of the whole it is, in per cent: of songs of four minutes.
std::pair<double, double> share_of(const std::string& kind, const std::string& stage) {
  if (kind == "sound") return stage == "decode" ? std::pair{0.0, 20.0} : std::pair{20.0, stage == "mix" ? 79.0 : 75.0};
  static const std::map<std::string, std::pair<double, double>> kShares{
      {"decode", {0, 10}},    {"beats", {10, 15}},  {"listen", {25, 25}}, {"generate", {50, 10}},
      {"accompany", {60, 5}}, {"arrange", {65, 1}}, {"render", {66, 30}}, {"mix", {96, 3}}};
  const auto found = kShares.find(stage);
  return found == kShares.end() ? std::pair{0.0, 0.0} : found->second;
}

Json failed_summary() {
  return {{"style", ""}, {"level", 0}, {"key", nullptr}, {"tempo", 0},  {"beats_per_bar", 0},
          {"notes", 0},  {"bars", 0},  {"duration", 0},  {"title", ""}, {"remarks", Json::array()}};
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

Desk::Desk(Store& store, HttpServer& loop, DeskOptions options)
    : store_(store), loop_(loop), options_(std::move(options)), crew_(loop, store.folder() / "work") {}

Take Desk::ensure_take(const std::string& song, const TakeOptions& options) {
  const std::string id = options.take_id(song);
  if (auto found = store_.take(id)) return *found;
  store_.put(Take{.id = id, .song = song, .options = options.json(), .created = now(), .summary = failed_summary()});
  return *store_.take(id);
}

void Desk::check_room(const std::string& client) {
  if (store_.waiting() >= options_.most_waiting) {
    throw Refusal(429, "queue_full", fmt::format("{} jobs wait already; try again later", options_.most_waiting));
  }
  if (store_.waiting(client) >= options_.most_of_a_client) {
    throw Refusal(429, "client_full",
                  fmt::format("{} of your jobs wait already; cancel some or wait", options_.most_of_a_client));
  }
}

std::int64_t Desk::enqueue(const std::string& kind, const Take& take, const std::string& client) {
  if (const auto active = store_.active_job(kind, take.song, take.id)) return active->id;
  check_room(client);
  const std::int64_t id = store_.add_job({.kind = kind, .song = take.song, .take = take.id, .client = client});
  publish(*store_.job(id));
  loop_.after(std::chrono::milliseconds(0), [this] { pump(); });
  return id;
}

Json Desk::request_for(const Song& song, const Take& take) {
  const TakeOptions options = take_options_of(take.options);
  const fs::path folder = store_.song_folder(song.id);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::string edits = take.revision > 0 ? store_.edits(take.id) : "";
  return {{"song", (folder / "original").string()},
          {"analysis", (folder / ("analysis-" + options.hearing_id())).string()},
          {"written", (folder / ("written-" + options.writing_id())).string()},
          {"name", song.name},
          {"title", song.duration ? song.title : ""},
          {"options", take.options},
          {"peaks", !fs::exists(folder / "peaks.json")},
          {"version", options_.version},
          {"edits", edits.empty() ? Json(nullptr) : Json::parse(edits).value("notes", Json(nullptr))},
          {"threads", std::max(1U, cores / static_cast<unsigned>(options_.workers))}};
}

void Desk::make(const Song& song, const TakeOptions& options, const std::string& client, bool sound,
                const OnStarted& started, const OnRefusal& refused) {
  Take take = ensure_take(song.id, options);
  store_.touch_song(song.id);
  if (take.ready) {
    Started result{.take = take.id};
    if (sound && take.sound != "ready") result.job = make_sound(take, client).job;
    return started(result);
  }
  const fs::path analysis = store_.song_folder(song.id) / ("analysis-" + options.hearing_id());
  if (fs::exists(analysis)) return arrange_now(song, take, client, sound, started, refused);
  take.sound = "waiting";
  store_.put(take);
  started({.status = 202, .take = take.id, .job = enqueue("cover", take, client)});
}

void Desk::arrange_now(const Song& song, const Take& take, const std::string& client, bool sound,
                       const OnStarted& started, const OnRefusal& refused) {
  if (at_once_ >= kMostAtOnce)
    throw Refusal(429, "queue_full", "too many takes are being made at this moment; try again");
  Json request = request_for(song, take);
  request["task"] = "cover";
  const auto ended = [=, this, id = take.id](const Outcome& outcome, const fs::path& folder) {
    --at_once_;
    const auto current = store_.take(id);
    if (!current) return refused(Refusal(404, "not_found", "the take was deleted meanwhile"));
    if (outcome.done.is_null()) {
      if (!current->ready) store_.delete_take(id);
      return refused(Refusal(outcome.crashed ? 500 : 400, "failed", outcome.error));
    }
    keep_files(current->song, *current, folder);
    take_ready(id, outcome.done);
    Started result{.status = 201, .take = id};
    try {
      if (sound) result.job = make_sound(*store_.take(id), client).job;
    } catch (const Refusal&) {  // the queue is full: the take is there, its sound can be asked for later
    }
    started(result);
  };
  crew_.start(request, nullptr, ended);
  ++at_once_;
}

Started Desk::make_peaks(const Song& song, const std::string& client) {
  if (fs::exists(store_.song_folder(song.id) / "peaks.json")) return {};
  return {.status = 202, .job = enqueue("peaks", Take{.id = "", .song = song.id}, client)};
}

Started Desk::make_sound(const Take& take, const std::string& client) {
  if (take.sound == "ready") return {.take = take.id};
  if (const auto cover = store_.active_job("cover", take.song, take.id))
    return {.status = 202, .take = take.id, .job = cover->id};
  if (!take.ready) throw Refusal(409, "conflict", "the take is not made yet");
  const std::int64_t job = enqueue("sound", take, client);
  Take waiting = take;
  waiting.sound = "waiting";
  waiting.sound_error.clear();
  store_.put(waiting);
  publish_take(take.id);
  return {.status = 202, .take = take.id, .job = job};
}

void Desk::edit(const Take& take, const Json& document, const std::function<void(const Take&)>& done,
                const OnRefusal& refused) {
  if (at_once_ >= kMostAtOnce)
    throw Refusal(429, "queue_full", "too many takes are being made at this moment; try again");
  if (!take.ready) throw Refusal(409, "conflict", "the take is not made yet");
  Json request = request_for(*store_.song(take.song), take);
  request["task"] = "cover";
  request["edits"] = document.at("notes");
  const auto ended = [=, this, id = take.id, revision = take.revision](const Outcome& outcome, const fs::path& folder) {
    --at_once_;
    auto current = store_.take(id);
    if (!current || current->revision != revision)
      return refused(Refusal(409, "conflict", "the take was changed meanwhile"));
    if (outcome.done.is_null()) return refused(Refusal(outcome.crashed ? 500 : 400, "failed", outcome.error));
    const fs::path former = store_.take_folder(*current);
    ++current->revision;
    current->sound = "none";
    current->summary = outcome.done;
    keep_files(current->song, *current, folder);
    Json kept = document;
    kept["revision"] = current->revision;
    store_.set_edits(id, kept.dump());
    store_.put(*current);
    std::error_code ignored;
    fs::remove_all(former, ignored);
    publish_take(id);
    done(*current);
  };
  crew_.start(request, nullptr, ended);
  ++at_once_;
}

void Desk::derive(const fs::path& target, Json request, const OnFile& done, const OnRefusal& refused) {
  if (fs::exists(target)) return done(target);
  auto& waiting = deriving_[target.string()];
  waiting.emplace_back(done, refused);
  if (waiting.size() > 1) return;
  const auto ended = [this, target](const Outcome& outcome, const fs::path& folder) {
    std::error_code error;
    if (!outcome.done.is_null()) {
      for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.is_regular_file(error))
          fs::rename(entry.path(), target.parent_path() / entry.path().filename(), error);
      }
    }
    const auto callers = std::move(deriving_[target.string()]);
    deriving_.erase(target.string());
    for (const auto& [one, other] : callers) {
      if (fs::exists(target)) {
        one(target);
      } else {
        other(Refusal(503, "failed", outcome.error.empty() ? "the file could not be made" : outcome.error));
      }
    }
  };
  try {
    crew_.start(std::move(request), nullptr, ended);
  } catch (const Error&) {
    deriving_.erase(target.string());
    throw;
  }
}

void Desk::pump() {
  while (static_cast<int>(running_.size()) < options_.workers) {
    auto job = store_.claim();
    if (!job) return;
    run(std::move(*job));
  }
}

void Desk::run(Job job) {
  const auto song = store_.song(job.song);
  auto take = store_.take(job.take);
  if (!song || (!take && job.kind != "peaks")) {
    job.state = "cancelled";
    return store_.put(job);
  }
  if (!take) take = Take{.song = song->id, .options = TakeOptions{}.json()};
  Json request = request_for(*song, *take);
  request["task"] = job.kind == "sound" ? "sound" : "cover";
  request["sound"] = job.kind != "peaks";
  request["peaks_only"] = job.kind == "peaks";
  const auto folder = std::make_shared<fs::path>();
  Running& running = running_[job.id];
  running.revision = take->revision;
  try {
    running.worker = crew_.start(
        request, [this, id = job.id, folder](const Json& line) { progress(id, line, *folder); },
        [this, id = job.id](const Outcome& outcome, const fs::path& out) { job_ended(id, outcome, out); });
    *folder = store_.folder() / "work" / std::to_string(running.worker) / "out";
    publish(*store_.job(job.id));
  } catch (const Error& error) {
    running_.erase(job.id);
    job.state = "failed";
    job.error = error.what();
    job.finished = now();
    store_.put(job);
    publish(job);
  }
}

void Desk::progress(std::int64_t id, const Json& line, const fs::path& folder) {
  const auto job = store_.job(id);
  const auto running = running_.find(id);
  if (!job || running == running_.end() || job->state != "running") return;
  if (line.contains("song")) song_heard(job->song, line["song"]);
  if (line.contains("take") && job->kind == "cover") {
    if (const auto take = store_.take(job->take)) {
      keep_files(job->song, *take, folder);
      take_ready(job->take, line["take"]);
    }
  }
  if (!line.contains("stage")) return;
  Running& r = running->second;
  r.stage = line.value("stage", std::string());
  const auto [first, share] = share_of(job->kind, r.stage);
  const double percent = std::max(r.percent, first + share * line.value("fraction", 0.0));
  const bool shown = percent >= r.percent + 0.5 || r.stage != job->stage;
  r.percent = percent;
  if (!shown) return;
  store_.beat(id, r.stage, percent);
  publish(*store_.job(id));
}

void Desk::job_ended(std::int64_t id, const Outcome& outcome, const fs::path& folder) {
  const int revision = running_[id].revision;
  running_.erase(id);
  auto job = store_.job(id);
  auto take = job ? store_.take(job->take) : std::nullopt;
  if (job && job->state == "running") {
    job->error = outcome.error;
    if (!outcome.done.is_null()) {
      if (take && take->revision == revision) keep_files(job->song, *take, folder);
      if (!take) keep_files(job->song, Take{.song = job->song, .options = TakeOptions{}.json()}, folder);
      if (take && take->revision == revision) take_ready(take->id, outcome.done);
      job->state = "done";
      job->percent = 100;
      job->stage.clear();
    } else {
      job->attempts += outcome.crashed ? 1 : 0;
      const bool again = outcome.crashed && job->attempts < kMostAttempts;
      job->state = again ? "waiting" : "failed";
      job->stage.clear();
    }
    job->finished = job->active() ? 0 : now();
    store_.put(*job);
    if (take && take->revision == revision && !job->active()) {
      take = store_.take(job->take);
      take->sound = job->state == "done" ? "ready" : "failed";
      take->sound_error = job->state == "done" ? "" : outcome.error;
      store_.put(*take);
      publish_take(take->id);
    }
    publish(*job);
    if (!job->active()) publish_song(job->song);
  }
  pump();
}

void Desk::keep_files(const std::string& song, const Take& take, const fs::path& folder) {
  const TakeOptions options = take_options_of(take.options);
  const fs::path of_song = store_.song_folder(song), of_take = store_.take_folder(take);
  std::error_code error;
  if (!take.id.empty()) fs::create_directories(of_take, error);
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    fs::path target = of_take / name;
    if (name == "analysis") target = of_song / ("analysis-" + options.hearing_id());
    if (name == "written") target = of_song / ("written-" + options.writing_id());
    if (name == "peaks.json") target = of_song / name;
    if (entry.path().extension() != ".wav") fs::rename(entry.path(), target, error);
  }
}

void Desk::take_ready(const std::string& id, const Json& summary) {
  auto take = store_.take(id);
  if (!take || summary.empty()) return;
  take->ready = true;
  take->summary = summary;
  store_.put(*take);
  publish_take(id);
}

void Desk::song_heard(const std::string& id, const Json& facts) {
  auto song = store_.song(id);
  if (!song) return;
  if (!song->duration && !facts.value("title", std::string()).empty()) song->title = facts["title"];
  if (!song->duration) song->artist = facts.value("artist", std::string());
  if (facts.contains("duration"))
    song->duration = std::max(song->duration.value_or(0.0), facts["duration"].get<double>());
  if (facts.contains("tempo")) song->tempo = facts["tempo"].get<double>();
  if (facts.contains("key")) song->key = facts["key"];
  store_.put(*song);
  publish_song(id);
}

void Desk::cancel(Job job) {
  if (!job.active()) throw Refusal(409, "conflict", "the job has ended: " + job.state);
  const auto running = running_.find(job.id);
  job.state = "cancelled";
  job.stage.clear();
  job.finished = now();
  store_.put(job);
  if (running != running_.end()) crew_.stop(running->second.worker);
  if (auto take = store_.take(job.take)) {
    take->sound = "none";
    store_.put(*take);
    publish_take(take->id);
  }
  publish(job);
}

void Desk::rename_song(Song song, const std::string& title) {
  song.title = title;
  store_.put(song);
  publish_song(song.id);
}

void Desk::rename_take(Take take, const std::string& name) {
  take.name = name;
  store_.put(take);
  publish_take(take.id);
}

void Desk::delete_song(const std::string& song) {
  for (const Job& job : store_.jobs(song)) {
    if (job.active()) cancel(job);
  }
  store_.delete_song(song);
  loop_.publish("gone", Json({{"song", song}}).dump());
}

void Desk::delete_take(const std::string& take) {
  const auto known = store_.take(take);
  for (const char* kind : {"cover", "sound"}) {
    if (const auto job = known ? store_.active_job(kind, known->song, take) : std::nullopt) cancel(*job);
  }
  store_.delete_take(take);
  loop_.publish("gone", Json({{"take", take}}).dump());
}

Json Desk::json_of(const Song& song) {
  const fs::path folder = store_.song_folder(song.id);
  const std::string base = "/api/v1/songs/" + song.id;
  Json takes = Json::array(), jobs = Json::array();
  for (const Take& take : store_.takes(song.id)) takes.push_back(json_of(take));
  for (const Job& job : store_.jobs(song.id)) jobs.push_back(json_of(job));
  return {{"id", song.id},
          {"name", song.name},
          {"title", song.title},
          {"artist", song.artist},
          {"bytes", song.bytes},
          {"duration", or_null(song.duration)},
          {"tempo", or_null(song.tempo)},
          {"key", song.key.empty() ? Json(nullptr) : Json(song.key)},
          {"added", song.added},
          {"used", song.used},
          {"example", song.example},
          {"peaks", fs::exists(folder / "peaks.json") ? Json(base + "/peaks.json") : Json(nullptr)},
          {"original", base + "/original"},
          {"takes", takes},
          {"jobs", jobs}};
}

Json Desk::json_of(const Job& job) {
  const auto running = running_.find(job.id);
  double percent = job.percent;
  Json left;
  if (running != running_.end()) {
    percent = running->second.percent;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - running->second.start;
    if (percent > kLeastForEstimate) left = spent.count() / percent * (100 - percent);
  }
  return {{"id", std::to_string(job.id)},
          {"kind", job.kind},
          {"song", job.song},
          {"take", job.take},
          {"state", job.state},
          {"position", store_.waiting_before(job)},
          {"stage", job.state == "running" ? job.stage : ""},
          {"percent", percent},
          {"seconds_left", left},
          {"attempts", job.attempts},
          {"error", job.state == "failed" ? job.error : ""},
          {"created", job.created}};
}

void Desk::publish(const Job& job) {
  loop_.publish("job", json_of(job).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Desk::publish_take(const std::string& id) {
  if (const auto take = store_.take(id))
    loop_.publish("take", json_of(*take).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Desk::publish_song(const std::string& id) {
  if (const auto song = store_.song(id))
    loop_.publish("song", json_of(*song).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace pop2piano::serve
