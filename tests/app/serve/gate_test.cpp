// SPDX-License-Identifier: MIT
#include "app/serve/gate.h"

#include <gtest/gtest.h>

namespace pop2piano::serve {
namespace {

RequestHead asking(const std::string& path, std::map<std::string, std::string> headers) {
  RequestHead head;
  head.method = "GET";
  head.path = path;
  head.address = "10.0.0.7";
  head.headers = std::move(headers);
  return head;
}

int status_of(const Gate& gate, const RequestHead& head) {
  try {
    gate.check(head);
    return 200;
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
}

TEST(Gate, OnLoopbackOnlyNamesOfThisMachineAreHosts) {
  const Gate gate(true, false, "");
  for (const char* host : {"localhost:8484", "127.0.0.1", "127.0.0.1:1", "[::1]:8484"}) {
    EXPECT_EQ(status_of(gate, asking("/", {{"host", host}})), 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example:8484", "127.0.0.1.nip.io", "", "192.168.0.1:8484"}) {
    EXPECT_EQ(status_of(gate, asking("/", {{"host", host}})), 403) << host;
  }
}

TEST(Gate, OtherPagesAreRefused) {
  const Gate gate(true, false, "");
  const std::string host = "localhost:8484";
  EXPECT_EQ(status_of(gate, asking("/api/v1/songs", {{"host", host}, {"origin", "http://localhost:8484"}})), 200);
  for (const char* origin : {"http://evil.example", "null", "https://localhost:8484", "http://localhost:9000"}) {
    EXPECT_EQ(status_of(gate, asking("/api/v1/songs", {{"host", host}, {"origin", origin}})), 403) << origin;
  }
  EXPECT_EQ(status_of(gate, asking("/api/v1/events", {{"host", host}, {"sec-fetch-site", "cross-site"}})), 403);
  EXPECT_EQ(status_of(gate, asking("/api/v1/events", {{"host", host}, {"sec-fetch-site", "same-origin"}})), 200);
}

TEST(Gate, ATokenIsAskedForByAllButHealth) {
  const Gate gate(false, false, "secret");
  EXPECT_EQ(status_of(gate, asking("/health", {{"host", "piano.lan"}})), 200);
  EXPECT_EQ(status_of(gate, asking("/", {{"host", "piano.lan"}})), 401);
  EXPECT_EQ(status_of(gate, asking("/metrics", {{"host", "piano.lan"}, {"authorization", "Bearer secre"}})), 401);
  EXPECT_EQ(status_of(gate, asking("/", {{"host", "piano.lan"}, {"authorization", "Bearer secret"}})), 200);
}

TEST(Gate, TheAddressWithTheTokenBecomesACookie) {
  const Gate gate(false, true, "secret");
  RequestHead head = asking("/", {{"host", "piano.lan"}});
  head.query["token"] = "secret";
  EXPECT_EQ(status_of(gate, head), 200);
  const auto answer = gate.sign_in(head);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 303);
  std::string cookie;
  for (const auto& [name, value] : answer->headers) cookie = name == "Set-Cookie" ? value : cookie;
  EXPECT_EQ(cookie.find("secret"), std::string::npos);
  EXPECT_NE(cookie.find("HttpOnly; SameSite=Strict; Secure"), std::string::npos);
  EXPECT_EQ(status_of(gate, asking("/", {{"host", "piano.lan"}, {"cookie", cookie.substr(0, cookie.find(';'))}})), 200);
}

TEST(Gate, ClientsAreTheirCookieOrTheirAddress) {
  const std::string cookie(32, 'a');
  EXPECT_EQ(Gate::client_of(asking("/", {{"cookie", "pop2piano_client=" + cookie}})), cookie);
  EXPECT_EQ(Gate::client_of(asking("/", {{"cookie", "pop2piano_client='; DROP"}})), "10.0.0.7");
}

TEST(Gate, ScriptsAndStylesInThePageDoNotCount) {
  Answer answer;
  Gate(true, false, "").finish(asking("/x", {}), answer);
  std::string policy;
  for (const auto& [name, value] : answer.headers) policy = name == "Content-Security-Policy" ? value : policy;
  const std::string scripts =
      policy.substr(policy.find("script-src"), policy.find(';', policy.find("script-src")) - policy.find("script-src"));
  EXPECT_EQ(scripts, "script-src 'self' 'wasm-unsafe-eval'");
  EXPECT_NE(policy.find("style-src 'self';"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("'unsafe-"), std::string::npos) << policy;
}

}  // namespace
}  // namespace pop2piano::serve
