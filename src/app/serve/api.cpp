// SPDX-License-Identifier: MIT
#include "app/serve/api.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "app/coverfiles/song_title.h"
#include "app/serve/example_song.h"

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kMostJson = 64U << 10U, kMostEdits = 4U << 20U, kLongestTitle = 300, kIdDigits = 32;
constexpr std::string_view kBase = "/api/v1/";

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

bool is_id(const std::string& text) {
  return text.size() == kIdDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

[[noreturn]] void refuse_method(const RequestHead& head) {
  throw Refusal(405, "method", head.method + " is not possible here");
}

[[noreturn]] void nothing_there() { throw Refusal(404, "not_found", "there is nothing of that name"); }

Json with_defaults(const std::string& text) {
  if (text.empty()) return Json::object();
  Json value = Json::parse(text, nullptr, false);
  if (!value.is_object()) throw Refusal(400, "invalid", "options: expected a JSON object in the address");
  return value;
}

std::string only_text(const Json& value, const char* name) {
  if (value.size() != 1 || !value.contains(name) || !value[name].is_string() ||
      value[name].get_ref<const std::string&>().size() > kLongestTitle) {
    throw Refusal(
        400, "invalid",
        fmt::format("expected an object with {}, a text of at most {} bytes, and nothing else", name, kLongestTitle));
  }
  return value[name];
}

}  // namespace

Api::Api(const ServeOptions& options, Store& store, PageFiles& pages, Gate gate,
         std::function<void(const std::string&)> log)
    : options_(options), store_(store), pages_(pages), gate_(std::move(gate)), log_(std::move(log)) {}

void Api::attach(HttpServer& server, Desk& desk) {
  server_ = &server;
  desk_ = &desk;
}

std::unique_ptr<BodySink> Api::begin(const RequestHead& head) {
  gate_.check(head);
  const bool upload = head.method == "POST" && head.path == "/api/v1/songs";
  if (upload) {
    static_cast<void>(checked_options(with_defaults(head.parameter("options"))));
    desk_->check_room(Gate::client_of(head));
    return std::make_unique<UploadBody>(head, store_.folder() / "uploads", options_.upload_bytes);
  }
  const bool json =
      head.method == "PUT" || head.method == "PATCH" || (head.method == "POST" && head.path.ends_with("/takes"));
  if (json) return std::make_unique<JsonBody>(head, head.path.ends_with("/edits") ? kMostEdits : kMostJson);
  return std::make_unique<NoBody>();
}

void Api::handle(const RequestHead& head, std::unique_ptr<BodySink> body, Reply reply) {
  const bool reading = head.method == "GET" || head.method == "HEAD";
  if (auto answer = gate_.sign_in(head)) return reply(std::move(*answer));
  if (head.path.starts_with(kBase)) {
    Call call{.head = head,
              .body = *body,
              .reply = std::move(reply),
              .client = Gate::client_of(head),
              .parts = parts_of(std::string_view(head.path).substr(kBase.size()))};
    return route(call);
  }
  if (!reading) refuse_method(head);
  if (head.path == "/health") return reply(json_answer(health_json()));
  if (head.path == "/metrics") {
    Answer answer{
        .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}}};
    answer.body = metrics();
    return reply(std::move(answer));
  }
  reply(pages_.answer(head));
}

void Api::finish(const RequestHead& head, Answer& answer) {
  gate_.finish(head, answer);
  ++answers_[answer.status];
  const bool text = !answer.file && answer.body.size() > 1000 && head.method != "HEAD";
  const bool coded = std::any_of(answer.headers.begin(), answer.headers.end(),
                                 [](const auto& h) { return h.first == "Content-Encoding"; });
  if (text && !coded && accepts(head.header("accept-encoding"), "gzip") && head.path.starts_with(kBase)) {
    if (std::string small = gzipped(answer.body); !small.empty()) {
      answer.body = std::move(small);
      answer.headers.emplace_back("Content-Encoding", "gzip");
      answer.headers.emplace_back("Vary", "Accept-Encoding");
    }
  }
  log_(Json({{"event", "request"}, {"method", head.method}, {"path", head.path}, {"status", answer.status}})
           .dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string Api::stream_greeting() {
  std::string text = "event: hello\ndata: " + health_json().dump() + "\n\n";
  for (const Job& job : store_.jobs()) {
    text += "event: job\ndata: " + desk_->json_of(job).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
  }
  return text;
}

void Api::route(Call& call) {
  const auto& parts = call.parts;
  const bool reading = call.head.method == "GET" || call.head.method == "HEAD";
  const std::string& first = parts.front();
  if (first == "songs") return songs(call);
  if (first == "takes" && parts.size() > 1 && parts.size() < 4) {
    const auto take = is_id(parts[1]) ? store_.take(parts[1]) : std::nullopt;
    if (!take) nothing_there();
    return one_take(call, *take);
  }
  if (first == "jobs" && parts.size() == 2) return one_job(call);
  if (parts.size() != 1) nothing_there();
  if (first != "options" && first != "jobs" && first != "events" && !first.starts_with("instrument")) nothing_there();
  if (!reading) refuse_method(call.head);
  if (first == "options") return call.reply(json_answer(options_json()));
  if (first == "jobs") {
    Json all = Json::array();
    for (const Job& job : store_.jobs()) all.push_back(desk_->json_of(job));
    return call.reply(json_answer({{"jobs", all}}));
  }
  if (first == "events") {
    return call.reply(
        {.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}, .stream = true});
  }
  instrument(call);
}

void Api::songs(Call& call) {
  const auto& parts = call.parts;
  const std::string& method = call.head.method;
  if (parts.size() == 1) {
    if (method == "POST") return upload(call);
    if (method == "GET" || method == "HEAD") return list_songs(call);
    refuse_method(call.head);
  }
  if (parts[1] == "example" && parts.size() == 2) {
    if (method != "POST") refuse_method(call.head);
    return example(call);
  }
  const auto song = is_id(parts[1]) ? store_.song(parts[1]) : std::nullopt;
  if (!song || parts.size() > 3) nothing_there();
  one_song(call, *song);
}

void Api::list_songs(Call& call) {
  const auto number = [&](const char* name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const std::string text = call.head.parameter(name);
    if (text.empty()) return otherwise;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
      throw Refusal(400, "invalid", fmt::format("{}: expected a number from {} to {}", name, least, most));
    }
    return value;
  };
  const std::int64_t limit = number("limit", 50, 1, 200), after = number("after", 0, 0, 1'000'000'000);
  std::istringstream words(call.head.parameter("q"));
  std::vector<std::string> all;
  for (std::string word; words >> word && all.size() < 10;) all.push_back(word);
  Json list = Json::array();
  const auto found = store_.songs(all, static_cast<int>(limit) + 1, after);
  for (std::size_t i = 0; i < found.size() && i < static_cast<std::size_t>(limit); ++i)
    list.push_back(desk_->json_of(found[i]));
  const bool more = found.size() > static_cast<std::size_t>(limit);
  call.reply(json_answer({{"songs", list}, {"next", more ? Json(std::to_string(after + limit)) : Json(nullptr)}}));
}

Answer Api::started_answer(const Started& started, const std::string& song) {
  const auto take = store_.take(started.take);
  const auto job = started.job ? store_.job(*started.job) : std::nullopt;
  const auto known = store_.song(song);
  return json_answer({{"song", known ? desk_->json_of(*known) : Json(nullptr)},
                      {"take", take ? desk_->json_of(*take) : Json(nullptr)},
                      {"job", job ? desk_->json_of(*job) : Json(nullptr)}},
                     started.status);
}

void Api::add_song(Call& call, const std::string& id, const std::string& name, std::uint64_t bytes, bool is_example,
                   const std::function<void(const fs::path&)>& store_file) {
  const TakeOptions options = checked_options(with_defaults(call.head.parameter("options")));
  const bool known = store_.song(id).has_value();
  if (!known) {
    store_file(store_.song_folder(id) / "original");
    store_.put(Song{.id = id,
                    .name = name,
                    .title = title_from_name(name),
                    .bytes = static_cast<std::int64_t>(bytes),
                    .added = now(),
                    .used = now(),
                    .example = is_example});
    if (options_.log_titles) log_(Json({{"event", "song"}, {"song", id}, {"name", name}}).dump());
  }
  store_.touch_song(id);
  const Song song = *store_.song(id);
  const auto answer = [this, reply = call.reply, id, known](Started started) {
    started.status = known ? 200 : 201;
    reply(started_answer(started, id));
  };
  const auto refused = [reply = call.reply](const Refusal& r) { reply(problem(r.status(), r.code(), r.what())); };
  if (call.head.parameter("start") == "no") return answer(desk_->make_peaks(song, call.client));
  desk_->make(song, options, call.client, true, answer, refused);
}

void Api::upload(Call& call) {
  auto& body = dynamic_cast<UploadBody&>(call.body);
  const std::string id = body.finish();
  uploaded_ += body.size();
  add_song(call, id, body.name(), body.size(), false, [&](const fs::path& target) { body.keep(target); });
}

void Api::example(Call& call) {
  const std::string_view bytes = example_song();
  add_song(call, short_hash(std::string(bytes)), "example_song.ogg", bytes.size(), true, [&](const fs::path& target) {
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    write_example(target);
  });
}

void Api::one_song(Call& call, const Song& song) {
  const std::string& method = call.head.method;
  const bool reading = method == "GET" || method == "HEAD";
  const std::string below = call.parts.size() > 2 ? call.parts[2] : "";
  if (below.empty()) {
    if (reading) return call.reply(json_answer(desk_->json_of(song)));
    if (method == "DELETE") {
      desk_->delete_song(song.id);
      return call.reply({.status = 204});
    }
    if (method != "PATCH") refuse_method(call.head);
    desk_->rename_song(song, only_text(call.json(), "title"));
    return call.reply(json_answer(desk_->json_of(*store_.song(song.id))));
  }
  if (below == "takes") {
    if (method != "POST") refuse_method(call.head);
    const auto answer = [this, reply = call.reply, id = song.id](const Started& s) { reply(started_answer(s, id)); };
    const auto refused = [reply = call.reply](const Refusal& r) { reply(problem(r.status(), r.code(), r.what())); };
    return desk_->make(song, checked_options(call.json()), call.client, call.head.parameter("sound") != "no", answer,
                       refused);
  }
  if (!reading) refuse_method(call.head);
  const fs::path folder = store_.song_folder(song.id);
  if (below == "peaks.json") {
    if (!fs::exists(folder / below)) throw Refusal(404, "not_ready", "the song was not decoded yet");
    return call.reply(file_answer(call.head, folder / below, "application/json"));
  }
  if (below != "original") nothing_there();
  const std::string type = content_type_of(song.name);
  const bool sound = type.starts_with("audio/");
  Answer answer = file_answer(call.head, folder / "original", sound ? type : "application/octet-stream");
  if (!sound) answer.headers.emplace_back("Content-Disposition", "attachment");
  call.reply(std::move(answer));
}

void Api::one_job(Call& call) {
  std::int64_t id = 0;
  const std::string& text = call.parts[1];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const auto job = error == std::errc{} && end == text.data() + text.size() ? store_.job(id) : std::nullopt;
  if (!job) nothing_there();
  if (call.head.method == "DELETE") {
    desk_->cancel(*job);
    return call.reply(json_answer(desk_->json_of(*store_.job(id))));
  }
  if (call.head.method != "GET" && call.head.method != "HEAD") refuse_method(call.head);
  call.reply(json_answer(desk_->json_of(*job)));
}

void Api::one_take(Call& call, const Take& take) {
  const std::string& method = call.head.method;
  const std::string below = call.parts.size() > 2 ? call.parts[2] : "";
  if (below == "edits") return edits(call, take);
  if (below == "sound") {
    if (method != "POST") refuse_method(call.head);
    return call.reply(started_answer(desk_->make_sound(take, call.client), take.song));
  }
  if (below.empty() && method == "DELETE") {
    desk_->delete_take(take.id);
    return call.reply({.status = 204});
  }
  if (below.empty() && method == "PATCH") {
    desk_->rename_take(take, only_text(call.json(), "name"));
    return call.reply(json_answer(desk_->json_of(*store_.take(take.id))));
  }
  if (method != "GET" && method != "HEAD") refuse_method(call.head);
  if (below.empty()) return call.reply(json_answer(desk_->json_of(take)));
  take_file(call, take, below);
}

void Api::edits(Call& call, const Take& take) {
  const std::string& method = call.head.method;
  if (method == "GET" || method == "HEAD") {
    const std::string kept = store_.edits(take.id);
    Answer answer =
        json_answer(kept.empty() ? Json({{"revision", take.revision}, {"notes", nullptr}, {"history", nullptr}})
                                 : Json::parse(kept));
    answer.headers.emplace_back("ETag", fmt::format("\"{}\"", take.revision));
    return call.reply(std::move(answer));
  }
  if (method != "PUT") refuse_method(call.head);
  Json document = call.json();
  for (const auto& [name, value] : document.items()) {
    if (name != "revision" && name != "notes" && name != "history")
      throw Refusal(400, "unknown_option", name.substr(0, 60) + ": expected revision, notes, history");
  }
  if (!document.contains("notes") || !(document["notes"].is_array() || document["notes"].is_null())) {
    throw Refusal(400, "invalid", "notes: expected a list of notes, or null");
  }
  if (document.value("revision", Json()) != Json(take.revision)) {
    throw Refusal(409, "conflict",
                  fmt::format("revision: expected {}, the take was changed elsewhere; load it anew", take.revision));
  }
  const auto done = [this, reply = call.reply](const Take& t) { reply(json_answer(desk_->json_of(t))); };
  const auto refused = [reply = call.reply](const Refusal& r) { reply(problem(r.status(), r.code(), r.what())); };
  desk_->edit(take, document, done, refused);
}

}  // namespace pop2piano::serve
