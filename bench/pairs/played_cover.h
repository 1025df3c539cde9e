// SPDX-License-Identifier: MIT
// Drawn covers as files, and as they are heard when a piano plays them.
#pragma once

#include <filesystem>
#include <span>

#include "base/core/thread_pool.h"
#include "drawn_cover.h"
#include "music/score/played_note.h"

namespace pop2piano::bench {

/// A MIDI file, to half a millisecond.
void write_notes(std::span<const PlayedNote> notes, const std::filesystem::path& file);
/// A WAV file: the piano of a sound font plays every note exactly when it begins.
void write_played(std::span<const PlayedNote> notes, const std::filesystem::path& file,
                  const std::filesystem::path& font);

/// The cover as it is transcribed from what write_played() makes of it. The truth of a note is that of the drawn note
/// of its pitch that begins nearest, within a tenth of a second; NaN: there is none. `kept`: a MIDI file of the
/// transcription, made if it is not there. Throws what transcribe_cover() throws.
[[nodiscard]] DrawnCover heard_again(const DrawnCover& cover, const std::filesystem::path& font,
                                     const std::filesystem::path& kept, ThreadPool& pool);

}  // namespace pop2piano::bench
