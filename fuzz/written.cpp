// SPDX-License-Identifier: MIT
// Any bytes as a kept score, as the whole file and as the values behind the seal; what is taken must be arrangeable.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"
#include "writing/cover/written_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    (void)pop2piano::decode_written(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
  try {
    const pop2piano::Written written = pop2piano::decode_written_values(bytes, "fuzz");
    for (const int level : {1, 5}) (void)pop2piano::arrange(written, {.level = level});
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
