// SPDX-License-Identifier: MIT
// Writes shard files of training records: whole or not at all (temporary file, then rename).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/core/output_file.h"
#include "learning/dataset/song_record.h"

namespace pop2piano {

inline constexpr std::string_view kShardExtension = ".p2pd";

/// One shard. Nothing appears under the target's name before finish(). Not thread-safe.
class RecordWriter {
 public:
  explicit RecordWriter(const std::filesystem::path& target);

  void add(const SongRecord& song) { add_encoded(encode_song(song)); }
  /// A record as encode_record() made it or as a reader found it.
  void add_encoded(std::span<const std::byte> record);
  [[nodiscard]] std::size_t count() const { return places_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Writes the index and renames; no call may follow.
  void finish();

 private:
  OutputFile file_;
  std::uint64_t bytes_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places_;  // [records] offset, length
};

/// Fills a folder with shards NAME-00000.p2pd, NAME-00001.p2pd, ... and goes on behind those already there.
class ShardSequenceWriter {
 public:
  ShardSequenceWriter(std::filesystem::path folder, std::string name,
                      std::uint64_t shard_bytes = std::uint64_t{1} << 28);

  void add_encoded(std::span<const std::byte> record);
  /// Completes the last shard; returns every shard written.
  std::vector<std::filesystem::path> finish();

 private:
  void start_shard();

  std::filesystem::path folder_;
  std::string name_;
  std::uint64_t shard_bytes_;
  int next_number_ = 0;
  std::optional<RecordWriter> shard_;
  std::vector<std::filesystem::path> written_;
};

}  // namespace pop2piano
