// SPDX-License-Identifier: MIT
#include "base/core/sealed_file.h"

#include <pop2piano/error.h>

#include "base/core/byte_reader.h"
#include "base/core/crc32c.h"

namespace pop2piano {

std::vector<std::byte> sealed(const Seal& seal, std::span<const std::byte> contents) {
  ByteWriter out;
  out.put_text(seal.magic);
  out.little(seal.version);
  out.little(crc32c(contents));
  out.little(static_cast<std::uint64_t>(contents.size()));
  out.little(std::uint32_t{0});  // kept free
  out.little(crc32c(out.bytes()));
  out.put(contents);
  return out.bytes();
}

bool has_seal(const Seal& seal, std::span<const std::byte> bytes) {
  return bytes.size() >= seal.magic.size() && ByteReader(bytes, "").take_text(seal.magic.size()) == seal.magic;
}

std::span<const std::byte> unsealed(const Seal& seal, std::span<const std::byte> bytes, const std::string& name) {
  const std::string what(seal.what), remedy = "; " + std::string(seal.remedy);
  if (!has_seal(seal, bytes)) throw Error(ErrorCode::malformed, name + ": is not " + what);
  ByteReader in(bytes, name);
  in.skip(seal.magic.size());
  if (bytes.size() < kSealBytes) throw Error(ErrorCode::malformed, name + ": " + what + " is cut off" + remedy);
  const auto version = in.little<std::uint32_t>();
  const auto checksum = in.little<std::uint32_t>();
  const auto length = in.little<std::uint64_t>();
  in.skip(4);
  if (version != seal.version) {
    throw Error(ErrorCode::unsupported, name + ": version " + std::to_string(seal.version) + " of " + what +
                                            " expected, " + std::to_string(version) + " found" + remedy);
  }
  if (in.little<std::uint32_t>() != crc32c(bytes.first(kSealBytes - 4))) {
    throw Error(ErrorCode::malformed, name + ": " + what + " is damaged (checksum of its head)" + remedy);
  }
  const auto contents = bytes.subspan(kSealBytes);
  if (length != contents.size()) {
    throw Error(ErrorCode::malformed, name + ": " + what + " of " + std::to_string(length) + " bytes expected, " +
                                          std::to_string(contents.size()) + " found" + remedy);
  }
  if (checksum != crc32c(contents)) {
    throw Error(ErrorCode::malformed, name + ": " + what + " is damaged (checksum)" + remedy);
  }
  return contents;
}

}  // namespace pop2piano
