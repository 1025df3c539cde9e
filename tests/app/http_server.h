// SPDX-License-Identifier: MIT
// A web server of one test: a few files on 127.0.0.1, with ranges, redirects and connections that break.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pop2piano::testing {

struct ServedFile {
  std::string body;
  std::string tag = "\"1\"";            ///< ETag; empty: none
  std::string redirect;                 ///< answers 302 with this place instead
  std::string linked_tag;               ///< X-Linked-ETag of the redirect
  std::size_t break_after = 0;          ///< closes the connection after so many bytes of the body, once; 0: never
  bool ranges = true;                   ///< false: sends all whatever is asked for
  int status = 200;                     ///< other than 200: an error without a body
  int milliseconds_between_pieces = 0;  ///< pause after each 16 kB
};

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void serve(const std::string& path, ServedFile file);
  [[nodiscard]] std::string url(const std::string& path = "") const;
  /// Paths asked for so far, with " from N" when a range was asked for.
  [[nodiscard]] std::vector<std::string> requests();

 private:
  void run();
  void answer(int connection);
  void send_file(int connection, const std::string& path, const std::string& request);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::map<std::string, ServedFile> files_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace pop2piano::testing
