// SPDX-License-Identifier: MIT
// libcurl behind one function. A part is continued only if the server still holds the same version (If-Range), so that
// two versions are never mixed.
#include "app/fetch/download.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "app/fetch/checksum.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr long kConnectSeconds = 30;
constexpr long kStalledSeconds = 60;  // without a byte
constexpr long kMostRedirects = 10;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct ListFreer {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct HandleFreer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// One transfer into the part file; its members are what libcurl's callbacks work on.
class Transfer {
 public:
  Transfer(const DownloadRequest& request, const Monitor& monitor)
      : request_(request), monitor_(monitor), part_(request.target), tag_file_(request.target) {
    part_ += ".part";
    tag_file_ += ".part.tag";
  }

  /// False when the part does not fit what the server holds; it is gone then.
  bool run() {
    open_part();
    const CURLcode code = perform();
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (!problem_.empty()) throw Error(problem_code_, problem_);
    if (status == 416 && start_ > 0) {
      discard();
      return false;
    }
    if (code != CURLE_OK) fail(code, status);
    if (!file_) open_for(0);  // an empty file has no first byte
    if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) fail_writing();
    file_.reset();
    return true;
  }

  Downloaded finish() {
    Downloaded done{.bytes = static_cast<std::int64_t>(fs::file_size(part_)), .resumed_at = start_};
    done.sha256 = sha256_of(part_);
    const std::string expected = request_.sha256.empty() ? linked_sha256_ : normalised_sha256(request_.sha256);
    done.checked = !expected.empty();
    if (done.checked && expected != done.sha256) {
      discard();
      throw Error(ErrorCode::malformed, request_.url + ": SHA-256 " + done.sha256 + ", expected " + expected +
                                            "; the file was thrown away, try again");
    }
    fs::rename(part_, request_.target);
    fs::remove(tag_file_);
    return done;
  }

 private:
  void open_part() {
    std::error_code none;
    const auto size = fs::file_size(part_, none);
    std::ifstream stream(tag_file_);
    std::getline(stream, tag_);
    start_ = none || tag_.empty() ? 0 : static_cast<std::int64_t>(size);
  }

  CURLcode perform() {
    handle_.reset(curl_easy_init());
    if (!handle_) throw Error(ErrorCode::unsupported, "libcurl does not start");
    CURL* const h = handle_.get();
    std::unique_ptr<curl_slist, ListFreer> headers;
    const std::string range = fmt::format("{}-", start_);
    if (start_ > 0) {
      headers.reset(curl_slist_append(nullptr, ("If-Range: " + tag_).c_str()));
      curl_easy_setopt(h, CURLOPT_RANGE, range.c_str());
      curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers.get());
    }
    curl_easy_setopt(h, CURLOPT_URL, request_.url.c_str());
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    // A redirect must not lead from an encrypted connection to an open one.
    const bool encrypted = lower(request_.url).starts_with("https:");
    curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, encrypted ? "https" : "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(h, CURLOPT_MAXREDIRS, kMostRedirects);
    curl_easy_setopt(h, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "pop2piano.cpp");
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, message_);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, this);
    return curl_easy_perform(h);
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<Transfer*>(self)->read_header({data, size * count});
    return size * count;
  }
  static std::size_t on_bytes(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->take({data, size * count}) ? size * count : 0;
  }
  static int on_progress(void* self, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->report(total, now) ? 0 : 1;
  }

  /// "etag" is of the version; Hugging Face's answers name the content's SHA-256 before they redirect to it.
  void read_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      answer_tag_.clear();
      answer_range_.clear();
      return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = lower(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && std::strchr(" \t\r\n", value.front()) != nullptr) value.remove_prefix(1);
    while (!value.empty() && std::strchr(" \t\r\n", value.back()) != nullptr) value.remove_suffix(1);
    if (name == "etag" && !value.starts_with("W/") && value.size() < 200) answer_tag_ = value;
    if (name == "content-range") answer_range_ = value;
    if (name != "x-linked-etag" || value.size() < 2) return;
    linked_sha256_ = normalised_sha256(std::string(value.substr(1, value.size() - 2)));
  }

  bool take(std::string_view bytes) {
    if (!file_) {
      long status = 0;
      curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
      if (status != 206) start_ = 0;  // the server sends all of it: another version, or it cannot resume
      if (start_ > 0 && !answer_range_.starts_with(fmt::format("bytes {}-", start_))) {
        return stop(ErrorCode::malformed, fmt::format("{}: asked for bytes from {} on, the server sends {}",
                                                      request_.url, start_, answer_range_));
      }
      if (!open_for(start_)) return false;
    }
    written_ += static_cast<std::int64_t>(bytes.size());
    if (request_.max_bytes > 0 && start_ + written_ > request_.max_bytes) {
      return stop(ErrorCode::malformed,
                  fmt::format("{}: more than {} bytes, expected a small file", request_.url, request_.max_bytes));
    }
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return true;
    return stop(ErrorCode::write_failed, part_.string() + ": cannot write: " + std::strerror(errno));
  }

  bool open_for(std::int64_t position) {
    file_.reset(std::fopen(part_.c_str(), position > 0 ? "abe" : "wbe"));
    if (!file_) return stop(ErrorCode::write_failed, part_.string() + ": cannot create: " + std::strerror(errno));
    std::ofstream(tag_file_) << answer_tag_ << '\n';
    return true;
  }

  bool stop(ErrorCode code, const std::string& problem) {
    problem_code_ = code;
    problem_ = problem;
    return false;
  }

  bool report(std::int64_t total, std::int64_t now) {
    if (monitor_.cancel != nullptr && monitor_.cancel->cancelled()) {
      return stop(ErrorCode::cancelled, request_.url + ": stopped; the next call goes on from here");
    }
    if (total > 0) {
      monitor_.report(request_.stage, static_cast<double>(start_ + now) / static_cast<double>(start_ + total));
    }
    return true;
  }

  [[noreturn]] void fail(CURLcode code, long status) const {
    if (status == 404 || status == 410) {
      throw Error(ErrorCode::not_found, fmt::format("{}: not there (answer {})", request_.url, status));
    }
    if (status == 401 || status == 403) {
      throw Error(ErrorCode::unreadable, fmt::format("{}: not permitted (answer {}); fetch it by hand and give the "
                                                     "folder to --model",
                                                     request_.url, status));
    }
    if (code == CURLE_HTTP_RETURNED_ERROR) {
      throw Error(ErrorCode::unreadable, fmt::format("{}: the server answers {}; try again", request_.url, status));
    }
    const char* reason = message_[0] != '\0' ? message_ : curl_easy_strerror(code);
    throw Error(ErrorCode::unreadable, fmt::format("{}: {}; the next call goes on from here", request_.url, reason));
  }
  [[noreturn]] void fail_writing() const {
    throw Error(ErrorCode::write_failed, part_.string() + ": cannot write: " + std::strerror(errno));
  }

  void discard() {
    file_.reset();
    std::error_code ignored;
    fs::remove(part_, ignored);
    fs::remove(tag_file_, ignored);
  }

  const DownloadRequest& request_;
  const Monitor& monitor_;
  fs::path part_, tag_file_;
  std::string tag_, answer_tag_, answer_range_, linked_sha256_, problem_;
  ErrorCode problem_code_ = ErrorCode::unreadable;
  std::int64_t start_ = 0, written_ = 0;
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::unique_ptr<CURL, HandleFreer> handle_;
  char message_[CURL_ERROR_SIZE] = {};
};

void start_library() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw Error(ErrorCode::unsupported, "libcurl does not start");
}

}  // namespace

Downloaded download(const DownloadRequest& request, const Monitor& monitor) {
  start_library();
  monitor.check();
  if (Transfer transfer(request, monitor); transfer.run()) return transfer.finish();
  Transfer again(request, monitor);  // from the beginning
  static_cast<void>(again.run());
  return again.finish();
}

}  // namespace pop2piano
