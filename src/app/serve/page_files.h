// SPDX-License-Identifier: MIT
// The files of the page: built into the program, or of a folder that replaces them; compressed once.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "app/http/http_message.h"

namespace pop2piano::serve {

class PageFiles {
 public:
  /// `folder`: replaces what is built in; empty: none. Throws Error(not_found): no such folder.
  explicit PageFiles(std::filesystem::path folder);
  ~PageFiles();
  PageFiles(const PageFiles&) = delete;
  PageFiles& operator=(const PageFiles&) = delete;
  /// Throws Refusal(404). "/" is index.html.
  [[nodiscard]] Answer answer(const RequestHead& head);
  [[nodiscard]] static bool built_in();  ///< whether this build holds a page

 private:
  struct File {
    std::string_view bytes;
    std::string tag, gzip, brotli;
  };
  void compress();
  std::filesystem::path folder_;
  std::map<std::string, File, std::less<>> files_;
  std::mutex mutex_;
  std::jthread compressor_;
};

/// gzip (RFC 1952) of a text; empty where it gets no smaller.
[[nodiscard]] std::string gzipped(std::string_view text);

}  // namespace pop2piano::serve
