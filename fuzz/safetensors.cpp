// SPDX-License-Identifier: MIT
// Any bytes as a safetensors file: tensors that fit, or an Error.
#include "numbers/weights/safetensors.h"

#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const auto& [name, tensor] : pop2piano::parse_safetensors(bytes, "fuzz").tensors) {
      (void)pop2piano::to_floats(tensor, name, "fuzz");
    }
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
