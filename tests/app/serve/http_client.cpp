// SPDX-License-Identifier: MIT
#include "http_client.h"

#include <array>
#include <sstream>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pop2piano::testing {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Connection::Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
    return;
  }
  const timeval patience{60, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

bool Connection::send(const std::string& bytes) const {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (count <= 0) return false;
    at += static_cast<std::size_t>(count);
  }
  return true;
}

bool Connection::more() {
  std::array<char, 65536> piece{};
  const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
  if (count <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::string Connection::until(const std::string& mark) {
  while (buffer_.find(mark) == std::string::npos) {
    if (!more()) return std::exchange(buffer_, "");
  }
  const std::size_t end = buffer_.find(mark) + mark.size();
  const std::string text = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return text;
}

HttpReply Connection::reply() {
  HttpReply reply;
  std::istringstream head(until("\r\n\r\n"));
  std::string line, version;
  head >> version >> reply.status;
  std::getline(head, line);
  while (std::getline(head, line) && line.size() > 1) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos)
      reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2, line.size() - colon - 3);
  }
  const std::string length = reply.headers["content-length"];
  while (!length.empty() && buffer_.size() < std::stoull(length) && more()) {
  }
  reply.body = std::exchange(buffer_, "");
  return reply;
}

HttpReply request(int port, const std::string& method, const std::string& target, const std::string& body,
                  Headers headers) {
  Connection connection(port);
  headers.emplace("Host", "127.0.0.1:" + std::to_string(port));
  headers.emplace("Connection", "close");
  if (!body.empty() || method == "POST" || method == "PUT")
    headers.emplace("Content-Length", std::to_string(body.size()));
  std::string text = method + " " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  connection.send(text + "\r\n" + body);
  return connection.reply();
}

HttpReply send_json(int port, const std::string& method, const std::string& target, const nlohmann::json& value) {
  return request(port, method, target, value.dump(), {{"Content-Type", "application/json"}});
}

}  // namespace pop2piano::testing
