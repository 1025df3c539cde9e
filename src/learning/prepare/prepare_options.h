// SPDX-License-Identifier: MIT
// What can be chosen of preparing pairs.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "learning/prepare/pair_state.h"
#include "learning/records/cover_on_song.h"

namespace pop2piano {

struct DownloadOptions {
  std::string program = "yt-dlp";   ///< called as yt-dlp is; a path, or looked for in PATH
  std::filesystem::path cookies{};  ///< a file that is handed to it; empty: none
  int retries = 3;                  ///< after a download that failed for now
  double pause = 12.0;              ///< seconds from one download to the next, doubled by each retry
  double shortest = 150.0;          ///< seconds of a song that is downloaded (Choi and Lee 2023)
  double longest = 300.0;
};

/// What a pair must be like to be trained on. The defaults part pairs that are known to be good or bad
/// (docs/lab/pairs.md).
struct FilterOptions {
  double least_gain = kLeastGain;  ///< CoverAlignment::gain: how like the song it is
  double least_third = 0.02;       ///< CoverAlignment::least_gain: of the third of the cover that is least like it
  double least_share = 0.8;        ///< of the cover that plays passages of the song
  std::size_t least_total = 12;    ///< bars of all parts together
  double least_agreement =
      kLeastAgreement;  ///< of its highest notes with the melody that is heard (after Choi and Lee 2023)
  double most_deviation = kMostDeviation;  ///< beats that its onsets lie off the grid
  double most_density = 15.0;              ///< notes a second, in the densest tenth (after Music2MIDI)
};

struct PrepareOptions {
  DownloadOptions download{};
  std::size_t least_bars = kLeastBars;  ///< of a part
  FilterOptions filter{};
  std::string licence{};            ///< of the pairs of whom the list does not say it
  bool keep_sound = false;          ///< in the records, as FLAC
  int threads = 0;                  ///< 0: all
  std::size_t part = 1, parts = 1;  ///< of the list: which, of how many
  Stage last = Stage::records;      ///< after which a pair is left
  std::string program{};            ///< version of this program, for the states
};

}  // namespace pop2piano
