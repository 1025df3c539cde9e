// SPDX-License-Identifier: MIT
// The files of this folder that the page is made of, built into the program (pop2piano_embed() in CMakeLists.txt).
#pragma once

#include <string_view>

namespace pop2piano {

/// A template for fill_page(): style, data, script.
std::string_view prepared_html();
std::string_view prepared_css();
std::string_view prepared_js();

}  // namespace pop2piano
