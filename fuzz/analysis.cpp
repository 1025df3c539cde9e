// SPDX-License-Identifier: MIT
// Any bytes as a kept analysis: as the whole file, and as the values behind a seal, which no fuzzer would forge.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "fuzz/cost.h"
#include "listening/analysis/analysis_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    (void)pop2piano::decode_analysis(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
  try {
    const pop2piano::Analysis analysis = pop2piano::decode_analysis_values(bytes, "fuzz");
    if (analysis.loudness_db.size() != analysis.grid.size()) std::abort();
    const auto again = pop2piano::encode_analysis(analysis);
    if (again != pop2piano::encode_analysis(pop2piano::decode_analysis(again, "fuzz"))) std::abort();
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
