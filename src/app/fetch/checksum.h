// SPDX-License-Identifier: MIT
// Checksums of files.
#pragma once

#include <filesystem>
#include <string>

namespace pop2piano {

/// SHA-256 of a file in lower-case hexadecimal digits.
std::string sha256_of(const std::filesystem::path& file);

/// The same digits in lower case, or nothing when the text is no SHA-256.
std::string normalised_sha256(std::string text);

}  // namespace pop2piano
