// SPDX-License-Identifier: MIT
// Any bytes as a zip archive, and as the two files of a compressed score in an archive whose sums are right, which no
// fuzzer would forge.
#include "base/core/archive.h"

#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <zlib.h>

#include "fuzz/cost.h"
#include "music/scorefiles/import.h"

namespace {

void append_number(std::string& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i));
}

// What the header before an entry and its line in the directory have in common.
void append_entry(std::string& to, std::string_view name, std::string_view content) {
  append_number(to, 20, 2);  // version
  to.append(8, '\0');        // flags, stored, time, date
  append_number(to, ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())), 4);
  append_number(to, content.size(), 4);
  append_number(to, content.size(), 4);
  append_number(to, name.size(), 2);
  append_number(to, 0, 2);  // more
}

std::string archive_of(std::string_view container, std::string_view score) {
  std::string files, directory;
  const auto add = [&](std::string_view name, std::string_view content) {
    directory += "PK\x01\x02\x14";
    directory += '\0';
    append_entry(directory, name, content);
    directory.append(10, '\0');  // remark, volume, attributes
    append_number(directory, files.size(), 4);
    directory += name;
    files += "PK\x03\x04";
    append_entry(files, name, content);
    files += name;
    files += content;
  };
  add("META-INF/container.xml", container);
  add("score.xml", score);
  const std::size_t at = files.size();
  files += directory + "PK\x05\x06";
  append_number(files, 0, 4);  // volumes
  append_number(files, 2, 2);
  append_number(files, 2, 2);
  append_number(files, directory.size(), 4);
  append_number(files, at, 4);
  append_number(files, 0, 2);  // remark
  return files;
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const pop2piano::Archive archive(bytes_of(text), "fuzz");
    for (const auto& [name, entry] : archive.entries()) (void)archive.unpacked(name);
  } catch (const pop2piano::Error&) {
  }
  try {
    const std::string archive = archive_of(text.substr(0, size / 2), text.substr(size / 2));
    (void)pop2piano::plain_musicxml(bytes_of(archive), "fuzz");
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
