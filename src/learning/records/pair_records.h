// SPDX-License-Identifier: MIT
// A list of recordings and piano covers -> training records: the cover is laid over the recording and put on its beats,
// a record for each part of the song that it plays; what does not play the song's melody is left out.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/records/cover_on_song.h"
#include "learning/records/song_pair.h"

namespace pop2piano {

struct PairRecordOptions {
  std::string licence{};                     ///< of the pairs, noted in the records
  double least_agreement = kLeastAgreement;  ///< of a cover's highest notes with the melody that is heard, 0..1
  int threads = 0;                           ///< 0: all
  bool keep_sound = false;                   ///< in the records, as FLAC
};

struct PairNews {
  std::function<void(const std::filesystem::path&, const std::vector<SongRecord>&, double agreement)> made;
  std::function<void(const std::string&)> left_out;  ///< why
};

struct PairRecords {
  std::vector<SongRecord> records;  ///< one a part, in the order of the cover
  std::optional<double> agreement;  ///< PairRecord's, the mean over the beats of the parts
};

/// Marks the melody of parts whose file does not name it by what is heard of it in the recording (mark_heard_melody()).
/// `grid`: the recording's, on which the parts are.
void name_melodies(std::span<CoverPart> parts, const HeardSong& song, const BeatGrid& grid, ThreadPool& pool);

/// `description`: of the records, whose variants count the parts. Throws Error as pair_record().
[[nodiscard]] PairRecords records_of_parts(const Recording& recording, const HeardSong& song,
                                           std::span<const CoverPart> parts, const PairDescription& description,
                                           ThreadPool& pool);

/// PairRecords::agreement alone. Throws Error as pair_record().
[[nodiscard]] std::optional<double> agreement_of_parts(const HeardSong& song, std::span<const CoverPart> parts);

struct PairsReport {
  std::size_t made = 0, present = 0, left_out = 0;
};

/// A file for each pair in `folder`, named after the cover; those that are there are kept. Reports the stage "pairs".
/// Throws Error: those of read_pair_list() and pair_names(), write_failed, cancelled.
PairsReport make_pair_records(const std::filesystem::path& list, const std::filesystem::path& folder,
                              const PairRecordOptions& options, const PairNews& news, const Monitor& monitor);

}  // namespace pop2piano
