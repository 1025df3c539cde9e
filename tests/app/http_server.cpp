// SPDX-License-Identifier: MIT
#include "http_server.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pop2piano::testing {
namespace {

constexpr std::size_t kPiece = 16384;

/// The value of a header line, or nothing.
std::string header(const std::string& request, const std::string& name) {
  const auto place = request.find("\r\n" + name + ": ");
  if (place == std::string::npos) return {};
  const auto first = place + name.size() + 4;
  return request.substr(first, request.find("\r\n", first) - first);
}

bool send_all(int connection, const std::string& bytes, std::size_t first, std::size_t last, int pause_ms) {
  while (first < last) {
    const std::size_t count = pause_ms > 0 ? std::min(kPiece, last - first) : last - first;
    const auto sent = ::send(connection, bytes.data() + first, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    first += static_cast<std::size_t>(sent);
    if (pause_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
  return true;
}

}  // namespace

HttpServer::HttpServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* place = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, place, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, place, &size) != 0) {
    throw std::runtime_error("no local server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

HttpServer::~HttpServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void HttpServer::serve(const std::string& path, ServedFile file) {
  const std::scoped_lock lock(mutex_);
  files_[path] = std::move(file);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> HttpServer::requests() {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void HttpServer::run() {
  while (!stop_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto count = ::recv(connection, buffer, sizeof(buffer), 0);
    if (count <= 0) return;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  const auto first = request.find(' ') + 1;
  send_file(connection, request.substr(first, request.find(' ', first) - first), request);
}

void HttpServer::send_file(int connection, const std::string& path, const std::string& request) {
  const std::string range = header(request, "Range");
  std::size_t start = range.empty() ? 0 : std::stoul(range.substr(range.find('=') + 1));
  ServedFile file{.body = "", .status = 404};
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(path + (range.empty() ? "" : " from " + std::to_string(start)));
    if (const auto found = files_.find(path); found != files_.end()) {
      file = found->second;
      found->second.break_after = 0;
    }
  }
  std::string head = "HTTP/1.1 200 OK\r\n";
  if (file.status != 200) head = "HTTP/1.1 " + std::to_string(file.status) + " No\r\n";
  if (!file.redirect.empty()) head = "HTTP/1.1 302 Found\r\nLocation: " + file.redirect + "\r\n";
  if (!file.linked_tag.empty()) head += "X-Linked-ETag: " + file.linked_tag + "\r\n";
  const bool plain = file.status == 200 && file.redirect.empty();
  if (plain && start > 0 && (!file.ranges || header(request, "If-Range") != file.tag)) start = 0;
  if (plain && start > 0) {
    head = start < file.body.size()
               ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(start) + "-" +
                     std::to_string(file.body.size() - 1) + "/" + std::to_string(file.body.size()) + "\r\n"
               : "HTTP/1.1 416 Range Not Satisfiable\r\n";
    start = std::min(start, file.body.size());
  }
  const std::size_t length = plain ? file.body.size() - start : 0;
  if (plain && !file.tag.empty()) head += "ETag: " + file.tag + "\r\n";
  head += "Content-Length: " + std::to_string(length) + "\r\nConnection: close\r\n\r\n";
  if (!send_all(connection, head, 0, head.size(), 0)) return;
  const std::size_t last = file.break_after > 0 ? std::min(start + file.break_after, start + length) : start + length;
  static_cast<void>(send_all(connection, file.body, start, last, file.milliseconds_between_pieces));
}

}  // namespace pop2piano::testing
