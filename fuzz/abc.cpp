// SPDX-License-Identifier: MIT
// Any bytes as a book of songs in ABC.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"
#include "music/leadsheets/lead_sheet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    for (const auto& song : pop2piano::split_abc(std::as_bytes(std::span(data, size)), "fuzz")) {
      pop2piano::lead_sheet_from_abc(song, "fuzz").grid.validate();
    }
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
