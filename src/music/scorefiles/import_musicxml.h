// SPDX-License-Identifier: MIT
// A MusicXML document that is parsed once and read as often as needed: whole, or some of its parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "music/scorefiles/import.h"

namespace pop2piano {

/// Takes the root's namespace prefix off all names: <m:part> becomes <part>.
void drop_prefix(pugi::xml_document& document);

/// Throws Error: malformed, unsupported (timewise, more than 128 MiB).
[[nodiscard]] pugi::xml_document parse_musicxml(std::span<const std::byte> bytes, const std::string& what);

enum class ReadRhythm : std::uint8_t {
  exact,     ///< beats with finer notes than twelfths are fine beats (BeatGrid), or cut
  on_steps,  ///< every note on the nearest step
};

/// All parts as score_from_musicxml() gives them.
[[nodiscard]] Imported score_of_document(const pugi::xml_document& document, const std::string& what,
                                         ReadRhythm rhythm = ReadRhythm::exact);

/// [notes] of the parts with these ids, cleaned, on the nearest steps, in the measures of the whole document. May be
/// empty. Throws Error(unsupported).
[[nodiscard]] std::vector<Note> notes_of_parts(const pugi::xml_document& document, std::span<const std::string> ids,
                                               const std::string& what);

}  // namespace pop2piano
