// SPDX-License-Identifier: MIT
// What a song is called when its file does not say.
#pragma once

#include <string>

namespace pop2piano {

/// "04 - My_song.mp3" -> "My song"; "-", standard input -> "Piano cover"
std::string title_from_name(const std::string& song);

}  // namespace pop2piano
