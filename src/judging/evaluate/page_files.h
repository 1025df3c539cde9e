// SPDX-License-Identifier: MIT
// The files of this folder that pages are made of, built into the program (pop2piano_embed() in CMakeLists.txt).
#pragma once

#include <string_view>

namespace pop2piano {

/// Templates for fill_page(): title, style, data, script.
std::string_view report_html();
std::string_view listening_html();

std::string_view report_css();  ///< of both pages
std::string_view report_js();
std::string_view listening_js();

}  // namespace pop2piano
