// SPDX-License-Identifier: MIT
// How well bass and chords are heard, beat by beat, beside what is known of a rendering.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "listening/harmony/harmony_network.h"

namespace pop2piano::training {

/// A chord as mir_eval's majmin sees it: root pitch class (major), 12 + root (minor), 24 (none).
inline constexpr int kMajminNone = 24, kMajminClasses = 25;
/// -1: neither major nor minor up to the fifth, which majmin leaves out. `root`: -1 is no chord.
[[nodiscard]] int majmin_of(int root, std::uint16_t notes_above_root);

struct HarmonyMeasures {
  std::int64_t beats = 0;           ///< whose chord is major, minor or none
  std::int64_t chords = 0;          ///< those that are heard so
  std::int64_t bass_beats = 0;      ///< on which the bass instrument sounds
  std::int64_t bass_right = 0;      ///< its pitch class is heard
  std::int64_t bass_octaves = 0;    ///< and its octave too
  std::int64_t chord_beats = 0;     ///< that have a chord
  std::int64_t chord_bass = 0;      ///< whose bass is the pitch class that is heard as the chord's
  std::int64_t lowest_is_bass = 0;  ///< whose bass is the pitch class that is heard as the lowest line
};

/// What is known of a song: chords [beats] as majmin_of() gives them, their basses [beats] as pitch classes or -1, and
/// what the bass instrument sounds [beats], MIDI, 0 nothing.
struct KnownHarmony {
  std::vector<int> chords, chord_bass, bass;
};

/// What is heard, for each beat [beats].
struct HarmonyByBeat {
  std::vector<int> chords;      ///< as majmin_of(), never -1
  std::vector<int> chord_bass;  ///< likeliest pitch class
  std::vector<int> bass;        ///< likeliest pitch, MIDI, whether or not something sounds
};
/// The likeliest over each beat's frames: the bass over its first half.
[[nodiscard]] HarmonyByBeat harmony_by_beat(const HeardHarmony& heard, std::size_t beats);

/// The same along the path that covers take (harmony/harmony_path.h); `fits` as chord_fits() gives them.
[[nodiscard]] HarmonyByBeat harmony_on_path(const HeardHarmony& heard, const Matrix<float>& fits,
                                            std::span<const int> beat_numbers);

void add_harmony(HarmonyMeasures& measures, const KnownHarmony& known, const HarmonyByBeat& heard);

}  // namespace pop2piano::training
