// SPDX-License-Identifier: MIT
// The rest of the API: files of takes, what the forms offer, health and metrics.
#include <pop2piano/model.h>

#include <algorithm>

#include <fmt/format.h>

#include "app/serve/api.h"
#include "app/serve/capabilities.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// What a file is made by; empty: it is there or not. "mix.opus" is made from mix.flac.
std::string task_for(const std::string& name) {
  if (name == "score.pdf") return "pdf";
  if (name == "cover.zip") return "zip";
  const fs::path path(name);
  const bool sound = path.stem() == "mix" || path.stem() == "piano";
  return sound && (path.extension() == ".opus" || path.extension() == ".mp3" || path.extension() == ".wav") ? "encode"
                                                                                                            : "";
}

bool is_kept(const std::string& name) {
  return name == "score.musicxml" || name == "cover.mid" || name == "report.json" || name == "mix.flac" ||
         name == "piano.flac";
}

std::vector<std::string> styles() {
  static const std::vector<std::string> names = Model::load(find_model("default"), {})->config().styles;
  return names;
}

}  // namespace

void Api::take_file(Call& call, const Take& take, const std::string& name) {
  const std::string task = task_for(name);
  if (!is_kept(name) && task.empty()) throw Refusal(404, "not_found", "there is nothing of that name");
  const fs::path folder = store_.take_folder(take), file = folder / name;
  const bool of_sound = name.starts_with("mix.") || name.starts_with("piano.");
  if (!take.ready || (of_sound && take.sound != "ready"))
    throw Refusal(404, "not_ready", "this file is still being made");
  const auto answer = [head = call.head, reply = call.reply, name](const fs::path& made) {
    Answer found = file_answer(head, made, content_type_of(name));
    if (name.ends_with(".zip") || name.ends_with(".mid"))
      found.headers.emplace_back("Content-Disposition", "attachment; filename=" + name);
    if (!head.parameter("revision").empty()) {
      for (auto& [header, value] : found.headers)
        value = header == "Cache-Control" ? "private, max-age=31536000, immutable" : value;
    }
    reply(std::move(found));
  };
  if (task.empty()) return answer(file);
  const auto refused = [reply = call.reply](const Refusal& r) { reply(problem(r.status(), r.code(), r.what())); };
  desk_->derive(
      file, {{"task", task}, {"take", folder.string()}, {"file", name}, {"name", name}},
      [answer, refused](const fs::path& made) {
        try {
          answer(made);
        } catch (const Refusal& r) {
          refused(r);
        }
      },
      refused);
}

void Api::instrument(Call& call) {
  const std::string name = call.parts.front() == "instrument" ? "instrument.json" : call.parts.front();
  if (name != "instrument.json" && name != "instrument.flac")
    throw Refusal(404, "not_found", "there is nothing of that name");
  if (!capabilities().sound) throw Refusal(404, "not_found", "no sound font is installed on the server");
  const auto answer = [head = call.head, reply = call.reply, name](const fs::path& made) {
    try {
      reply(file_answer(head, made, content_type_of(name)));
    } catch (const Refusal& r) {
      reply(problem(r.status(), r.code(), r.what()));
    }
  };
  const auto refused = [reply = call.reply](const Refusal& r) { reply(problem(r.status(), r.code(), r.what())); };
  desk_->derive(store_.folder() / name, {{"task", "instrument"}, {"name", name}}, answer, refused);
}

TakeOptions Api::checked_options(const Json& value) const {
  TakeOptions options = take_options_of(value);
  const auto known = styles();
  if (std::find(known.begin(), known.end(), options.style) == known.end()) {
    throw Refusal(400, "invalid", "style: expected one of GET /api/v1/options, found " + options.style);
  }
  return options;
}

Json Api::options_json() const {
  const Capabilities& can = capabilities();
  return {{"version", options_.version},
          {"styles", styles()},
          {"levels",
           {{{"value", 1}, {"name", "easy"}},
            {{"value", 2}, {"name", "easy to medium"}},
            {{"value", 3}, {"name", "medium"}},
            {{"value", 4}, {"name", "medium to full"}},
            {{"value", 5}, {"name", "full"}}}},
          {"hands", {"octave", "ninth", "tenth"}},
          {"keys", {"easy", "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"}},
          {"accompaniments", accompaniment_names()},
          {"tempo_times", {0.5, 1.0, 2.0}},
          {"beats_per_bar", {{"least", 2}, {"most", 12}}},
          {"defaults", TakeOptions{}.json()},
          {"limits",
           {{"upload_bytes", options_.upload_bytes},
            {"song_seconds", 4 * 3600},
            {"waiting_jobs", options_.queue},
            {"waiting_jobs_per_client", std::max<std::int64_t>(1, options_.queue / 4)}}},
          {"can", {{"sound", can.sound}, {"pdf", can.pdf}, {"opus", can.opus}, {"mp3", can.mp3}, {"zip", true}}},
          {"example", true}};
}

Json Api::health_json() const {
  return {{"status", "ok"},
          {"version", options_.version},
          {"waiting", store_.count("waiting")},
          {"running", store_.count("running")},
          {"streams", server_->streams()}};
}

std::string Api::metrics() const {
  std::string text;
  const auto gauge = [&](const char* name, const char* help, auto value) {
    text += fmt::format("# HELP pop2piano_{0} {1}\n# TYPE pop2piano_{0} gauge\npop2piano_{0} {2}\n", name, help, value);
  };
  gauge("queue_depth", "Jobs that wait.", store_.count("waiting"));
  gauge("jobs_running", "Jobs that run.", store_.count("running"));
  gauge("jobs_done", "Jobs of the library that are done.", store_.count("done"));
  gauge("jobs_failed", "Jobs of the library that failed.", store_.count("failed"));
  gauge("event_streams", "Open streams of events.", server_->streams());
  gauge("workers", "Worker processes.", desk_->crew().size());
  gauge("workers_confined", "Workers so far under Landlock and seccomp.", desk_->crew().confined());
  text += fmt::format(
      "# HELP pop2piano_upload_bytes_total Bytes of songs taken.\n# TYPE pop2piano_upload_bytes_total "
      "counter\npop2piano_upload_bytes_total {}\n",
      uploaded_);
  text += "# HELP pop2piano_answers_total Answers by status.\n# TYPE pop2piano_answers_total counter\n";
  for (const auto& [status, count] : answers_)
    text += fmt::format("pop2piano_answers_total{{status=\"{}\"}} {}\n", status, count);
  return text;
}

}  // namespace pop2piano::serve
