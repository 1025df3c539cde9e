// SPDX-License-Identifier: MIT
// Any bytes as a MIDI file, and what is read of them as a score that can be written again.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/cost.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/score_midi.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    const pop2piano::MidiFile file = pop2piano::parse_midi(std::as_bytes(std::span(data, size)), "fuzz");
    const pop2piano::Imported imported = pop2piano::score_from_midi(file, "fuzz");
    imported.score.grid.validate();
    (void)pop2piano::score_to_midi(imported.score);
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
