// SPDX-License-Identifier: MIT
// Uploads and requests that mean harm: each gets one clear error, and the server lives.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "scratch_folder.h"
#include "served_program.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

class Hostile : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(request(program_.port(), "GET", "/health").status, 200); }
  [[nodiscard]] int port() const { return program_.port(); }
  /// How the job of this upload ended, in words.
  [[nodiscard]] std::string failure_of(const std::string& bytes, const std::string& name) const {
    const HttpReply reply = request(port(), "POST", "/api/v1/songs", bytes, {{"X-File-Name", name}});
    if (reply.status != 201) return "status " + std::to_string(reply.status);
    const nlohmann::json song = finished_song(port(), reply.json()["song"]["id"]);
    return song["jobs"].empty() ? "" : song["jobs"][0]["error"].get<std::string>();
  }
  ScratchFolder folder_;
  ServedProgram program_{folder_.path(), {"--upload-megabytes", "2"}};
};

TEST_F(Hostile, FilesThatAreNoSongs) {
  const std::string song = bytes_of(POP2PIANO_SOURCE_DIR "/examples/song/example_song.ogg");
  const std::string playlist = "#EXTM3U\n#EXTINF:1,x\nfile:///etc/passwd\n",
                    list = "ffconcat version 1.0\nfile /etc/passwd\n";
  for (const auto& [name, bytes] :
       std::map<std::string, std::string>{{"cut.ogg", song.substr(0, 300)},
                                          {"list.m3u8", playlist},
                                          {"list.ffconcat", list},
                                          {"text.mp3", std::string(5000, 'a')},
                                          {"bomb.mxl", "PK\x03\x04" + std::string(3000, '\0')},
                                          {"silence.wav", "RIFF\xff\xff\xff\xffWAVEfmt "}}) {
    const std::string failure = failure_of(bytes, name);
    EXPECT_EQ(failure.find(name), 0U) << name << ": " << failure;
    EXPECT_EQ(failure.find(folder_.path().string()), std::string::npos) << failure;
  }
}

TEST_F(Hostile, TooLargeIsSaidBeforeAndWhileItComes) {
  Connection declared(port());
  declared.send("POST /api/v1/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10737418240\r\n\r\n");
  EXPECT_EQ(declared.reply().status, 413);
  Connection chunked(port());
  chunked.send("POST /api/v1/songs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  for (int i = 0; i < 64 && chunked.send(chunk); ++i) {
  }
  EXPECT_EQ(chunked.reply().status, 413);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "uploads"));
}

TEST_F(Hostile, OneByteChunksAreTaken) {
  Connection slow(port());
  std::string body =
      "POST /api/v1/songs?start=no HTTP/1.1\r\nHost: localhost\r\nX-File-Name: s.mp3\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (int i = 0; i < 2000; ++i) body += "1\r\nx\r\n";
  slow.send(body + "0\r\n\r\n");
  EXPECT_EQ(slow.reply().json()["song"]["bytes"], 2000);
}

TEST_F(Hostile, HeadersAndRequestsThatAreNone) {
  Connection huge(port());
  huge.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20000, 'a') + "\r\n\r\n");
  EXPECT_EQ(huge.reply().status, 431);
  Connection garbage(port());
  garbage.send("\x16\x03\x01 not http\r\n\r\n");
  EXPECT_EQ(garbage.reply().status, 400);
  Connection both(port());
  both.send(
      "POST /api/v1/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(both.reply().status, 400);
}

TEST_F(Hostile, Bodies) {
  EXPECT_EQ(request(port(), "POST", "/api/v1/songs", "", {{"Content-Type", "audio/mpeg"}}).status, 400);
  EXPECT_EQ(request(port(), "POST", "/api/v1/songs", "x", {{"Content-Type", "text/html"}}).status, 415);
  EXPECT_EQ(request(port(), "POST", "/api/v1/songs", "x", {{"Content-Type", "multipart/form-data"}}).status, 400);
  EXPECT_EQ(
      request(port(), "POST", "/api/v1/songs", "--b\r\n\r\n", {{"Content-Type", "multipart/form-data; boundary=b"}})
          .status,
      400);
  EXPECT_EQ(request(port(), "POST", "/api/v1/songs?options=%7B%22level%22%3A9%7D", "x").status, 400);
  Connection none(port());
  none.send("POST /api/v1/songs HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(none.reply().status, 411);
}

// The reader alone meets more (http_test); here some go all the way. POP2PIANO_BODIES: another number of them.
TEST_F(Hostile, RandomMultipartBodiesGetOneClearError) {
  Random random(3);
  const std::string pieces[] = {"--b",         "\r\n", "--",       "Content-Disposition: form-data; ",
                                "filename=\"", "\"",   "\r\n\r\n", std::string(1, '\0')};
  const char* wish = std::getenv("POP2PIANO_BODIES");
  const int bodies = wish == nullptr ? 300 : std::atoi(wish);
  int refused = 0;
  for (int run = 0; run < bodies; ++run) {
    std::string body = run % 2 == 0 ? "--b\r\nContent-Disposition: form-data; filename=\"a\"\r\n" : "";
    for (std::uint64_t i = random.next() % 30; i > 0; --i) body += pieces[random.next() % std::size(pieces)];
    const HttpReply reply =
        request(port(), "POST", "/api/v1/songs?start=no", body, {{"Content-Type", "multipart/form-data; boundary=b"}});
    ASSERT_TRUE(reply.status == 400 || reply.status == 201) << reply.status << body;
    if (reply.status == 400) {
      ++refused;
      ASSERT_FALSE(reply.json()["detail"].get<std::string>().empty());
      continue;
    }
    // A song of these bytes: it goes again, so that the next bodies are read, not turned away by a full queue.
    const std::string song = "/api/v1/songs/" + reply.json()["song"]["id"].get<std::string>();
    ASSERT_EQ(request(port(), "DELETE", song).status, 204);
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, bodies);
}

TEST_F(Hostile, Json) {
  const std::string song = request(port(), "POST", "/api/v1/songs/example?options=%7B%7D").json()["song"]["id"];
  const std::string takes = "/api/v1/songs/" + song + "/takes";
  EXPECT_EQ(request(port(), "POST", takes, "{", {{"Content-Type", "application/json"}}).status, 400);
  EXPECT_EQ(request(port(), "POST", takes, std::string(60000, '['), {{"Content-Type", "application/json"}}).status,
            400);
  EXPECT_EQ(request(port(), "POST", takes, std::string(70000, ' '), {{"Content-Type", "application/json"}}).status,
            413);
  EXPECT_EQ(request(port(), "POST", takes, "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(send_json(port(), "POST", takes, {{"style", "no such style"}}).status, 400);
}

TEST_F(Hostile, AddressesStayInside) {
  for (const char* target :
       {"/../../etc/passwd", "/%2e%2e/etc/passwd", "/api/v1/songs/..%2f..%2flock", "/api/v1/takes/x/../../lock"}) {
    const int status = request(port(), "GET", target).status;
    EXPECT_TRUE(status == 400 || status == 404) << target << " " << status;
  }
  EXPECT_EQ(request(port(), "GET", "/api/v1/songs", "", {{"Host", "rebound.example"}}).status, 403);
  EXPECT_EQ(request(port(), "DELETE", "/api/v1/songs").status, 405);
  EXPECT_EQ(request(port(), "BREW", "/api/v1/songs").status, 405);
}

}  // namespace
}  // namespace pop2piano::testing
