// SPDX-License-Identifier: MIT
// What the report page is drawn with: style sheet and script, as text.
#pragma once

#include <string_view>

namespace pop2piano {

std::string_view report_style();
std::string_view report_script();

}  // namespace pop2piano
