// SPDX-License-Identifier: MIT
// The requests of docs/reference/openapi.json: which there are, and what answers them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/http/http_server.h"
#include "app/serve/bodies.h"
#include "app/serve/desk.h"
#include "app/serve/gate.h"
#include "app/serve/page_files.h"
#include "app/serve/server.h"
#include "app/serve/store.h"

namespace pop2piano::serve {

class Api : public Handler {
 public:
  Api(const ServeOptions& options, Store& store, PageFiles& pages, Gate gate,
      std::function<void(const std::string&)> log);
  /// The server is made with its handler, so what needs the server comes later.
  void attach(HttpServer& server, Desk& desk);

  std::unique_ptr<BodySink> begin(const RequestHead& head) override;
  void handle(const RequestHead& head, std::unique_ptr<BodySink> body, Reply reply) override;
  void finish(const RequestHead& head, Answer& answer) override;
  std::string stream_greeting() override;

 private:
  struct Call {  // one request on its way
    const RequestHead& head;
    BodySink& body;
    Reply reply;
    std::string client;
    std::vector<std::string> parts;  // of the path behind /api/v1
    [[nodiscard]] nlohmann::json json() const { return dynamic_cast<JsonBody&>(body).value(); }
  };
  void route(Call& call);
  void songs(Call& call);
  void one_song(Call& call, const Song& song);
  void one_take(Call& call, const Take& take);
  void take_file(Call& call, const Take& take, const std::string& name);
  void edits(Call& call, const Take& take);
  void one_job(Call& call);
  void upload(Call& call);
  void example(Call& call);
  void add_song(Call& call, const std::string& id, const std::string& name, std::uint64_t bytes, bool is_example,
                const std::function<void(const std::filesystem::path&)>& store_file);
  void list_songs(Call& call);
  void instrument(Call& call);
  Answer started_answer(const Started& started, const std::string& song);
  /// Throws Refusal(400), also for a style that the model does not have.
  [[nodiscard]] TakeOptions checked_options(const nlohmann::json& value) const;
  [[nodiscard]] nlohmann::json options_json() const;
  [[nodiscard]] nlohmann::json health_json() const;
  [[nodiscard]] std::string metrics() const;

  ServeOptions options_;
  Store& store_;
  PageFiles& pages_;
  Gate gate_;
  std::function<void(const std::string&)> log_;
  HttpServer* server_ = nullptr;
  Desk* desk_ = nullptr;
  std::map<int, std::uint64_t> answers_;  // by status
  std::uint64_t uploaded_ = 0;            // bytes
};

}  // namespace pop2piano::serve
