// SPDX-License-Identifier: MIT
// A sound font of one looped sine, so that rendering is tested without an installed one and with exact expectations.
#pragma once

#include <filesystem>

namespace pop2piano::testing {

/// Preset 0 of bank 0 plays a pure sine at the note's pitch, as long as the key is held.
void write_tiny_soundfont(const std::filesystem::path& file);

}  // namespace pop2piano::testing
