// SPDX-License-Identifier: MIT
// The one place where a recorded cover becomes notes.
#pragma once

#include <filesystem>

#include "base/core/thread_pool.h"

namespace pop2piano {

/// Whether a cover's file is MIDI or MusicXML, so that nothing needs to be transcribed.
[[nodiscard]] bool is_score_file(const std::filesystem::path& file);

/// Writes the notes of a piano recording as MIDI. Throws Stopped: this program has no piano transcriber.
void transcribe_cover(const std::filesystem::path& sound, const std::filesystem::path& target, ThreadPool& pool);

}  // namespace pop2piano
