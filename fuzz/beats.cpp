// SPDX-License-Identifier: MIT
// Any bytes as given beats, and as the tables of numbers that annotations are.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/cost.h"
#include "judging/evaluate/text_table.h"
#include "listening/rhythm/beats_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    pop2piano::read_beats(text, "fuzz", 4).validate();
  } catch (const pop2piano::Error&) {
  }
  for (const auto separator : {pop2piano::FieldSeparator::tab, pop2piano::FieldSeparator::any_blank}) {
    try {
      const pop2piano::TextTable table = pop2piano::parse_text_table(text, "fuzz", separator);
      for (const auto& row : table.rows) (void)table.number(row, 0);
    } catch (const pop2piano::Error&) {
    }
  }
  return 0;
}
