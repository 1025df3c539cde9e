// SPDX-License-Identifier: MIT
// Many shards as one sequence of songs, and what is done with whole sets: verify, merge, split, count.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "learning/dataset/record_reader.h"

namespace pop2piano {

/// Immutable after open(); may be shared between threads. Order: shards as given (a folder's by name), records as
/// stored.
class RecordSet {
 public:
  /// Files and folders (all *.p2pd in them, not below). A shard that cannot be read at all is reported in problems()
  /// and left out. Throws Error: not_found (a path that is not there), nothing_found (no sound record in all of them).
  static RecordSet open(std::span<const std::filesystem::path> paths);

  [[nodiscard]] std::size_t size() const { return songs_.size(); }
  [[nodiscard]] SongView song(std::size_t index) const;
  [[nodiscard]] std::span<const std::byte> encoded(std::size_t index) const;
  /// The shard that holds it.
  [[nodiscard]] const std::filesystem::path& file(std::size_t index) const;
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] std::size_t shard_count() const { return shards_.size(); }

 private:
  std::vector<std::shared_ptr<const RecordReader>> shards_;
  std::vector<std::pair<std::size_t, std::size_t>> songs_;  // [songs] shard, record in it
  std::vector<std::string> problems_;
};

/// Computes every checksum; one line per damaged tensor, after the set's own problems.
[[nodiscard]] std::vector<std::string> verify_records(const RecordSet& set, const Monitor& monitor = {});

struct MergeOptions {
  std::string name = "records";                        ///< shards are NAME-00000.p2pd, ...
  std::uint64_t shard_bytes = std::uint64_t{1} << 28;  ///< a shard is closed before it grows past this
};

/// Copies all sound records into `folder`; a (song, variant) that was seen before is left out. Returns the shards.
std::vector<std::filesystem::path> merge_records(const RecordSet& set, const std::filesystem::path& folder,
                                                 const MergeOptions& options = {}, const Monitor& monitor = {});

/// Copies each record to the shards named after part_of(description); an empty name drops it.
std::vector<std::filesystem::path> split_records(const RecordSet& set, const std::filesystem::path& folder,
                                                 const std::function<std::string(const SongDescription&)>& part_of,
                                                 const MergeOptions& options = {}, const Monitor& monitor = {});

struct RecordCounts {
  std::size_t records = 0, songs = 0;  ///< songs: different names
  double hours = 0;                    ///< from first to last beat
  std::uint64_t beats = 0, notes = 0, melody_notes = 0, bytes = 0;
  std::map<std::string, std::size_t> by_style, by_split, by_source, by_licence;
};
[[nodiscard]] RecordCounts count_records(const RecordSet& set);

}  // namespace pop2piano
