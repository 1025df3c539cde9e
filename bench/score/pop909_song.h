// SPDX-License-Identifier: MIT
// A song of POP909 (Wang et al. 2020) as a Score on the beats of its own annotation, with key and chords.
#pragma once

#include <pop2piano/score.h>

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

struct AnnotatedChord {
  double start = 0.0, end = 0.0;  ///< seconds
  std::string name;               ///< "Bb:min7", "N"
};

struct AnnotatedKey {
  double start = 0.0, end = 0.0;  ///< seconds
  Key key;
};

struct Pop909Song {
  std::string number;
  Score score;  ///< melody from track MELODY; BRIDGE and PIANO accompany; no hands, no key
  std::vector<AnnotatedKey> keys;
  std::vector<AnnotatedChord> chords;
};

/// Of a root as the annotations write it: "Bb", "F#".
[[nodiscard]] int pitch_class_of(const std::string& root);

[[nodiscard]] Pop909Song read_pop909(const std::filesystem::path& folder);

}  // namespace pop2piano
