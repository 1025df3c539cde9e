// SPDX-License-Identifier: MIT
// One file from a web server: resumed where an earlier attempt broke off, checked, and there whole or not at all.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace pop2piano {

struct DownloadRequest {
  std::string url;               ///< http or https
  std::filesystem::path target;  ///< TARGET.part holds what has come so far, TARGET.part.tag the server's version of it
  std::string sha256;          ///< 64 hexadecimal digits that the file must have; empty: as the server says, if it does
  std::int64_t max_bytes = 0;  ///< more is an error; 0: any size
  std::string stage = "fetch";  ///< for the progress
};

struct Downloaded {
  std::int64_t bytes = 0;
  std::int64_t resumed_at = 0;  ///< bytes that were there already
  std::string sha256;
  bool checked = false;  ///< against a checksum that was given or that the server sent
};

/// Throws Error: not_found (404), unreadable (other answers, network), malformed (checksum, size), cancelled,
/// write_failed. After a broken connection or a cancellation the part stays for the next call.
Downloaded download(const DownloadRequest& request, const Monitor& monitor);

}  // namespace pop2piano
