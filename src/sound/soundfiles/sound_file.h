// SPDX-License-Identifier: MIT
// Sound in smaller files than WAV: FLAC, Ogg with Vorbis or Opus, MP3, as far as the installed libsndfile can.
#pragma once

#include <filesystem>
#include <string>

namespace pop2piano {

/// Whether files with this ending (".flac", ".ogg", ".opus", ".mp3") can be written here.
[[nodiscard]] bool can_encode(const std::string& ending);

/// The same samples as in `source`, a WAV or FLAC file, by the ending of `target`, which is there whole or not at all;
/// WAV and FLAC have 16 bits. Opus takes 48000 samples a second, MP3 up to 48000. Throws Error: invalid_argument
/// (ending), unsupported (this libsndfile cannot, or not this rate), unreadable (`source`), write_failed.
void encode_sound(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace pop2piano
