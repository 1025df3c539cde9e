// SPDX-License-Identifier: MIT
// Any bytes as a training record and as the song in it: as they are, and behind checksums that are right, which no
// fuzzer would forge.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/core/crc32c.h"
#include "fuzz/cost.h"
#include "learning/dataset/record_bytes.h"
#include "learning/dataset/song_record.h"

namespace {

void decode(std::span<const std::byte> bytes) {
  try {
    const pop2piano::RecordView view = pop2piano::decode_record(bytes, "fuzz");
    for (const pop2piano::TensorView& tensor : view.tensors) (void)tensor.intact();
  } catch (const pop2piano::Error&) {
  }
  try {
    (void)pop2piano::decode_song(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
}

// The head's two sums: of the directory at byte 24, of the head itself at byte 28.
void seal(std::span<std::byte> bytes) {
  std::uint32_t directory_size = 0;
  std::memcpy(&directory_size, bytes.data() + 4, 4);
  if (directory_size > bytes.size() - pop2piano::kRecordHeadBytes) return;
  const std::uint32_t inner = pop2piano::crc32c(bytes.subspan(pop2piano::kRecordHeadBytes, directory_size));
  std::memcpy(bytes.data() + 24, &inner, 4);
  const std::uint32_t outer = pop2piano::crc32c(bytes.first(28));
  std::memcpy(bytes.data() + 28, &outer, 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const auto bytes = std::as_bytes(std::span(data, size));
  decode(bytes);
  if (size < pop2piano::kRecordHeadBytes) return 0;
  std::vector<std::byte> forged(bytes.begin(), bytes.end());
  seal(forged);
  decode(forged);
  return 0;
}
