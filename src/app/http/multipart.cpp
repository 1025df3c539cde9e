// SPDX-License-Identifier: MIT
#include "app/http/multipart.h"

#include <algorithm>

#include "app/http/http_message.h"

namespace pop2piano::serve {
namespace {

constexpr std::size_t kMostHeader = 8192, kMostBoundary = 70;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

// The value of `name`= in a header, with or without quotes; empty: none. Browsers write a quote in a name as %22.
std::string parameter_of(std::string_view header, const std::string& name) {
  const std::size_t at = lower(header).find(name + "=");
  if (at == std::string::npos) return "";
  std::string_view value = header.substr(at + name.size() + 1);
  if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
  return std::string(value.substr(0, value.find_first_of("; \t\r\n")));
}

}  // namespace

MultipartReader::MultipartReader(std::string_view content_type, std::function<void(std::span<const char>)> file)
    : file_(std::move(file)), buffer_("\r\n") {
  const std::string boundary = parameter_of(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kMostBoundary) {
    throw Refusal(400, "invalid", "multipart/form-data: expected a boundary of 1 to 70 characters");
  }
  boundary_ = "\r\n--" + boundary;
}

void MultipartReader::take(std::span<const char> bytes) {
  buffer_.append(bytes.data(), bytes.size());
  while (step()) {
  }
}

// False: more bytes are needed.
bool MultipartReader::step() {
  switch (place_) {
    case Place::preamble:
    case Place::body:
      return read_body();
    case Place::line_after_boundary: {
      if (buffer_.size() < 2) return false;
      place_ = buffer_.starts_with("--") ? Place::after : Place::header;
      return true;
    }
    case Place::header: {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (std::min(end, buffer_.size()) > kMostHeader) {
        throw Refusal(400, "invalid", "multipart/form-data: the header of a part is longer than 8 kB");
      }
      if (end == std::string::npos) return false;
      read_header(std::string_view(buffer_).substr(0, end));
      buffer_.erase(0, end + 4);
      place_ = Place::body;
      return true;
    }
    case Place::after:
      break;
  }
  buffer_.clear();
  return false;
}

bool MultipartReader::read_body() {
  const std::size_t found = buffer_.find(boundary_);
  const bool whole = found != std::string::npos;
  const std::size_t kept = boundary_.size() - 1;
  const std::size_t sure = whole ? found : buffer_.size() - std::min(buffer_.size(), kept);
  if (in_file_ && sure > 0) file_({buffer_.data(), sure});
  buffer_.erase(0, whole ? found + boundary_.size() : sure);
  if (whole) {
    in_file_ = false;
    place_ = Place::line_after_boundary;
  }
  return whole;
}

void MultipartReader::read_header(std::string_view header) {
  const std::string low = lower(header);
  const std::size_t at = low.find("content-disposition:");
  if (found_ || at == std::string::npos) return;
  const std::string_view line = header.substr(at, header.find("\r\n", at) - at);
  if (lower(line).find("filename=") == std::string::npos) return;
  found_ = in_file_ = true;
  std::string name = parameter_of(line, "filename");
  for (std::size_t quote = name.find("%22"); quote != std::string::npos; quote = name.find("%22"))
    name.replace(quote, 3, "\"");
  name_ = name;
}

}  // namespace pop2piano::serve
