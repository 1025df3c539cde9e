// SPDX-License-Identifier: MIT
// What stands in a MusicXML document and does not become part of a Score, counted.
#pragma once

#include <vector>

#include <pugixml.hpp>

#include "music/scorefiles/import.h"

namespace pop2piano {

/// Of all parts, in a fixed order, none with a count of 0. Layout (stems, beams, page breaks, print) is not counted.
[[nodiscard]] std::vector<LeftOut> left_out_of_document(const pugi::xml_document& document);

}  // namespace pop2piano
