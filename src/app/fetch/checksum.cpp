// SPDX-License-Identifier: MIT
// SHA-256 by OpenSSL.
#include "app/fetch/checksum.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/core/mapped_file.h"

namespace pop2piano {

std::string sha256_of(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(mapped.bytes().data(), mapped.bytes().size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::unsupported, file.string() + ": this OpenSSL computes no SHA-256");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string normalised_sha256(std::string text) {
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (text.size() != 64 || !std::all_of(text.begin(), text.end(), is_digit)) return {};
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace pop2piano
