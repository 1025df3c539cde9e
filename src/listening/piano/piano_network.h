// SPDX-License-Identifier: MIT
// The piano network: which of the 88 pitches begin, sound and end in each frame of a piano's sound, how hard they are
// struck, and whether the pedal is down. Residual convolutions over pitch and time on the levels at each pitch's
// partials: the onsets, frames, offsets and velocities of Kong et al. ("High-resolution Piano Transcription with Pedals
// by Regressing Onset and Offset Times", 2021) with the harmonic dilation of HPPNet (Wei et al., ISMIR 2022).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "listening/piano/piano_frames.h"
#include "numbers/nets/network_parts.h"

namespace pop2piano {

inline constexpr const char* kPianoNetworkFormat = "pop2piano.piano/2";
inline constexpr std::size_t kPianoPartials = 8;
inline constexpr std::size_t kPianoInputs = 2 * kPianoThirds * kPianoPartials + 3;  ///< of each pitch
inline constexpr std::size_t kPianoWidth = 32;                                      ///< channels

/// A layer: x += relu(convolution(x) + bias), or without taps x += what the other pitches of its frame say.
struct PianoLayer {
  const char* name = "";
  std::size_t taps = 0, frames_apart = 1;        ///< in time
  std::size_t pitches = 1, semitones_apart = 1;  ///< taps in pitch
  [[nodiscard]] constexpr bool pools() const { return taps == 0; }
  [[nodiscard]] constexpr std::size_t reach() const { return pools() ? 0 : taps / 2 * frames_apart; }  ///< frames
};
inline constexpr auto kPianoLayers = std::to_array<PianoLayer>({
    {"near", 5, 1, 3, 1},
    {"octaves", 1, 1, 5, 12},
    {"twelfths", 1, 1, 3, 19},
    {"around"},
    {"mid", 5, 3},
    {"near2", 5, 1, 3, 1},
    {"octaves2", 1, 1, 5, 12},
    {"twelfths2", 1, 1, 3, 19},
    {"far", 5, 9},
    {"around2"},
    {"farther", 5, 27},
    {"last", 5, 1, 3, 1},
});
/// Frames to either side that an output depends on.
inline constexpr std::size_t kPianoReach = [] {
  std::size_t sum = 0;
  for (const PianoLayer& layer : kPianoLayers) sum += layer.reach();
  return sum;
}();

/// What the heads say of each pitch, in the order of their weights.
enum class PianoHead : std::uint8_t { onset, sounds, offset, velocity };
inline constexpr std::size_t kPianoHeads = 4;
/// Of a frame: [pitches, heads], then the pedal; chances, the velocity as a share of 127.
inline constexpr std::size_t kPianoOutputs = kPianoKeys * kPianoHeads + 1;
[[nodiscard]] constexpr std::size_t piano_output(std::size_t key, PianoHead head) {
  return key * kPianoHeads + static_cast<std::size_t>(head);
}

/// How many bands each partial lies above the fundamental.
[[nodiscard]] const std::array<std::size_t, kPianoPartials>& piano_partial_bands();

/// One frame as the network reads it: [kPianoKeys, kPianoInputs] the levels of both windows at the thirds around each
/// partial, the pitch's place, the mean level of both windows. `levels` [kPianoLevels], in the units of those kept.
void read_piano_inputs(std::span<const float> levels, std::span<float> out);

/// The arrays of the weights file, in a fixed order. Convolutions: [out, in, time, pitch].
[[nodiscard]] const std::vector<NetworkPart>& piano_network_parts();

/// Immutable; may be shared between threads.
class PianoNetwork {
 public:
  /// Throws Error: not_found, unreadable, malformed (a part missing or of another shape).
  static std::shared_ptr<const PianoNetwork> load(const std::filesystem::path& file);
  PianoNetwork(const PianoNetwork&) = delete;
  PianoNetwork& operator=(const PianoNetwork&) = delete;
  ~PianoNetwork();

  /// `levels` [frames, kPianoLevels] -> [frames, kPianoOutputs]. Outside is silence of a kind that only the ends of
  /// recordings have: of a stretch from a longer one, the first and last kPianoReach frames are not to be used. Does
  /// not depend on the number of threads.
  [[nodiscard]] Matrix<float> run(Span2D<const std::uint8_t> levels, ThreadPool& pool) const;

 private:
  struct Weights;
  explicit PianoNetwork(std::unique_ptr<const Weights> weights);
  std::unique_ptr<const Weights> weights_;
};

/// From the file that POP2PIANO_PIANO names, else from the first piano/piano.safetensors in the folders of models
/// (core/installed_file.h). Throws Error(not_found) saying which file is missing, and as load().
[[nodiscard]] std::shared_ptr<const PianoNetwork> installed_piano_network();

}  // namespace pop2piano
