// SPDX-License-Identifier: MIT
// Who may ask: Host, Origin and token of requests, and the headers that keep browsers from harm.
#pragma once

#include <string>

#include "app/http/http_message.h"

namespace pop2piano::serve {

class Gate {
 public:
  /// `loopback`: only names of this machine are good as Host, which stops DNS rebinding.
  Gate(bool loopback, bool tls, std::string token) : loopback_(loopback), tls_(tls), token_(std::move(token)) {}
  /// Throws Refusal: 401, 403.
  void check(const RequestHead& head) const;
  /// The page's address with ?token=: where the browser goes on, now with a cookie. Nothing for other requests.
  [[nodiscard]] std::optional<Answer> sign_in(const RequestHead& head) const;
  /// Adds the headers that every answer has, and the cookie of a new client.
  void finish(const RequestHead& head, Answer& answer) const;
  /// Who asks, for fairness: its cookie, else its address.
  [[nodiscard]] static std::string client_of(const RequestHead& head);

 private:
  [[nodiscard]] bool has_token(const RequestHead& head) const;
  bool loopback_, tls_;
  std::string token_;
};

}  // namespace pop2piano::serve
