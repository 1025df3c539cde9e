// SPDX-License-Identifier: MIT
#include "learning/dataset/record_reader.h"

#include <pop2piano/error.h>

#include <fmt/format.h>

#include "base/core/byte_reader.h"
#include "base/core/crc32c.h"

namespace pop2piano {
namespace {

constexpr std::size_t kIndexHeadBytes = 16;
constexpr std::size_t kIndexEntryBytes = 16;

void check_is_shard(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() < 8 || ByteReader(bytes, what).take_text(4) != "P2PD") {
    throw Error(ErrorCode::malformed, what + ": not a file of training records (magic P2PD expected)");
  }
  ByteReader in(bytes.subspan(4), what);
  const auto version = in.little<std::uint16_t>();
  if (version != kRecordFormatVersion) {
    throw Error(ErrorCode::unsupported, fmt::format("{}: record format version {} expected, {} found; make the records "
                                                    "again or use a newer program",
                                                    what, kRecordFormatVersion, version));
  }
}

}  // namespace

RecordReader::RecordReader(const std::filesystem::path& file) : file_(file) {
  check_is_shard(file_.bytes(), path().string());
  std::vector<Place> places;
  if (!read_index(places)) places = scan();
  keep_sound_records(places);
}

// True when head and index are whole and every place lies inside the file.
bool RecordReader::read_index(std::vector<Place>& places) {
  const auto bytes = file_.bytes();
  const auto fail = [&](std::string_view found) {
    problems_.push_back(fmt::format("{}: {}; records were searched for", path().string(), found));
    return false;
  };
  if (bytes.size() < kShardHeadBytes) return fail("cut off within the head");
  ByteReader head(bytes.first(kShardHeadBytes), path().string());
  head.skip(8);
  const auto offset = head.little<std::uint64_t>();
  const auto count = head.little<std::uint64_t>();
  head.skip(kShardHeadBytes - 28);
  if (head.little<std::uint32_t>() != crc32c(bytes.first(kShardHeadBytes - 4))) return fail("the head is damaged");
  if (offset == 0) return fail("the file was never finished");
  if (offset > bytes.size() || bytes.size() - offset < kIndexHeadBytes) return fail("cut off before the index");
  ByteReader index(bytes.subspan(offset), path().string());
  const bool named = index.take_text(4) == "P2PX";
  const auto checksum = index.little<std::uint32_t>();
  const bool counted = index.little<std::uint64_t>() == count && count <= index.remaining() / kIndexEntryBytes;
  if (!named || !counted) return fail("the index is damaged or cut off");
  const auto entries = bytes.subspan(offset + kIndexHeadBytes, count * kIndexEntryBytes);
  if (crc32c(entries) != checksum) return fail("the index is damaged (checksum)");
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto place = index.little<std::uint64_t>();
    const auto length = index.little<std::uint64_t>();
    const bool inside = place % kRecordAlignment == 0 && place <= bytes.size() && length <= bytes.size() - place;
    if (!inside) return fail("the index points outside the file");
    places.emplace_back(place, length);
  }
  return true;
}

// Walks from record to record; where none starts, searches on in steps of the alignment.
std::vector<RecordReader::Place> RecordReader::scan() {
  std::vector<Place> places;
  const auto bytes = file_.bytes();
  std::uint64_t at = kShardHeadBytes;
  while (at < bytes.size()) {
    const std::uint64_t length = record_length(bytes.subspan(at));
    if (length == 0) {
      at += kRecordAlignment;
      continue;
    }
    if (length > bytes.size() - at) {
      problems_.push_back(fmt::format("{}: the record at byte {} is cut off ({} of {} bytes); left out",
                                      path().string(), at, bytes.size() - at, length));
      at += kRecordAlignment;
      continue;
    }
    places.emplace_back(at, length);
    at += length;
  }
  return places;
}

void RecordReader::keep_sound_records(const std::vector<Place>& places) {
  for (const Place& place : places) {
    try {
      const SongView view = decode_song(file_.bytes().subspan(place.first, place.second), name_of(place));
      places_.push_back(place);
    } catch (const Error& error) {
      problems_.push_back(std::string(error.what()) + " (left out)");
    }
  }
}

std::string RecordReader::name_of(const Place& place) const {
  return fmt::format("{}: record at byte {}", path().string(), place.first);
}

SongView RecordReader::song(std::size_t index) const { return decode_song(encoded(index), name_of(places_.at(index))); }

std::span<const std::byte> RecordReader::encoded(std::size_t index) const {
  const Place& place = places_.at(index);
  return file_.bytes().subspan(place.first, place.second);
}

}  // namespace pop2piano
