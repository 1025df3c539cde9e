// SPDX-License-Identifier: MIT
// From a recording of a piano to files: MIDI as it was played, sheet music on the beats that are heard, JSON.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "listening/piano/piano_network.h"
#include "listening/piano/piano_notes.h"

namespace pop2piano {

struct TranscriptionFiles {
  std::optional<std::filesystem::path> midi{}, musicxml{}, json{};
};

/// What becomes of recordings that do not sound like a piano alone.
enum class OtherThanPiano : std::uint8_t { refused, transcribed };

struct TranscriptionOptions {
  TranscriptionFiles files{};
  BeatOptions beats{};  ///< of the sheet music
  OtherThanPiano other = OtherThanPiano::refused;
  int threads = 0;  ///< 0: as many as the process may use; the result does not depend on it
};

struct TranscriptionReport {
  PianoTranscription heard;
  std::vector<std::string> remarks;  ///< what the user should know, in sentences
};

/// "12 % likely a piano alone, 340 notes"
[[nodiscard]] std::string verdict_on(const PianoTranscription& heard);

/// Writes files that exist anew; each whole or not at all, the sheet music last. Stages reported: "listen",
/// "transcribe", those of find_beats(). Throws Error: nothing_found (no notes; not a piano alone, if that is refused:
/// nothing is written then), what find_beats() and arrange() throw where sheet music is wanted (the others are written
/// then), write_failed, cancelled.
TranscriptionReport transcribe_files(const Recording& recording, const PianoNetwork& network,
                                     const TranscriptionOptions& options, const Monitor& monitor = {});

}  // namespace pop2piano
