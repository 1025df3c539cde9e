// SPDX-License-Identifier: MIT
// MusicXML as text; write_musicxml() in pop2piano/score.h puts it into a file.
#pragma once

#include <pop2piano/score.h>

#include <string>
#include <string_view>

namespace pop2piano {

/// Throws Error(invalid_argument) when the grid or a note cannot be written.
[[nodiscard]] std::string score_to_musicxml(const Score& score, const MusicXmlOptions& options = {});

/// Text that XML 1.0 can hold: control characters become spaces, what is not UTF-8 becomes U+FFFD. Not yet escaped.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace pop2piano
