// SPDX-License-Identifier: MIT
// Any bytes as a file of torch.save: zip directory, pickle, storages.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"
#include "numbers/weights/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    (void)pop2piano::parse_torch_file(std::as_bytes(std::span(data, size)), "fuzz");
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
