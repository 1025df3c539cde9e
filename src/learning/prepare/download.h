// SPDX-License-Identifier: MIT
// Sound from the web, by another program that is called as yt-dlp is: one download at a time of all processes that
// share the folder, with a pause between them, tried again where it failed for now. What was downloaded is kept by its
// address, so that the covers of one song share it.
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <string>

#include "learning/prepare/prepare_options.h"

namespace pop2piano {

enum class DownloadOf { song, cover };  ///< the length of songs is limited

class Downloads {
 public:
  /// Borrows the options.
  Downloads(std::filesystem::path folder, const DownloadOptions& options, const Monitor& monitor)
      : folder_(std::move(folder)), options_(options), monitor_(monitor) {}

  /// The file. Throws Stopped: dropped (gone, too long or short), failed (not this time); Error: not_found (no
  /// program), write_failed, cancelled.
  std::filesystem::path fetch(const std::string& address, DownloadOf what);

 private:
  struct Attempt;
  Attempt attempt(const std::string& address, DownloadOf what, const std::filesystem::path& folder);
  void wait_for_turn(double pause);

  std::filesystem::path folder_;
  const DownloadOptions& options_;
  const Monitor& monitor_;
};

}  // namespace pop2piano
