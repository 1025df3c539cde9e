// SPDX-License-Identifier: MIT
// The beat network: two small convolutions over bands and time, then residual blocks of two dilated convolutions each,
// which see 40 s to either side (after Boeck, Davies 2020, "Deconstruct, analyse, reconstruct"). 50 frames/s.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/pulse/beat_evidence.h"
#include "listening/rhythm/beat_input.h"
#include "numbers/nets/network_parts.h"

namespace pop2piano {

inline constexpr std::size_t kBeatBlocks = 9;  ///< dilations 1 .. 256, and their doubles
inline constexpr const char* kBeatNetworkFormat = "pop2piano.beats/1";
inline constexpr double kBeatFrameRate = kBeatInputRate / 2;

/// The arrays of the weights file, in a fixed order. Convolutions: [out, in, time(, bands)].
[[nodiscard]] const std::vector<NetworkPart>& beat_network_parts();

/// Immutable; may be shared between threads.
class BeatNetwork {
 public:
  /// Throws Error: not_found, unreadable, malformed (a part missing or of another shape).
  static std::shared_ptr<const BeatNetwork> load(const std::filesystem::path& file);
  BeatNetwork(const BeatNetwork&) = delete;
  BeatNetwork& operator=(const BeatNetwork&) = delete;
  ~BeatNetwork();

  /// Does not depend on the number of threads. Memory: 400 bytes a frame.
  [[nodiscard]] BeatProbabilities run(const BeatInput& input, ThreadPool& pool) const;

 private:
  struct Weights;
  explicit BeatNetwork(std::unique_ptr<const Weights> weights);
  std::unique_ptr<const Weights> weights_;
};

/// The file that POP2PIANO_BEATS names ("none": no network), else the first rhythm/beats.safetensors in the folders of
/// models: POP2PIANO_MODELS, the user's, the one beside the program, the source tree. Empty when there is none.
[[nodiscard]] std::filesystem::path installed_beat_network();

}  // namespace pop2piano
