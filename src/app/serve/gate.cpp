// SPDX-License-Identifier: MIT
#include "app/serve/gate.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "app/tasks/take_options.h"

namespace pop2piano::serve {
namespace {

constexpr const char *kClientCookie = "pop2piano_client", *kTokenCookie = "pop2piano_token";
constexpr std::size_t kClientDigits = 32;

bool is_this_machine(std::string host) {
  if (const std::size_t colon = host.rfind(':');
      colon != std::string::npos && host.find(']', colon) == std::string::npos)
    host.resize(colon);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// In a time that does not tell how much of it is right: digests have one length.
bool equal(const std::string& a, const std::string& b) {
  const std::string x = short_hash(a), y = short_hash(b);
  return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

bool is_client(const std::string& text) {
  return text.size() == kClientDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

bool Gate::has_token(const RequestHead& head) const {
  const std::string header = head.header("authorization"), cookie = head.cookie(kTokenCookie);
  return (header.starts_with("Bearer ") && equal(header.substr(7), token_)) ||
         (!cookie.empty() && equal(cookie, short_hash(token_))) ||
         (!head.parameter("token").empty() && equal(head.parameter("token"), token_));
}

void Gate::check(const RequestHead& head) const {
  const std::string host = head.header("host");
  if (host.empty() || (loopback_ && !is_this_machine(host))) {
    throw Refusal(403, "origin",
                  "Host: expected a name of this machine (localhost, 127.0.0.1), found " +
                      (host.empty() ? "none" : host.substr(0, 80)));
  }
  if (head.path == "/health") return;
  const std::string origin = head.header("origin"), site = head.header("sec-fetch-site");
  const bool api = head.path.starts_with("/api/");
  if (!origin.empty() && origin != (tls_ ? "https://" : "http://") + host) {
    throw Refusal(403, "origin", "Origin: requests of other pages are refused, found " + origin.substr(0, 80));
  }
  if (api && (site == "cross-site" || site == "same-site"))
    throw Refusal(403, "origin", "requests of other sites are refused");
  if (!token_.empty() && !has_token(head)) {
    throw Refusal(401, "token",
                  "a token is needed: open the address that the server printed, or send Authorization: Bearer");
  }
}

std::optional<Answer> Gate::sign_in(const RequestHead& head) const {
  if (token_.empty() || head.parameter("token").empty() || head.path.starts_with("/api/")) return std::nullopt;
  Answer answer{.status = 303, .headers = {{"Location", head.path}, {"Cache-Control", "no-store"}}};
  answer.headers.emplace_back("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", kTokenCookie,
                                                        short_hash(token_), tls_ ? "; Secure" : ""));
  return answer;
}

void Gate::finish(const RequestHead& head, Answer& answer) const {
  auto& headers = answer.headers;
  headers.emplace_back("Content-Security-Policy",
                       "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
                       "img-src 'self' data: blob:; "
                       "font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; "
                       "manifest-src 'self'; "
                       "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("Server", "pop2piano");
  const bool page = head.path == "/" && answer.status < 400;
  if (!page || is_client(head.cookie(kClientCookie))) return;
  unsigned char bytes[kClientDigits / 2];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return;  // then its address counts
  std::string name;
  for (const unsigned char byte : bytes) name += fmt::format("{:02x}", byte);
  headers.emplace_back("Set-Cookie",
                       fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000", kClientCookie, name));
}

std::string Gate::client_of(const RequestHead& head) {
  const std::string cookie = head.cookie(kClientCookie);
  return is_client(cookie) ? cookie : head.address;
}

}  // namespace pop2piano::serve
