// SPDX-License-Identifier: MIT
// Where the sound of an MPEG audio file ends and tags begin: ID3v1, APEv1 and APEv2, Lyrics3, zeros. They are no sound,
// and decoders that stumble over them have not found damage.
#pragma once

#include <cstdint>

#include "sound/audio/media_file.h"

namespace pop2piano {

/// Bytes from the file's start; its size where nothing is appended.
[[nodiscard]] std::int64_t end_of_sound(const MediaFile& file);

}  // namespace pop2piano
