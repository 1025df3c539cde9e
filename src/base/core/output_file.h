// SPDX-License-Identifier: MIT
// Files that are either there whole or not at all.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string_view>

namespace pop2piano {

/// What a power cut may take of a file that was just written. A process that is killed loses neither.
enum class Lasting {
  now,   ///< nothing: it is on the disk when it is there
  soon,  ///< the system writes it when it likes; until then a power cut may leave it empty
};

/// Writes to a temporary file beside the target, whose name has the machine, the process and a random part, and renames
/// it in commit(). Without commit(), after an exception or Ctrl-C handled by unwinding, nothing is left. Every failure
/// throws Error(write_failed) with the target's name.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path target);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Goes back to overwrite a header whose numbers were not known; the next write() appends again.
  void write_at(std::size_t offset, std::span<const std::byte> bytes);
  void commit(Lasting lasting = Lasting::now);

 private:
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path target_, temporary_;
  std::FILE* file_ = nullptr;
};

/// A killed process leaves its temporary files. Removes those of targets with this extension that a process of this
/// machine wrote which no longer runs; returns how many. Files of other machines are left alone.
std::size_t remove_abandoned_files(const std::filesystem::path& folder, std::string_view extension);

void write_file(const std::filesystem::path& target, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& target, std::string_view text, Lasting lasting = Lasting::now);

}  // namespace pop2piano
