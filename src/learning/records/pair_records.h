// SPDX-License-Identifier: MIT
// A list of recordings and piano covers -> training records: the cover is put on the recording's beats, warped by
// harmony and onsets first if it keeps a time of its own; what does not play the song's melody is left out.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "learning/records/song_pair.h"

namespace pop2piano {

struct PairRecordOptions {
  std::string licence{};          ///< of the pairs, noted in the records
  double least_agreement = 0.15;  ///< of a cover's highest notes with the melody that is heard, 0..1
  int threads = 0;                ///< 0: all
  bool keep_sound = false;        ///< in the records, as FLAC
};

struct PairNews {
  std::function<void(const std::filesystem::path&, const SongRecord&, double agreement)> made;
  std::function<void(const std::string&)> left_out;  ///< why
};

struct PairsReport {
  std::size_t made = 0, present = 0, left_out = 0;
};

/// One record a file in `folder`, named after the cover; those that are there are kept. Reports the stage "pairs".
/// Throws Error: those of read_pair_list() and pair_names(), write_failed, cancelled.
PairsReport make_pair_records(const std::filesystem::path& list, const std::filesystem::path& folder,
                              const PairRecordOptions& options, const PairNews& news, const Monitor& monitor);

}  // namespace pop2piano
