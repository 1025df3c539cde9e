// SPDX-License-Identifier: MIT
// The bytes of a song: a file, or standard input and pipes spooled to an unlinked temporary file.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace pop2piano {

/// Immutable; read_at() may be called from several threads. The file stays readable when its name is removed.
class MediaFile {
 public:
  /// "-" reads standard input to its end. Throws Error: not_found, unreadable (folder, permission, standard input
  /// closed), malformed (no bytes), write_failed (no room for the spool), cancelled.
  static std::shared_ptr<const MediaFile> open(const std::filesystem::path& file, const Monitor& monitor = {});
  ~MediaFile();
  MediaFile(const MediaFile&) = delete;
  MediaFile& operator=(const MediaFile&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }  ///< for messages
  [[nodiscard]] std::int64_t size() const { return size_; }        ///< bytes
  /// Returns how many bytes were read: fewer than asked only at the end. Throws Error(unreadable).
  std::size_t read_at(std::int64_t offset, std::span<std::byte> out) const;

 private:
  MediaFile(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}
  void spool(int source, const Monitor& monitor);
  void measure();

  std::string name_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace pop2piano
