// SPDX-License-Identifier: MIT
// The harmony network: what the bass sounds and which chord it is, four times a beat. Small convolutions over pitch and
// time, the octaves then folded onto twelve pitch classes in a circle, so that what is learnt of one key holds in all.
// The chord is heard as an arranger writes it: root, quality and bass; the bass as the lowest line of the band.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "listening/harmony/harmony_frames.h"
#include "numbers/nets/network_parts.h"

namespace pop2piano {

inline constexpr const char* kHarmonyNetworkFormat = "pop2piano.harmony/1";

/// A kind of chord: its name as chord labels have it, its notes as semitones above the root (bit 0 = the root).
struct ChordKind {
  std::string_view name;
  std::uint16_t notes;
};
inline constexpr auto kChordKinds = std::to_array<ChordKind>({
    {"maj", 0b0000'1001'0001},
    {"min", 0b0000'1000'1001},
    {"sus2", 0b0000'1000'0101},
    {"sus4", 0b0000'1010'0001},
    {"dim", 0b0000'0100'1001},
    {"aug", 0b0001'0001'0001},
    {"7", 0b0100'1001'0001},
    {"maj7", 0b1000'1001'0001},
    {"min7", 0b0100'1000'1001},
    {"hdim7", 0b0100'0100'1001},
    {"sus4(b7)", 0b0100'1010'0001},
    {"maj6", 0b0010'1001'0001},
});
/// The quality whose notes differ least from `notes`; of equal ones the first.
[[nodiscard]] std::size_t nearest_kind(std::uint16_t notes);

inline constexpr std::size_t kNoChord = 12 * kChordKinds.size();  ///< chord = quality * 12 + root
inline constexpr std::size_t kChordClasses = kNoChord + 1;
inline constexpr std::size_t kBassPitches = 36;  ///< from kLowestHarmonyPitch on; higher notes are folded into the top
inline constexpr std::size_t kNoBass = kBassPitches, kBassClasses = kBassPitches + 1;
inline constexpr std::size_t kRootBass = 12, kChordBassClasses = 13;  ///< no chord: no bass

/// What is heard, [frames, classes] chances each, kHarmonyFramesPerBeat frames to a beat: frame k holds for the steps
/// around 3 k of the twelve to a beat.
struct HeardHarmony {
  Matrix<float> chords;      ///< [frames, kChordClasses]
  Matrix<float> chord_bass;  ///< [frames, kChordBassClasses] pitch class of the chord's bass; the last: no chord
  Matrix<float> bass;        ///< [frames, kBassClasses] what the lowest line sounds; the last: nothing
};

// --- shape, for the network in training as well ---
inline constexpr std::size_t kHarmonyInputs = 6;  ///< of each semitone: three levels, three against their surroundings
inline constexpr std::size_t kHarmonyWidth = 24;  ///< channels of a semitone
inline constexpr std::size_t kChromaWidth = 48;   ///< channels of a pitch class
inline constexpr std::size_t kChromaRegisters = 3;                            ///< of two octaves each
inline constexpr std::size_t kFolded = 2 * kChromaRegisters * kHarmonyWidth;  ///< mean and largest of each register
inline constexpr std::size_t kBassHidden = 32;
/// Semitones from a note to its partials and to those whose partial it may be.
inline constexpr std::array<int, 9> kHarmonicOffsets{0, 12, 19, 24, 28, 31, 36, -12, -19};
/// Layers on the circle: all twelve pitch classes of a frame, then five frames that lie so many apart.
inline constexpr std::array<std::size_t, 3> kChromaSteps{1, 4, 16};
inline constexpr std::size_t kTimeTaps = 5;

/// The arrays of the weights file, in a fixed order. Convolutions: [out, in, time, pitch].
[[nodiscard]] const std::vector<NetworkPart>& harmony_network_parts();

/// Levels that a song has in the mean, [kHarmonyBands], smoothed over half an octave to either side; what the network
/// hears is relative to them.
[[nodiscard]] std::vector<float> harmony_mean(Span2D<const std::uint8_t> levels);
/// `frame`: logarithms of power, less the song's mean, [kHarmonyBands] -> [kHarmonyPitches, kHarmonyInputs].
void read_harmony_inputs(std::span<const float> frame, std::span<float> out);
/// Frame `row` of a song as read_harmony_inputs() takes it.
void relative_levels(std::span<const std::uint8_t> row, std::span<const float> mean, std::span<float> out);

/// Immutable; may be shared between threads.
class HarmonyNetwork {
 public:
  /// Throws Error: not_found, unreadable, malformed (a part missing or of another shape).
  static std::shared_ptr<const HarmonyNetwork> load(const std::filesystem::path& file);
  HarmonyNetwork(const HarmonyNetwork&) = delete;
  HarmonyNetwork& operator=(const HarmonyNetwork&) = delete;
  ~HarmonyNetwork();

  /// `levels` [frames, kHarmonyBands] of a whole song, frame 0 on a beat. Does not depend on the number of threads.
  [[nodiscard]] HeardHarmony run(Span2D<const std::uint8_t> levels, ThreadPool& pool) const;

 private:
  struct Weights;
  explicit HarmonyNetwork(std::unique_ptr<const Weights> weights);
  std::unique_ptr<const Weights> weights_;
};

/// The network of the file that POP2PIANO_HARMONY names, else of the first harmony/harmony.safetensors in the folders
/// of models (core/installed_file.h). Null when there is none. Throws as load() does.
[[nodiscard]] std::shared_ptr<const HarmonyNetwork> installed_harmony_network();

}  // namespace pop2piano
