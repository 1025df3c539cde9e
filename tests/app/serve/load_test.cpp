// SPDX-License-Identifier: MIT
// Many at once, and processes that are killed at random. Figures are printed, not asserted.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/core/random.h"
#include "scratch_folder.h"
#include "served_program.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

int number(const char* variable, int otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::atoi(value);
}

void kill_workers(pid_t server) {
  const std::string path = "/proc/" + std::to_string(server) + "/task/" + std::to_string(server) + "/children";
  const std::string children = bytes_of(path);
  if (!children.empty()) ::kill(std::atoi(children.c_str()), SIGKILL);
}

std::size_t resident_kilobytes(pid_t process) {
  const std::string status = bytes_of("/proc/" + std::to_string(process) + "/status");
  return std::stoul(status.substr(status.find("VmRSS:") + 6));
}

TEST(ServeLoad, KilledAtRandomNothingIsLostAndNothingMadeTwice) {
  const int jobs = number("POP2PIANO_KILL_JOBS", 12), kills = number("POP2PIANO_KILLS", 3), clients = 20;
  const ScratchFolder folder;
  Random random(7);
  auto program = std::make_unique<ServedProgram>(folder.path(), std::vector<std::string>{"--queue", "1000"});
  const std::string song = request(program->port(), "POST", "/api/v1/songs/example?start=no").json()["song"]["id"];
  std::set<std::string> takes;
  for (int i = 0; i < jobs; ++i) {
    std::string client = std::to_string(100 + i % clients);
    client = std::string(32 - client.size(), '0') + client;
    const Json options = {{"end", 12.0 + 0.05 * i}};
    const HttpReply reply = request(program->port(), "POST", "/api/v1/songs/" + song + "/takes", options.dump(),
                                    {{"Content-Type", "application/json"}, {"Cookie", "pop2piano_client=" + client}});
    ASSERT_EQ(reply.status, 202) << reply.body;
    takes.insert(reply.json()["take"]["id"]);
  }
  for (int i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + random.next() % 3000));
    if (random.chance(0.5)) {
      kill_workers(program->process());
    } else {
      program->end(SIGKILL);
      program = std::make_unique<ServedProgram>(folder.path(), std::vector<std::string>{"--queue", "1000"});
    }
  }
  const Json found = finished_song(program->port(), song);
  EXPECT_EQ(takes.size(), static_cast<std::size_t>(jobs));
  ASSERT_EQ(found["takes"].size(), takes.size());
  for (const Json& take : found["takes"]) {
    EXPECT_EQ(takes.count(take["id"]), 1U);
    EXPECT_EQ(take["sound"], "ready") << take["sound_error"];
    EXPECT_EQ(request(program->port(), "GET", take["files"]["mix"]).body.substr(0, 4), "fLaC");
  }
  const std::string metrics = request(program->port(), "GET", "/metrics").body;
  EXPECT_NE(metrics.find("pop2piano_jobs_done " + std::to_string(jobs + 1) + "\n"), std::string::npos) << metrics;
}

TEST(ServeLoad, FiveHundredStreamsAndTwentyUploads) {
  constexpr int kStreams = 500, kUploads = 20, kAsked = 1000;
  rlimit files{4096, 4096};
  ::setrlimit(RLIMIT_NOFILE, &files);
  const ScratchFolder folder;
  const ServedProgram program(folder.path(), {"--queue", "1000"});
  std::vector<std::unique_ptr<Connection>> streams;
  for (int i = 0; i < kStreams; ++i) {
    streams.push_back(std::make_unique<Connection>(program.port()));
    ASSERT_TRUE(streams.back()->send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  for (const auto& stream : streams) ASSERT_NE(stream->until("event: hello\n").find("200 OK"), std::string::npos);
  std::vector<std::thread> uploads;
  for (int i = 0; i < kUploads; ++i) {
    uploads.emplace_back([&, i] {
      const std::string body(10'000'000, static_cast<char>('a' + i));
      EXPECT_EQ(request(program.port(), "POST", "/api/v1/songs?start=no", body).status, 201);
    });
  }
  std::vector<double> milliseconds;
  for (int i = 0; i < kAsked; ++i) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(request(program.port(), "GET", "/api/v1/songs?limit=5").status, 200);
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  for (std::thread& upload : uploads) upload.join();
  std::sort(milliseconds.begin(), milliseconds.end());
  RecordProperty("median_ms", std::to_string(milliseconds[kAsked / 2]));
  std::printf("median %.1f ms, 99th percentile %.1f ms, server %zu kB\n", milliseconds[kAsked / 2],
              milliseconds[kAsked * 99 / 100], resident_kilobytes(program.process()));
  for (const auto& stream : streams) EXPECT_NE(stream->until("event: job\n").find("event: job"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano::testing
