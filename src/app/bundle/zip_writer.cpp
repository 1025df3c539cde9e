// SPDX-License-Identifier: MIT
#include "app/bundle/zip_writer.h"

#include <pop2piano/error.h>

#include <array>
#include <fstream>
#include <memory>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

struct Closing {
  void operator()(archive* a) const { archive_write_free(a); }
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};
using Writer = std::unique_ptr<archive, Closing>;

// Sound does not get smaller.
bool is_stored(const fs::path& file) {
  static const std::set<std::string> kSound{".flac", ".ogg", ".opus", ".mp3"};
  return kSound.contains(file.extension().string());
}

void require(archive* writer, bool holds, const fs::path& target) {
  if (holds) return;
  const char* reason = archive_error_string(writer);
  throw Error(ErrorCode::write_failed,
              target.string() + ": cannot be written: " + (reason == nullptr ? "unknown" : reason));
}

void add(archive* writer, const ZipEntry& one, const fs::path& target) {
  std::ifstream in(one.file, std::ios::binary);
  std::error_code error;
  const auto size = fs::file_size(one.file, error);
  if (!in || error) throw Error(ErrorCode::unreadable, one.file.string() + ": cannot be read");
  if (is_stored(one.file)) {
    archive_write_zip_set_compression_store(writer);
  } else {
    archive_write_zip_set_compression_deflate(writer);
  }
  const std::unique_ptr<archive_entry, Closing> entry(archive_entry_new());
  archive_entry_set_pathname_utf8(entry.get(), one.name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  require(writer, archive_write_header(writer, entry.get()) == ARCHIVE_OK, target);
  std::array<char, 65536> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
    const auto count = static_cast<std::size_t>(in.gcount());
    require(writer, archive_write_data(writer, piece.data(), count) == static_cast<la_ssize_t>(count), target);
  }
}

}  // namespace

void write_zip(const fs::path& target, const std::vector<ZipEntry>& entries) {
  const fs::path temporary = target.string() + ".part" + std::to_string(::getpid());
  std::error_code error;
  try {
    const Writer writer(archive_write_new());
    archive_write_set_format_zip(writer.get());
    archive_write_set_options(writer.get(), "zip:hdrcharset=UTF-8");
    require(writer.get(), archive_write_open_filename(writer.get(), temporary.c_str()) == ARCHIVE_OK, target);
    for (const ZipEntry& one : entries) add(writer.get(), one, target);
    require(writer.get(), archive_write_close(writer.get()) == ARCHIVE_OK, target);
    fs::rename(temporary, target);
  } catch (const fs::filesystem_error&) {
    fs::remove(temporary, error);
    throw Error(ErrorCode::write_failed, target.string() + ": cannot be written");
  } catch (const Error&) {
    fs::remove(temporary, error);
    throw;
  }
}

}  // namespace pop2piano
