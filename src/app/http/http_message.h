// SPDX-License-Identifier: MIT
// Requests and answers as the server's rooms see them, and what the text of HTTP says (RFC 9110): paths, queries,
// ranges, entity tags, codings. No sockets here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace pop2piano::serve {

/// What a request says before its body.
struct RequestHead {
  std::string method;                          ///< "GET", as sent
  std::string path;                            ///< decoded; begins with '/', no empty, "." or ".." parts, no NUL
  std::map<std::string, std::string> query;    ///< decoded
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string address;                         ///< of the other end, without port
  std::optional<std::uint64_t> length;         ///< of the body; absent: chunks or none
  bool chunked = false;

  [[nodiscard]] std::string header(const std::string& name) const;     ///< empty: not sent
  [[nodiscard]] std::string parameter(const std::string& name) const;  ///< of the query; empty: not sent
  [[nodiscard]] std::string cookie(std::string_view name) const;       ///< empty: not sent
};

/// A part of a file as the body of an answer.
struct FilePart {
  std::filesystem::path file;
  std::uint64_t first = 0, count = 0;  ///< bytes
};

struct Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<FilePart> file;  ///< instead of `body`
  bool stream = false;           ///< a stream of events follows; `client` tells whose
  bool close = false;            ///< the connection ends after it
};

/// Thrown by handlers; becomes application/problem+json.
class Refusal : public std::runtime_error {
 public:
  Refusal(int status, std::string code, const std::string& detail)
      : std::runtime_error(detail), status_(status), code_(std::move(code)) {}
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  int status_;
  std::string code_;
};

[[nodiscard]] Answer json_answer(const nlohmann::json& value, int status = 200);
[[nodiscard]] Answer problem(int status, const std::string& code, const std::string& detail);
[[nodiscard]] std::string_view reason_of(int status);

/// Nothing where a percent sign is not followed by two hexadecimal digits, or a NUL is meant.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);
/// Fills path and query from "/a%20b?c=d". False: not a path that is served.
[[nodiscard]] bool read_target(std::string_view target, RequestHead& head);

/// The bytes that "bytes=A-B" asks for: first and count. Nothing: no such header, several ranges, another unit; then
/// all is sent. Throws Refusal(416).
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(std::string_view header,
                                                                              std::uint64_t size);
/// Whether If-None-Match names the tag.
[[nodiscard]] bool has_tag(std::string_view header, std::string_view tag);
/// Whether Accept-Encoding allows the coding by name.
[[nodiscard]] bool accepts(std::string_view header, std::string_view coding);
/// By a file's ending; "application/octet-stream" where it is not known.
[[nodiscard]] std::string content_type_of(const std::filesystem::path& file);

/// A file with ranges and an entity tag: 200, 206 or 304. Throws Refusal: 404, 416.
[[nodiscard]] Answer file_answer(const RequestHead& head, const std::filesystem::path& file, const std::string& type);

}  // namespace pop2piano::serve
