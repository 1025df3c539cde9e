// SPDX-License-Identifier: MIT
// The server as the page uses it: from a song to its files.
#include <csignal>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "served_program.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

std::string example() { return bytes_of(POP2PIANO_SOURCE_DIR "/examples/song/example_song.ogg"); }

// One server and one song for all cases that only look.
class LiveServer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchFolder;
    program_ = new ServedProgram(folder_->path(), {"--web", folder_->path().string()});
    const HttpReply reply = request(program_->port(), "POST", "/api/v1/songs", example(),
                                    {{"X-File-Name", "..%2F..%2Fmy%20song.ogg"}, {"Content-Type", "audio/ogg"}});
    ASSERT_EQ(reply.status, 201) << reply.body;
    song_ = finished_song(port(), reply.json()["song"]["id"]);
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(program_->end(SIGTERM), 0);
    delete program_;
    delete folder_;
  }
  static int port() { return program_->port(); }
  static Json take() { return song_["takes"].back(); }
  static std::string takes() { return "/api/v1/songs/" + song_["id"].get<std::string>() + "/takes"; }
  static inline ScratchFolder* folder_ = nullptr;
  static inline ServedProgram* program_ = nullptr;
  static inline Json song_;
};

TEST_F(LiveServer, ASongBecomesACoverWithAllItsFiles) {
  EXPECT_EQ(song_["name"], "my song.ogg");
  EXPECT_EQ(song_["title"], "Example Song");
  EXPECT_TRUE(take()["ready"]);
  EXPECT_EQ(take()["sound"], "ready");
  const Json files = take()["files"];
  const std::map<std::string, std::string> beginnings{{"score", "<?xml"}, {"midi", "MThd"},  {"report", "{"},
                                                      {"mix", "fLaC"},    {"piano", "fLaC"}, {"zip", "PK"},
                                                      {"mix_wav", "RIFF"}};
  for (const auto& [name, beginning] : beginnings) {
    const HttpReply reply = request(port(), "GET", files[name]);
    EXPECT_EQ(reply.status, 200) << name << reply.body.substr(0, 300);
    EXPECT_EQ(reply.body.substr(0, beginning.size()), beginning) << name;
  }
  const Json peaks = request(port(), "GET", song_["peaks"]).json();
  EXPECT_NEAR(static_cast<double>(peaks["peaks"].size()) / 2 / peaks["per_second"].get<double>(),
              peaks["duration"].get<double>(), 0.1);
  EXPECT_EQ(request(port(), "GET", song_["original"]).body, example());
}

TEST_F(LiveServer, RangesOfSound) {
  const std::string mix = take()["files"]["mix"];
  const HttpReply whole = request(port(), "GET", mix),
                  part = request(port(), "GET", mix, "", {{"Range", "bytes=1000-1999"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, whole.body.substr(1000, 1000));
  EXPECT_EQ(request(port(), "GET", mix, "", {{"Range", "bytes=99999999-"}}).status, 416);
  EXPECT_EQ(request(port(), "GET", mix, "", {{"If-None-Match", whole.headers.at("etag")}}).status, 304);
  const HttpReply head = request(port(), "HEAD", mix);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(whole.body.size()));
  EXPECT_TRUE(head.body.empty());
}

TEST_F(LiveServer, TheSameSongAgainCostsNothing) {
  const HttpReply reply = request(port(), "POST", "/api/v1/songs", example(), {{"X-File-Name", "other.ogg"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.json()["job"].is_null());
  EXPECT_EQ(reply.json()["take"]["id"], take()["id"]);
}

TEST_F(LiveServer, AMultipartUploadIsTheSameSong) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.ogg\"\r\n\r\n" + example() + "\r\n--b--\r\n";
  const HttpReply reply =
      request(port(), "POST", "/api/v1/songs", body, {{"Content-Type", "multipart/form-data; boundary=b"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["song"]["id"], song_["id"]);
}

TEST_F(LiveServer, AnotherLevelIsMadeWhileOneWaits) {
  const HttpReply easy =
      send_json(port(), "POST", takes() + "?sound=no", {{"level", 1}, {"fingering", true}, {"key", "C"}});
  ASSERT_EQ(easy.status, 201) << easy.body;
  const Json made = easy.json()["take"];
  EXPECT_TRUE(made["ready"]);
  EXPECT_EQ(made["summary"]["key"], "C major");
  EXPECT_LT(made["summary"]["notes"], take()["summary"]["notes"]);
  EXPECT_NE(request(port(), "GET", made["files"]["score"]).body.find("<fingering"), std::string::npos);
  EXPECT_EQ(request(port(), "GET", "/api/v1/takes/" + made["id"].get<std::string>() + "/mix.flac").json()["code"],
            "not_ready");
  EXPECT_EQ(send_json(port(), "POST", takes() + "?sound=no", {{"level", 1}, {"fingering", true}, {"key", "C"}}).status,
            200);
}

TEST_F(LiveServer, ACutIsHeardAnew) {
  const HttpReply reply = send_json(port(), "POST", takes(), {{"end", 15.0}, {"downbeat", 1.16}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  const std::string id = reply.json()["take"]["id"];
  static_cast<void>(finished_song(port(), song_["id"]));
  const Json made = request(port(), "GET", "/api/v1/takes/" + id).json();
  EXPECT_NEAR(made["summary"]["duration"], 15.0, 0.1);
  const Json report = request(port(), "GET", made["files"]["report"]).json();
  double nearest = 100;
  for (const Json& bar : report["bars"]) nearest = std::min(nearest, std::abs(bar["time"].get<double>() - 1.16));
  EXPECT_LT(nearest, 0.1);
}

TEST_F(LiveServer, EditsAreKeptByRevision) {
  const Json made = send_json(port(), "POST", takes() + "?sound=no", {{"level", 3}}).json()["take"];
  const std::string edits = "/api/v1/takes/" + made["id"].get<std::string>() + "/edits";
  EXPECT_TRUE(request(port(), "GET", edits).json()["notes"].is_null());
  const Json note = {{"step", 24},     {"duration_steps", 12}, {"pitch", 61},
                     {"velocity", 70}, {"voice", "melody"},    {"hand", "right"}};
  const Json document = {{"revision", 0}, {"notes", {note}}, {"history", {{"undo", {1, 2}}}}};
  const HttpReply first = send_json(port(), "PUT", edits, document);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json()["revision"], 1);
  EXPECT_EQ(first.json()["summary"]["notes"], 1);
  EXPECT_EQ(request(port(), "GET", first.json()["files"]["report"]).json()["notes"][0]["pitch"], 61);
  EXPECT_EQ(send_json(port(), "PUT", edits, document).json()["code"], "conflict");
  EXPECT_EQ(request(port(), "GET", edits).json()["history"]["undo"], Json({1, 2}));
  EXPECT_EQ(send_json(port(), "PUT", edits, {{"revision", 1}, {"notes", nullptr}}).json()["summary"]["notes"],
            made["summary"]["notes"]);
}

TEST_F(LiveServer, BadEditsSayWhatIsWrong) {
  const std::string edits = "/api/v1/takes/" + take()["id"].get<std::string>() + "/edits";
  const Json bad = {{"step", 24}, {"duration_steps", 12}, {"pitch", 200}, {"velocity", 70}};
  const HttpReply reply = send_json(port(), "PUT", edits, {{"revision", take()["revision"]}, {"notes", {bad}}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.json()["detail"].get<std::string>().find("pitch"), std::string::npos);
}

TEST_F(LiveServer, OneStreamTellsEverything) {
  Connection stream(port());
  stream.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(stream.until("event: hello\n").find("text/event-stream"), std::string::npos);
  send_json(port(), "POST", takes(), {{"level", 4}});
  const std::string seen = stream.until("\"state\":\"done\"");
  EXPECT_NE(seen.find("event: take\n"), std::string::npos);
  EXPECT_NE(seen.find("\"state\":\"waiting\""), std::string::npos);
  EXPECT_NE(seen.find("\"stage\":\"render\""), std::string::npos);
}

TEST_F(LiveServer, TheLibraryIsSearchedRenamedAndEmptied) {
  const std::string id = request(port(), "POST", "/api/v1/songs?start=no", example() + "1").json()["song"]["id"];
  const Json decoded = finished_song(port(), id);
  EXPECT_FALSE(decoded["peaks"].is_null());
  EXPECT_TRUE(decoded["takes"].empty());
  EXPECT_EQ(send_json(port(), "PATCH", "/api/v1/songs/" + id, {{"title", "<img onerror=x>"}}).status, 200);
  EXPECT_EQ(request(port(), "GET", "/api/v1/songs?q=onerror").json()["songs"].size(), 1U);
  EXPECT_EQ(request(port(), "DELETE", "/api/v1/songs/" + id).status, 204);
  EXPECT_EQ(request(port(), "GET", "/api/v1/songs/" + id).status, 404);
  EXPECT_TRUE(request(port(), "GET", "/api/v1/songs?q=onerror").json()["songs"].empty());
}

TEST_F(LiveServer, OtherTabsHearOfNewNames) {
  Connection stream(port());
  stream.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  static_cast<void>(stream.until("event: hello\n"));
  const std::string id = song_["id"], title = song_["title"];
  send_json(port(), "PATCH", "/api/v1/songs/" + id, {{"title", "New name"}});
  const std::string song = stream.until("\"title\":\"New name\"");
  EXPECT_NE(song.find("event: song\n"), std::string::npos) << song;
  send_json(port(), "PATCH", "/api/v1/takes/" + take()["id"].get<std::string>(), {{"name", "Mine"}});
  const std::string named = stream.until("\"name\":\"Mine\"");
  EXPECT_NE(named.find("event: take\n"), std::string::npos) << named;
  send_json(port(), "PATCH", "/api/v1/songs/" + id, {{"title", title}});
}

TEST_F(LiveServer, AJobIsCancelled) {
  const HttpReply reply = send_json(port(), "POST", takes(), {{"end", 20.5}});
  const std::string job = "/api/v1/jobs/" + reply.json()["job"]["id"].get<std::string>();
  EXPECT_EQ(request(port(), "DELETE", job).json()["state"], "cancelled");
  EXPECT_EQ(request(port(), "DELETE", job).status, 409);
}

TEST_F(LiveServer, AWorkerThatIsKilledCostsOnlyAnotherTry) {
  const HttpReply reply = send_json(port(), "POST", takes(), {{"end", 21.5}});
  const std::string job = "/api/v1/jobs/" + reply.json()["job"]["id"].get<std::string>();
  while (request(port(), "GET", job).json()["percent"] == 0.0)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const std::string children = bytes_of("/proc/" + std::to_string(program_->process()) + "/task/" +
                                        std::to_string(program_->process()) + "/children");
  ASSERT_FALSE(children.empty());
  ::kill(std::stoi(children), SIGKILL);
  static_cast<void>(finished_song(port(), song_["id"]));
  const Json ended = request(port(), "GET", job).json();
  EXPECT_EQ(ended["state"], "done");
  EXPECT_EQ(ended["attempts"], 1);
}

TEST_F(LiveServer, MetricsAndHealth) {
  EXPECT_EQ(request(port(), "GET", "/health").json()["status"], "ok");
  const std::string metrics = request(port(), "GET", "/metrics").body;
  EXPECT_NE(metrics.find("\npop2piano_queue_depth "), std::string::npos);
  EXPECT_NE(metrics.find("\npop2piano_jobs_done "), std::string::npos);
}

TEST(ServeStart, TheNetworkNeedsATokenOrTls) {
  const ScratchFolder folder;
  EXPECT_THROW(ServedProgram(folder.path(), {"--host", "0.0.0.0"}), nlohmann::json::exception);
  const ServedProgram guarded(folder.path(), {"--host", "0.0.0.0", "--token", "secret"});
  EXPECT_EQ(request(guarded.port(), "GET", "/api/v1/songs").status, 401);
  EXPECT_EQ(request(guarded.port(), "GET", "/api/v1/songs", "", {{"Authorization", "Bearer secret"}}).status, 200);
}

// What people search for and what their songs are called is theirs; the log is of lines of JSON.
TEST(ServeStart, TheLogHasNoTitlesUnlessTheyAreAskedFor) {
  for (const bool asked : {false, true}) {
    const ScratchFolder folder;
    std::vector<std::string> options{"--verbose"};
    if (asked) options.emplace_back("--log-titles");
    ServedProgram program(folder / "data", options, folder / "log");
    const HttpReply added =
        request(program.port(), "POST", "/api/v1/songs?start=no", "no sound", {{"X-File-Name", "Serenade.mp3"}});
    EXPECT_EQ(added.status, 201);
    static_cast<void>(finished_song(program.port(), added.json()["song"]["id"]));
    static_cast<void>(request(program.port(), "GET", "/api/v1/songs?q=Serenade"));
    EXPECT_EQ(program.end(SIGTERM), 0);
    const std::string log = bytes_of(folder / "log");
    EXPECT_EQ(log.find("Serenade") != std::string::npos, asked) << log;
    std::istringstream lines(log);
    int requests = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("{")) requests += Json::parse(line)["event"] == "request" ? 1 : 0;
    }
    EXPECT_GE(requests, 3) << log;
  }
}

TEST(ServeStart, AfterKillTheJobGoesOn) {
  const ScratchFolder folder;
  std::string song;
  {
    ServedProgram program(folder.path());
    song = request(program.port(), "POST", "/api/v1/songs/example").json()["song"]["id"];
    EXPECT_EQ(program.end(SIGKILL), 128 + SIGKILL);
  }
  const ServedProgram program(folder.path());
  const Json found = finished_song(program.port(), song);
  ASSERT_EQ(found["takes"].size(), 1U);
  EXPECT_EQ(found["takes"][0]["sound"], "ready");
}

}  // namespace
}  // namespace pop2piano::testing
