// SPDX-License-Identifier: MIT
// The one place where a recorded cover becomes notes.
#pragma once

#include <filesystem>

#include "base/core/thread_pool.h"

namespace pop2piano {

/// Whether a cover's file is MIDI or MusicXML, so that nothing needs to be transcribed.
[[nodiscard]] bool is_score_file(const std::filesystem::path& file);

/// Writes the notes of a piano recording as MIDI, each as long as it sounds. Throws Stopped where it is not a piano
/// alone or no note is heard, Error as installed_piano_network() and what the recording throws.
void transcribe_cover(const std::filesystem::path& sound, const std::filesystem::path& target, ThreadPool& pool);

}  // namespace pop2piano
