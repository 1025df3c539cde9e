// SPDX-License-Identifier: MIT
// Text in UTF-8 that comes from outside (RFC 3629: no overlong forms, no surrogates), checked with utfcpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pop2piano {

/// Bytes at the start of `text` that are valid UTF-8; all of them: the text is.
[[nodiscard]] std::size_t valid_utf8_bytes(std::string_view text);

/// Each byte of ISO 8859-1 as the character it stands for.
[[nodiscard]] std::string utf8_of_latin1(std::string_view text);

}  // namespace pop2piano
