// SPDX-License-Identifier: MIT
// Any bytes as a song: container, codec, time stamps and tags, through the libraries of FFmpeg.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/cost.h"
#include "fuzz/scratch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pop2piano::fuzz::ScratchFile file(".media");
  const pop2piano::fuzz::Cost cost(size);
  try {
    const auto recording = pop2piano::Recording::open(file.write(data, size));
    for (const float sample : recording.read_all().samples) {
      if (!std::isfinite(sample)) std::abort();
    }
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
