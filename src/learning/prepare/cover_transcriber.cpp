// SPDX-License-Identifier: MIT
#include "learning/prepare/cover_transcriber.h"

#include <algorithm>
#include <string>

#include "learning/prepare/stopped.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

bool is_score_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return is_midi_file(file) || ending == ".musicxml" || ending == ".xml" || ending == ".mxl";
}

void transcribe_cover(const std::filesystem::path& sound, const std::filesystem::path& /*target*/,
                      ThreadPool& /*pool*/) {
  drop("recorded cover", sound.string() +
                             ": is a recording, and this program cannot transcribe pianos; give the cover as "
                             "MIDI or MusicXML");
}

}  // namespace pop2piano
