// SPDX-License-Identifier: MIT
#include "app/manual/former_spellings.h"

#include <algorithm>
#include <cstdlib>

namespace pop2piano::cli {
namespace {

// "evaluate listen" against the first words typed.
bool is_command(std::string_view words, std::span<char* const> typed) {
  for (std::size_t i = 0; !words.empty(); ++i) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (i >= typed.size() || word != typed[i]) return false;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return true;
}

}  // namespace

std::vector<std::string> in_todays_spelling(std::span<char* const> typed, std::span<const FormerSpelling> table,
                                            const std::function<void(const std::string&)>& notice) {
  std::vector<std::string> result(typed.begin(), typed.end());
  const auto end = std::find(result.begin(), result.end(), "--");
  for (auto argument = result.begin(); argument != end; ++argument) {
    const bool option = argument->starts_with("--");
    if (!option && argument != result.begin()) continue;
    const std::string name = option ? argument->substr(0, argument->find('=')) : *argument;
    const auto known = std::find_if(table.begin(), table.end(), [&](const FormerSpelling& spelling) {
      return spelling.former == name && is_command(spelling.command, typed);
    });
    if (known == table.end()) continue;
    notice(name + " is " + std::string(known->now) + " now");
    argument->replace(0, name.size(), known->now);
  }
  return result;
}

void set_todays_variable(const char* former, const char* now, const std::function<void(const std::string&)>& notice) {
  const char* value = std::getenv(former);  // NOLINT(concurrency-mt-unsafe): before the first thread
  if (value == nullptr || std::getenv(now) != nullptr) return;
  notice(std::string(former) + " is " + now + " now");
  setenv(now, value, 0);
}

}  // namespace pop2piano::cli
