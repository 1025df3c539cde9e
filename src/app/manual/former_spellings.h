// SPDX-License-Identifier: MIT
// Options, commands and environment variables that had another name in former versions: they still work, and say so.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano::cli {

/// One name of former versions. An option begins with "--" and counts behind the words of `command` only ("evaluate
/// listen"; "": any command); other names are commands, the first word typed.
struct FormerSpelling {
  std::string_view command;
  std::string_view former;
  std::string_view now;
};

/// What was typed, argv[0] left out, in today's spellings; "--option=value" too, and nothing behind "--". Each name
/// that was replaced gives `notice` one line, such as "--out is --output now".
[[nodiscard]] std::vector<std::string> in_todays_spelling(std::span<char* const> typed,
                                                          std::span<const FormerSpelling> table,
                                                          const std::function<void(const std::string&)>& notice);

/// Where only the former variable is set, today's takes its value, with the same notice.
void set_todays_variable(const char* former, const char* now, const std::function<void(const std::string&)>& notice);

}  // namespace pop2piano::cli
