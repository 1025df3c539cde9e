// SPDX-License-Identifier: MIT
// A MusicXML document that is parsed once and read as often as needed: whole, or some of its parts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "music/scorefiles/import.h"

namespace pop2piano {

/// Throws Error: malformed, unsupported (timewise, more than 128 MiB).
[[nodiscard]] pugi::xml_document parse_musicxml(std::span<const std::byte> bytes, const std::string& what);

/// All parts as score_from_musicxml() gives them.
[[nodiscard]] Imported score_of_document(const pugi::xml_document& document, const std::string& what);

/// [notes] of the parts with these ids, cleaned, as if the document held no others: the first of them says where the
/// bars begin. May be empty. Throws Error(unsupported).
[[nodiscard]] std::vector<Note> notes_of_parts(const pugi::xml_document& document, std::span<const std::string> ids,
                                               const std::string& what);

}  // namespace pop2piano
