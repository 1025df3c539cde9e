// SPDX-License-Identifier: MIT
// Songs as the beat network hears them, and segments of them, each time heard differently: faster or slower, through
// other equalisers, in noise, with bands missing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/random.h"
#include "learning/dataset/record_set.h"
#include "listening/rhythm/beat_input.h"

namespace pop2piano::training {

/// One segment of `frames` output frames (two spectrogram frames each).
struct BeatSegment {
  std::vector<float> bands;     // [2 * frames, kBeatBands]
  std::vector<float> harmony;   // [kHarmonyInputs, frames]
  std::vector<float> beat;      // [frames] target 0..1
  std::vector<float> downbeat;  // [frames]
  std::vector<float> weight;    // [frames] 0 where nothing sounds
};

enum class Hearing { plain, varied };

class BeatTrainingSongs {
 public:
  /// `weights`: how often songs of each folder are drawn.
  BeatTrainingSongs(const std::vector<std::filesystem::path>& folders, const std::vector<double>& weights);
  [[nodiscard]] std::size_t size() const { return songs_.size(); }
  /// A song drawn by weight and length, a place in it, a hearing: all from `random`.
  [[nodiscard]] BeatSegment draw(std::size_t frames, Hearing hearing, Random random) const;

 private:
  struct Song {
    Span2D<const std::uint8_t> bands;    // [frames, kBeatBands]
    Span2D<const std::uint8_t> harmony;  // [frames / 4, kHarmonyInputs]
    std::vector<double> beats;           // seconds
    std::vector<int> numbers;            // [beats]
    BandLevels levels;
    double last_weight = 0;  // sum of weights up to and with this song
  };
  void add(const RecordSet& set, double weight);

  std::vector<std::unique_ptr<RecordSet>> sets_;
  std::vector<Song> songs_;
};

}  // namespace pop2piano::training
