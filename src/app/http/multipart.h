// SPDX-License-Identifier: MIT
// A body of multipart/form-data (RFC 7578), read as it comes: the bytes of its first part with a file name go on, all
// else is passed over.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace pop2piano::serve {

class MultipartReader {
 public:
  /// `content_type`: of the request, with its boundary. Throws Refusal(400) without one.
  MultipartReader(std::string_view content_type, std::function<void(std::span<const char>)> file);
  /// Throws Refusal(400): a part's header of more than 8 kB.
  void take(std::span<const char> bytes);
  /// Of the file's part; empty: there was none yet.
  [[nodiscard]] const std::string& file_name() const { return name_; }
  [[nodiscard]] bool found() const { return found_; }                  ///< a part with a file name
  [[nodiscard]] bool ended() const { return place_ == Place::after; }  ///< the closing boundary came

 private:
  enum class Place { preamble, line_after_boundary, header, body, after };
  bool step();
  bool read_body();
  void read_header(std::string_view header);

  std::string boundary_;  ///< with its dashes, and the line break before it
  std::function<void(std::span<const char>)> file_;
  std::string buffer_, name_;
  Place place_ = Place::preamble;
  bool found_ = false, in_file_ = false;
};

}  // namespace pop2piano::serve
