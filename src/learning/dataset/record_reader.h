// SPDX-License-Identifier: MIT
// Reads one shard of training records, mapped. Damage is reported and skipped: truncated files, broken indices, records
// overwritten in the middle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/core/mapped_file.h"
#include "learning/dataset/song_record.h"

namespace pop2piano {

/// Immutable after construction; may be shared between threads. Views stay valid as long as the reader lives.
class RecordReader {
 public:
  /// Opens the shard and checks every record but for the bytes of its features and extra tensors; bad records are left
  /// out and named in problems(). Throws Error: not_found, unreadable, malformed (not a shard at all: wrong magic,
  /// unknown version).
  explicit RecordReader(const std::filesystem::path& file);

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// Cheap: parses directory, beats and notes anew. Throws Error(malformed) when the file was changed meanwhile.
  [[nodiscard]] SongView song(std::size_t index) const;
  /// The whole record, for copying.
  [[nodiscard]] std::span<const std::byte> encoded(std::size_t index) const;
  /// One line each: what is damaged, where, and what was done.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

 private:
  using Place = std::pair<std::uint64_t, std::uint64_t>;  // offset, length

  bool read_index(std::vector<Place>& places);
  std::vector<Place> scan();
  void keep_sound_records(const std::vector<Place>& places);
  [[nodiscard]] std::string name_of(const Place& place) const;

  MappedFile file_;
  std::vector<Place> places_;
  std::vector<std::string> problems_;
};

}  // namespace pop2piano
