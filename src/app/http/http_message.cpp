// SPDX-License-Identifier: MIT
#include "app/http/http_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `each` with every trimmed piece between separators; it returns true to stop.
template <typename Each>
bool any_piece(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (each(trimmed(text.substr(0, end)))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

std::string found_in(const std::map<std::string, std::string>& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? "" : found->second;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_served_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  if (path == "/") return true;
  return !any_piece(path.substr(1), '/',
                    [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
}

}  // namespace

std::string RequestHead::header(const std::string& name) const { return found_in(headers, name); }

std::string RequestHead::parameter(const std::string& name) const { return found_in(query, name); }

std::string RequestHead::cookie(std::string_view name) const {
  std::string value;
  any_piece(header("cookie"), ';', [&](std::string_view piece) {
    if (piece.size() <= name.size() || !piece.starts_with(name) || piece[name.size()] != '=') return false;
    value = piece.substr(name.size() + 1);
    return true;
  });
  return value;
}

std::string_view reason_of(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 24> kReasons{{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {303, "See Other"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {507, "Insufficient Storage"},
  }};
  for (const auto& [number, reason] : kReasons) {
    if (number == status) return reason;
  }
  return "Unknown";
}

Answer json_answer(const nlohmann::json& value, int status) {
  Answer answer{.status = status, .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}};
  answer.body = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return answer;
}

Answer problem(int status, const std::string& code, const std::string& detail) {
  Answer answer = json_answer(
      {{"type", "about:blank"}, {"title", reason_of(status)}, {"status", status}, {"detail", detail}, {"code", code}},
      status);
  answer.headers[0].second = "application/problem+json";
  if (status == 429) answer.headers.emplace_back("Retry-After", "10");
  return answer;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1, low = high < 0 ? -1 : digit_of(text[i + 2]);
    if (low < 0 || high * 16 + low == 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

bool read_target(std::string_view target, RequestHead& head) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  const auto path = percent_decoded(target.substr(0, mark));
  if (!path || !is_served_path(*path)) return false;
  head.path = *path;
  return !any_piece(target.substr(std::min(mark + 1, target.size())), '&', [&](std::string_view pair) {
    if (pair.empty()) return false;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string value(pair.substr(std::min(equals + 1, pair.size())));
    std::replace(value.begin(), value.end(), '+', ' ');
    const auto name = percent_decoded(pair.substr(0, equals)), decoded = percent_decoded(value);
    if (!name || !decoded) return true;
    head.query[*name] = *decoded;
    return false;
  });
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != header.npos) return std::nullopt;
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  if (dash == header.npos) return std::nullopt;
  const auto first = number_of(trimmed(header.substr(0, dash))), last = number_of(trimmed(header.substr(dash + 1)));
  const auto refuse = [&] {
    return Refusal(416, "range", fmt::format("bytes={}: expected a range within {} bytes", header, size));
  };
  if (!first) {
    if (!last || dash != 0) return std::nullopt;
    if (*last == 0 || size == 0) throw refuse();
    const std::uint64_t count = std::min(*last, size);
    return std::pair{size - count, count};
  }
  if (*first >= size) throw refuse();
  if (!last) return dash + 1 == header.size() ? std::optional(std::pair{*first, size - *first}) : std::nullopt;
  if (*last < *first) return std::nullopt;
  return std::pair{*first, std::min(*last, size - 1) - *first + 1};
}

bool has_tag(std::string_view header, std::string_view tag) {
  return any_piece(header, ',', [&](std::string_view one) {
    if (one.starts_with("W/")) one.remove_prefix(2);
    return one == tag || one == "*";
  });
}

bool accepts(std::string_view header, std::string_view coding) {
  return any_piece(header, ',', [&](std::string_view one) {
    const std::string_view name = trimmed(one.substr(0, one.find(';')));
    if (name != coding) return false;
    std::string weight(one.substr(name.size()));
    std::erase(weight, ' ');
    return weight != ";q=0" && !weight.starts_with(";q=0.000") && weight != ";q=0.0" && weight != ";q=0.00";
  });
}

std::string content_type_of(const fs::path& file) {
  static const std::map<std::string, std::string> kTypes{{".html", "text/html; charset=utf-8"},
                                                         {".js", "text/javascript; charset=utf-8"},
                                                         {".mjs", "text/javascript; charset=utf-8"},
                                                         {".css", "text/css; charset=utf-8"},
                                                         {".json", "application/json"},
                                                         {".webmanifest", "application/manifest+json"},
                                                         {".svg", "image/svg+xml"},
                                                         {".png", "image/png"},
                                                         {".ico", "image/x-icon"},
                                                         {".wasm", "application/wasm"},
                                                         {".woff2", "font/woff2"},
                                                         {".txt", "text/plain; charset=utf-8"},
                                                         {".flac", "audio/flac"},
                                                         {".wav", "audio/wav"},
                                                         {".mp3", "audio/mpeg"},
                                                         {".ogg", "audio/ogg"},
                                                         {".opus", "audio/ogg"},
                                                         {".m4a", "audio/mp4"},
                                                         {".mid", "audio/midi"},
                                                         {".pdf", "application/pdf"},
                                                         {".zip", "application/zip"},
                                                         {".musicxml", "application/vnd.recordare.musicxml+xml"}};
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto found = kTypes.find(ending);
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

Answer file_answer(const RequestHead& head, const fs::path& file, const std::string& type) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw Refusal(404, "not_found", "no such file");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::string tag = fmt::format("\"{:x}-{:x}-{:x}\"", size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  Answer answer{
      .headers = {{"Content-Type", type}, {"ETag", tag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "no-cache"}}};
  if (has_tag(head.header("if-none-match"), tag)) {
    answer.status = 304;
    return answer;
  }
  answer.file = FilePart{.file = file, .first = 0, .count = size};
  const std::string condition = head.header("if-range");
  if (!condition.empty() && condition != tag) return answer;
  if (const auto range = range_of(head.header("range"), size)) {
    answer.status = 206;
    answer.file->first = range->first;
    answer.file->count = range->second;
    answer.headers.emplace_back("Content-Range",
                                fmt::format("bytes {}-{}/{}", range->first, range->first + range->second - 1, size));
  }
  return answer;
}

}  // namespace pop2piano::serve
