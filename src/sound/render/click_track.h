// SPDX-License-Identifier: MIT
// A recording with its beats to be heard.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <filesystem>

namespace pop2piano {

/// The recording, mono, with a tick on each beat, higher and louder on the first of a bar; 16 bits, 44.1 kHz. Written
/// whole or not at all.
void write_click(const Recording& recording, const BeatGrid& grid, const std::filesystem::path& wav,
                 const Monitor& monitor);

}  // namespace pop2piano
