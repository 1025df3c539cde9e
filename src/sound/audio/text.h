// SPDX-License-Identifier: MIT
// Text that comes out of media files, made fit for messages and sheet music.
#pragma once

#include <string>
#include <string_view>

namespace pop2piano {

/// Valid UTF-8 without control characters and outer blanks. Bytes that are not UTF-8 are read by
/// utf8_of_unknown() (ID3v1).
std::string clean_text(std::string_view text);

/// "12.3 s".
std::string seconds_text(double seconds);

}  // namespace pop2piano
