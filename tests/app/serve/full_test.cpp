// SPDX-License-Identifier: MIT
// No room: on the disk (507) and in the queue (429). Each is said with its reason, and the server lives.
#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "app/serve/bodies.h"
#include "scratch_folder.h"
#include "served_program.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

constexpr std::uint64_t kPetabyte = std::uint64_t{1} << 50U;

// For this process and those that it starts, until the end of the scope.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST(NoRoom, AnUploadLargerThanTheDiskIsRefusedBeforeItComes) {
  const ScratchFolder folder;
  serve::RequestHead head{.method = "POST", .path = "/api/v1/songs"};
  head.length = kPetabyte;
  try {
    const serve::UploadBody body(head, folder.path(), 2 * kPetabyte);
    ADD_FAILURE() << "taken";
  } catch (const serve::Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 507);
    EXPECT_STREQ(refusal.code().c_str(), "no_room");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(NoRoom, ADiskThatIsFullWhileTheUploadComesIsSaid) {
  const ScratchFolder folder;
  constexpr std::size_t kMost = 3U << 20U;
  const FileLimit limit(kMost);
  const ServedProgram program(folder.path());
  const HttpReply reply = request(program.port(), "POST", "/api/v1/songs?start=no", std::string(2 * kMost, 'x'));
  EXPECT_EQ(reply.status, 507) << reply.body;
  EXPECT_EQ(reply.json()["code"], "no_room");
  EXPECT_TRUE(std::filesystem::is_empty(folder / "uploads"));
  EXPECT_EQ(request(program.port(), "GET", "/health").status, 200);
}

// The status and code of the last of at most 30 takes that are asked for, each by the next of the clients.
std::pair<int, std::string> when_full(int port, const std::string& takes, int clients) {
  for (int i = 0; i < 30; ++i) {
    const std::string client = std::string(30, '0') + std::to_string(10 + i % clients);
    const HttpReply reply = request(port, "POST", takes, nlohmann::json({{"end", 12.0 + i}}).dump(),
                                    {{"Content-Type", "application/json"}, {"Cookie", "pop2piano_client=" + client}});
    if (reply.status != 202) return {reply.status, reply.json().value("code", "")};
  }
  return {};
}

TEST(NoRoom, TheQueueIsBoundedForEachAndForAll) {
  const ScratchFolder folder;
  const ServedProgram program(folder.path(), {"--queue", "8", "--workers", "1"});
  const std::string song = request(program.port(), "POST", "/api/v1/songs/example?start=no").json()["song"]["id"];
  const std::string takes = "/api/v1/songs/" + song + "/takes";
  EXPECT_EQ(when_full(program.port(), takes, 1), std::pair(429, std::string("client_full")));
  EXPECT_EQ(when_full(program.port(), takes, 20), std::pair(429, std::string("queue_full")));
  const HttpReply upload = request(program.port(), "POST", "/api/v1/songs", "x");
  EXPECT_EQ(upload.status, 429) << upload.body;
  EXPECT_NE(upload.json()["detail"].get<std::string>().find("wait already"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano::testing
