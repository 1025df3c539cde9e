// SPDX-License-Identifier: MIT
// Beats as files for people and programs: lines of text, JAMS, labels of Audacity, and sound to check them by.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>

#include <filesystem>
#include <string>

namespace pop2piano::cli {

enum class BeatFormat { text, jams, audacity };

/// "text" or "txt", "jams", "audacity".
[[nodiscard]] BeatFormat beat_format_named(const std::string& name);

/// text: time, tab, number, as `--beats` reads it. jams: an annotation of the namespace "beat" (Humphrey et al. 2014).
/// audacity: a label at each beat, "bar.beat".
[[nodiscard]] std::string beats_as(BeatFormat format, const Rhythm& rhythm, const std::string& title, double duration);

/// The recording, mono, with a tick on each beat, higher and louder on the first of a bar; 16 bits, 44.1 kHz. Written
/// whole or not at all.
void write_click(const Recording& recording, const BeatGrid& grid, const std::filesystem::path& wav,
                 const Monitor& monitor);

}  // namespace pop2piano::cli
