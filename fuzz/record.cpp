// SPDX-License-Identifier: MIT
// Any bytes as a training record and as the song in it.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "learning/dataset/record_bytes.h"
#include "learning/dataset/song_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    (void)pop2piano::decode_record(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
  try {
    (void)pop2piano::decode_song(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
