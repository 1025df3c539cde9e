// SPDX-License-Identifier: MIT
// Any bytes as MusicXML, plain or in an archive: as a score and as a lead sheet.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "fuzz/cost.h"
#include "music/leadsheets/lead_sheet.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/score_midi.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  try {
    const std::string text = pop2piano::plain_musicxml(std::as_bytes(std::span(data, size)), "fuzz");
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    const pop2piano::Imported imported = pop2piano::score_from_musicxml(bytes, "fuzz");
    imported.score.grid.validate();
    (void)pop2piano::score_to_midi(imported.score);
    (void)pop2piano::lead_sheet_from_musicxml(bytes, "fuzz");
  } catch (const pop2piano::Error&) {
  }
  return 0;
}
