// SPDX-License-Identifier: MIT
// The melody network: at every step of the music's clock, which pitch the melody of a piano arrangement sounds and
// whether it begins there. Small convolutions over pitch and time on what lies at the partials of each semitone in the
// log-mel bands, learned from the arrangements' own melodies, where MELODIA (melody/melodia.h) follows one voice by
// rules.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "listening/melody/melody_on_beat.h"
#include "numbers/nets/network_parts.h"

namespace pop2piano {

struct FeatureSettings;

inline constexpr const char* kMelodyNetworkFormat = "pop2piano.tune/3";
inline constexpr std::size_t kMelodyStepsPerBeat = 12;
inline constexpr std::size_t kMelodyInputs = 22;  ///< of each semitone

/// A layer: x += relu(convolution(x) + bias), or without taps x += what the other pitches of its step say.
struct MelodyLayer {
  const char* name = "";
  std::size_t taps = 0, steps_apart = 1;         ///< in time
  std::size_t pitches = 1, semitones_apart = 1;  ///< taps in pitch
  [[nodiscard]] constexpr bool pools() const { return taps == 0; }
  [[nodiscard]] constexpr std::size_t reach() const { return pools() ? 0 : taps / 2 * steps_apart; }  ///< steps
};
inline constexpr auto kMelodyLayers = std::to_array<MelodyLayer>({
    {"near", 5, 1, 3, 1},
    {"around"},
    {"octaves", 1, 1, 3, 12},
    {"mid", 5, 3},
    {"far", 5, 12},
    {"near2", 5, 1, 3, 1},
    {"around2"},
    {"octaves2", 1, 1, 3, 12},
    {"mid2", 5, 3},
    {"far2", 5, 12},
    {"last", 5, 1, 3, 1},
});
/// Steps to either side that an output depends on.
inline constexpr std::size_t kMelodyReach = [] {
  std::size_t sum = 0;
  for (const MelodyLayer& layer : kMelodyLayers) sum += layer.reach();
  return sum;
}();

/// What is heard at one step as the network reads it: [kMelodyPitches, kMelodyInputs], the level at partials of each
/// semitone, salience and MELODIA's melody there and an octave off, and what is alike for all.
/// `bands`: normalised log-mel bands [n_mels of default FeatureSettings]; `melody`: [kMelodyChannels].
void read_melody_inputs(std::span<const float> bands, std::span<const float> melody, std::span<float> out);

/// The arrays of the weights file, in a fixed order. Convolutions: [out, in, time(, pitch)].
[[nodiscard]] const std::vector<NetworkPart>& melody_network_parts();

/// Immutable; may be shared between threads.
class MelodyNetwork {
 public:
  /// Throws Error: not_found, unreadable, malformed (a part missing or of another shape).
  static std::shared_ptr<const MelodyNetwork> load(const std::filesystem::path& file);
  MelodyNetwork(const MelodyNetwork&) = delete;
  MelodyNetwork& operator=(const MelodyNetwork&) = delete;
  ~MelodyNetwork();

  /// `bands` [steps, n_mels], `melody` [steps, kMelodyChannels], step 0 on a beat. Returns [steps, kMelodyChannels]:
  /// the chance that a note of the melody begins at the step, of each semitone; then that the melody sounds there.
  /// Octaves are those that are heard. Does not depend on the number of threads.
  [[nodiscard]] Matrix<float> run(Span2D<const float> bands, Span2D<const float> melody, ThreadPool& pool) const;

 private:
  struct Weights;
  explicit MelodyNetwork(std::unique_ptr<const Weights> weights);
  std::unique_ptr<const Weights> weights_;
};

/// Whether features of this kind are those that the network was trained on.
[[nodiscard]] bool melody_network_reads(const FeatureSettings& features);

/// From the file that POP2PIANO_TUNE names ("none": no network), else from the first melody/melody.safetensors in the
/// folders of models (core/installed_file.h). Null when there is none, or it does not read `features`. Throws as
/// load().
[[nodiscard]] std::shared_ptr<const MelodyNetwork> installed_melody_network(const FeatureSettings& features);

}  // namespace pop2piano
