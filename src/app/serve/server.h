// SPDX-License-Identifier: MIT
// `pop2piano serve`: the page and its API (docs/reference/openapi.json) over a library of songs in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace pop2piano::serve {

struct ServeOptions {
  std::filesystem::path data;  ///< empty: default_data_folder()
  std::string host = "127.0.0.1";
  int port = 8484;                       ///< 0: any that is free
  std::string token;                     ///< empty: none is asked for
  std::string certificate, private_key;  ///< PEM files; empty: plain http
  std::filesystem::path web;             ///< replaces files of the page
  int workers = 0;                       ///< jobs at a time; 0: by the processors
  std::uint64_t upload_bytes = std::uint64_t{500} << 20;
  std::int64_t queue = 200;   ///< jobs that may wait
  int keep_days = 0;          ///< songs unused for longer are deleted; 0: never
  double keep_gigabytes = 0;  ///< least recently used songs beyond are deleted; 0: no limit
  bool log_titles = false;    ///< names of songs in the log
  std::string version;
};

/// $XDG_DATA_HOME/pop2piano/serve or ~/.local/share/pop2piano/serve.
[[nodiscard]] std::filesystem::path default_data_folder();

/// Serves until SIGINT or SIGTERM. `ready`: called with the address once it listens; `log`: lines of JSON. Throws
/// Error: invalid_argument (an address of the network without token or TLS), already_exists (folder in use), unreadable
/// (address), malformed (certificate), write_failed, not_found.
void serve(const ServeOptions& options, const std::function<void(const std::string& address)>& ready,
           const std::function<void(const std::string& line)>& log);

}  // namespace pop2piano::serve
