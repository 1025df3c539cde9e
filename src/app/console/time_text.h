// SPDX-License-Identifier: MIT
// Times as people write them.
#pragma once

#include <string>

namespace pop2piano::cli {

/// "83.5", "1:23.5", "1:02:03" -> seconds; throws Error(invalid_argument) naming the text.
double parse_time(const std::string& text);
/// 83.5 -> "1:23"
std::string clock_text(double seconds);

}  // namespace pop2piano::cli
