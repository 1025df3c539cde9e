// SPDX-License-Identifier: MIT
#include "app/console/time_text.h"

#include <pop2piano/error.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace pop2piano::cli {

double parse_time(const std::string& text) {
  const Error wrong(ErrorCode::invalid_argument,
                    "'" + text + "' is not a time; write seconds (83.5) or minutes and seconds (1:23.5)");
  double seconds = 0;
  std::string_view rest = text;
  for (int part = 0; part < 3; ++part) {
    const std::size_t colon = rest.find(':');
    const std::string_view digits = rest.substr(0, colon);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value) || value < 0) throw wrong;
    if (part > 0 && value >= 60) throw wrong;
    seconds = seconds * 60 + value;
    if (colon == std::string_view::npos) return seconds;
    rest.remove_prefix(colon + 1);
  }
  throw wrong;
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace pop2piano::cli
