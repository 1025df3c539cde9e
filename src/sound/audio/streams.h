// SPDX-License-Identifier: MIT
// The audio streams of a container: what they say about themselves, and which one is heard.
#pragma once

#include <pop2piano/audio.h>

#include <optional>
#include <string>
#include <vector>

#include "sound/audio/ffmpeg.h"

namespace pop2piano::ffmpeg {

/// In the file's order.
[[nodiscard]] std::vector<SoundStream> list_sound_streams(const AVFormatContext& container);

/// The stream that is wished for, or the one that players choose: neither commentary nor a description for the blind or
/// deaf, then the one marked as default, then the first. All others are discarded. Throws Error: invalid_argument (no
/// such audio stream), nothing_found (pictures only), malformed (no streams).
[[nodiscard]] AVStream& choose_sound_stream(AVFormatContext& container, std::optional<int> wish,
                                            const std::string& file_name);

/// A tag of the file or the stream; empty where there is none.
[[nodiscard]] std::string tag_of(const AVFormatContext& container, const AVStream& stream, const char* key);

}  // namespace pop2piano::ffmpeg
