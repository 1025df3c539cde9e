// SPDX-License-Identifier: MIT
// Order of notes and names of keys.
#include <pop2piano/score.h>

#include <algorithm>
#include <tuple>

namespace pop2piano {

void sort_notes(std::vector<Note>& notes) {
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tuple(a.onset, a.voice, -a.pitch) < std::tuple(b.onset, b.voice, -b.pitch);
  });
}

std::string to_string(const Key& key) {
  static constexpr const char* kTonics[] = {"Fb", "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F",  "C", "G",
                                            "D",  "A",  "E",  "B",  "F#", "C#", "G#", "D#", "A#"};  // fifths from -8
  const int index = std::clamp(key.fifths, -7, 7) + 8 + (key.minor ? 3 : 0);
  return std::string(kTonics[index]) + (key.minor ? " minor" : " major");
}

}  // namespace pop2piano
