// SPDX-License-Identifier: MIT
// HTTP/1.1 over TCP and TLS on one thread: Boost.Beast, which only http_server.cpp sees. Also the loop that everything
// of the server runs on: timers and descriptors that become readable.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "app/http/http_message.h"

namespace pop2piano::serve {

/// Takes the bytes of a body as they come.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Throws Refusal, which is then the answer.
  virtual void take(std::span<const char> bytes) = 0;
};

/// Callable once, on the loop's thread, at any time later.
using Reply = std::function<void(Answer)>;

class Handler {
 public:
  virtual ~Handler() = default;
  /// Where the body shall go. Throws Refusal.
  virtual std::unique_ptr<BodySink> begin(const RequestHead& head) = 0;
  /// After the body. Throws Refusal, or calls `reply`.
  virtual void handle(const RequestHead& head, std::unique_ptr<BodySink> body, Reply reply) = 0;
  /// Every answer passes here before it is sent, also those that the server itself makes.
  virtual void finish(const RequestHead& head, Answer& answer) = 0;
  /// Sent at the start of a stream of events.
  virtual std::string stream_greeting() = 0;
};

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 0;                          ///< 0: any that is free
  std::string certificate, private_key;  ///< PEM files; empty: no TLS
  std::size_t most_connections = 2000;
  std::size_t most_streams = 1000;
};

class HttpServer {
 public:
  /// Binds. Throws Error: unreadable (address in use or not of this machine), malformed (certificate or key).
  HttpServer(HttpOptions options, Handler& handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] std::size_t streams() const;  ///< that are open
  /// Until stop(). What it calls, it calls on this thread.
  void run();
  void stop();

  /// To every stream.
  void publish(const std::string& event, const std::string& data);
  void after(std::chrono::milliseconds time, std::function<void()> call);
  /// Calls each time the descriptor, which it owns from now on, can be read, until the call returns false.
  void watch(int descriptor, std::function<bool(int)> readable);
  /// Calls once when a signal of these comes.
  void on_signals(std::function<void()> call);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pop2piano::serve
