// SPDX-License-Identifier: MIT
#include "learning/dataset/record_writer.h"

#include <pop2piano/error.h>

#include <fmt/format.h>

#include "base/core/byte_reader.h"
#include "base/core/crc32c.h"

namespace pop2piano {
namespace {

std::vector<std::byte> shard_head(std::uint64_t index_offset, std::uint64_t count, std::uint64_t file_bytes) {
  ByteWriter head;
  head.put_text("P2PD");
  head.little(kRecordFormatVersion);
  head.little(static_cast<std::uint16_t>(kShardHeadBytes));
  head.little(index_offset);
  head.little(count);
  head.little(file_bytes);
  while (head.size() < kShardHeadBytes - 4) head.little(std::uint8_t{0});
  head.little(crc32c(head.bytes()));
  return head.bytes();
}

}  // namespace

RecordWriter::RecordWriter(const std::filesystem::path& target) : file_(target), bytes_(kShardHeadBytes) {
  file_.write(shard_head(0, 0, 0));
}

void RecordWriter::add_encoded(std::span<const std::byte> record) {
  if (record_length(record) != record.size()) {
    throw Error(ErrorCode::invalid_argument, "a whole encoded record is expected");
  }
  file_.write(record);
  places_.emplace_back(bytes_, record.size());
  bytes_ += record.size();
}

void RecordWriter::finish() {
  ByteWriter entries;
  for (const auto& [offset, length] : places_) {
    entries.little(offset);
    entries.little(length);
  }
  ByteWriter index;
  index.put_text("P2PX");
  index.little(crc32c(entries.bytes()));
  index.little(static_cast<std::uint64_t>(places_.size()));
  index.put(entries.bytes());
  file_.write(index.bytes());
  file_.write_at(0, shard_head(bytes_, places_.size(), bytes_ + index.size()));
  file_.commit();
}

ShardSequenceWriter::ShardSequenceWriter(std::filesystem::path folder, std::string name, std::uint64_t shard_bytes)
    : folder_(std::move(folder)), name_(std::move(name)), shard_bytes_(shard_bytes) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw Error(ErrorCode::write_failed, folder_.string() + ": cannot create the folder: " + error.message());
}

void ShardSequenceWriter::start_shard() {
  std::filesystem::path target;
  do {
    target = folder_ / fmt::format("{}-{:05}{}", name_, next_number_++, kShardExtension);
  } while (std::filesystem::exists(target));
  shard_.emplace(target);
  written_.push_back(target);
}

void ShardSequenceWriter::add_encoded(std::span<const std::byte> record) {
  if (shard_ && shard_->count() > 0 && shard_->bytes() + record.size() > shard_bytes_) {
    shard_->finish();
    shard_.reset();
  }
  if (!shard_) start_shard();
  shard_->add_encoded(record);
}

std::vector<std::filesystem::path> ShardSequenceWriter::finish() {
  if (shard_) shard_->finish();
  shard_.reset();
  return std::exchange(written_, {});
}

}  // namespace pop2piano
