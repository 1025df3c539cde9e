// SPDX-License-Identifier: MIT
// Any bytes as a pickle.
#include "numbers/weights/pickle.h"

#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    const pop2piano::Pickle pickle(std::as_bytes(std::span(data, size)), "fuzz");
    (void)pickle.root().find("state_dict");
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
