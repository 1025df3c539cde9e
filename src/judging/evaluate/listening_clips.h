// SPDX-License-Identifier: MIT
// The folder of a listening test: clips of all covers and their songs, brought to one loudness, the page and its key.
#pragma once

#include <pop2piano/evaluate.h>
#include <pop2piano/progress.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

struct ListeningTestOptions {
  std::filesystem::path soundfont{};  ///< for MIDI covers; empty: as find_soundfont() says
  double start = 0.0;                 ///< seconds, where clips begin
  double seconds = 45.0;              ///< how long they are
  std::uint64_t seed = 1;             ///< of order and names
  std::string title{};                ///< of the page
};

struct ListeningTestFiles {
  std::filesystem::path page, key;  ///< the key is to be kept from the listeners
  std::size_t clips = 0;
};

/// `queries`: of `manifest`, which errors name; their groups are the systems. Reports the stage "clips". Throws Error:
/// malformed (a cover without group), those of reading and rendering sound, write_failed, cancelled.
ListeningTestFiles write_listening_test(const std::vector<CoverQuery>& queries, const std::string& manifest,
                                        const std::filesystem::path& folder, const ListeningTestOptions& options,
                                        const Monitor& monitor);

}  // namespace pop2piano
