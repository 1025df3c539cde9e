// SPDX-License-Identifier: MIT
// docs/reference/openapi.json against the live server: what it describes is there, and answers look as it says.
#include <gtest/gtest.h>

#include "json_schema.h"
#include "scratch_folder.h"
#include "served_program.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

const Json& description() {
  static const Json value = Json::parse(bytes_of(POP2PIANO_SOURCE_DIR "/docs/reference/openapi.json"));
  return value;
}

// Every answer of a described address must have a described status and fit its schema.
void expect_described(const std::string& method, const std::string& path, const HttpReply& reply) {
  std::string lower = method;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const Json& responses = description()["paths"].at(path).at(lower)["responses"];
  const std::string status = std::to_string(reply.status);
  ASSERT_TRUE(responses.contains(status))
      << method << " " << path << ": " << status << " " << reply.body.substr(0, 300);
  const Json content = responses[status].value("content", Json::object());
  for (const auto& [type, one] : content.items()) {
    if (!type.ends_with("json") || type == "application/json" ? type != "application/json" : false) continue;
    EXPECT_EQ(misfit(reply.json(), one["schema"], description(), path), "")
        << method << " " << reply.body.substr(0, 500);
  }
}

TEST(OpenApi, AnswersAreAsDescribed) {
  const ScratchFolder folder;
  const ServedProgram program(folder.path());
  const int port = program.port();
  const HttpReply started = request(port, "POST", "/api/v1/songs/example");
  expect_described("POST", "/songs/example", started);
  const std::string song = started.json()["song"]["id"], take = started.json()["take"]["id"],
                    job = started.json()["job"]["id"];
  expect_described("GET", "/jobs", request(port, "GET", "/api/v1/jobs"));
  static_cast<void>(finished_song(port, song));
  const std::map<std::string, std::string> names{{"{song}", song}, {"{take}", take}, {"{job}", job}};
  for (const auto& [path, operations] : description()["paths"].items()) {
    if (path == "/events" || !operations.contains("get")) continue;
    std::string target = path;
    for (const auto& [name, id] : names) {
      if (const std::size_t at = target.find(name); at != std::string::npos) target.replace(at, name.size(), id);
    }
    expect_described("GET", path, request(port, "GET", "/api/v1" + target));
  }
  const std::string one_song = "/api/v1/songs/" + song, one_take = "/api/v1/takes/" + take;
  expect_described("POST", "/songs/{song}/takes", send_json(port, "POST", one_song + "/takes", {{"level", 2}}));
  expect_described("PATCH", "/songs/{song}", send_json(port, "PATCH", one_song, {{"title", "x"}}));
  expect_described("PATCH", "/takes/{take}", send_json(port, "PATCH", one_take, {{"name", "x"}}));
  expect_described("PUT", "/takes/{take}/edits",
                   send_json(port, "PUT", one_take + "/edits", {{"revision", 0}, {"notes", nullptr}}));
  expect_described("POST", "/takes/{take}/sound", request(port, "POST", one_take + "/sound"));
  expect_described("DELETE", "/jobs/{job}", request(port, "DELETE", "/api/v1/jobs/" + job));
  expect_described("DELETE", "/takes/{take}", request(port, "DELETE", one_take));
  expect_described("DELETE", "/songs/{song}", request(port, "DELETE", one_song));
  expect_described("POST", "/songs", request(port, "POST", "/api/v1/songs", "no song"));
}

TEST(OpenApi, TheCheckItselfSeesMisfits) {
  const Json schema = {{"$ref", "#/components/schemas/Health"}};
  const Json good = {{"status", "ok"}, {"version", "1"}, {"waiting", 0}, {"running", 0}, {"streams", 0}};
  EXPECT_EQ(misfit(good, schema, description(), "x"), "");
  for (const Json& change : {Json({{"waiting", "0"}}), Json({{"more", 1}}), Json({{"status", nullptr}})}) {
    Json bad = good;
    bad.update(change);
    EXPECT_NE(misfit(bad, schema, description(), "x"), "") << bad;
  }
}

}  // namespace
}  // namespace pop2piano::testing
