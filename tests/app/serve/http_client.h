// SPDX-License-Identifier: MIT
// A client of one test: sockets, one request at a time, and whatever bytes a test wants to send.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace pop2piano::testing {

struct HttpReply {
  int status = 0;                              ///< 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
};

using Headers = std::map<std::string, std::string>;

/// A connection to 127.0.0.1.
class Connection {
 public:
  explicit Connection(int port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  /// False: the other end does not take it any more.
  bool send(const std::string& bytes) const;
  /// Up to the end of an answer's body.
  [[nodiscard]] HttpReply reply();
  /// What comes until `mark` was among it, or the end.
  [[nodiscard]] std::string until(const std::string& mark);

 private:
  bool more();
  int socket_ = -1;
  std::string buffer_;
};

/// One request with its own connection.
HttpReply request(int port, const std::string& method, const std::string& target, const std::string& body = "",
                  Headers headers = {});
HttpReply send_json(int port, const std::string& method, const std::string& target, const nlohmann::json& value);

}  // namespace pop2piano::testing
