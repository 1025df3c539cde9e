// SPDX-License-Identifier: MIT
// What is done to a segment's normalised features while training, so that renderings and records look alike and no two
// epochs are the same (docs/reference/training.md).
#pragma once

#include <cstdint>

#include "base/core/matrix.h"
#include "base/core/random.h"

namespace pop2piano::training {

struct AugmentationOptions {
  double lowest_contrast = 0.65;   ///< features are multiplied by a factor from here ...
  double highest_contrast = 1.15;  ///< ... to here
  double level = 0.2;              ///< a constant of at most this size is added
  double equaliser = 0.08;         ///< deviation of each of four cosines over the bands
  std::int64_t most_masks = 2;     ///< at most so many runs of bands are set to the song's mean
  std::int64_t narrowest_mask = 4;
  std::int64_t widest_mask = 28;  ///< bands
  double noise_chance = 0.0;      ///< how often noise, steady and in bursts, is added
  double noise_level = 1.0;       ///< its highest steady power: logarithm, against the song's mean in each band
  double jitter_chance = 0.5;     ///< how often frame times are moved
  double jitter = 0.5;            ///< frames: largest constant shift, and largest drift over the segment
  double pitch_shift_chance = 0.0;
  std::int64_t most_pitch_shift = 2;  ///< semitones up or down; the target moves with it
  double melody_loss_chance = 0.15;   ///< how often the melody's channels are silent in the whole segment
};

/// What one segment gets, drawn before its target is written.
struct AugmentationDraw {
  int semitones = 0;
  std::uint64_t seed = 0;
};
AugmentationDraw draw_augmentation(const AugmentationOptions& options, Random& random);

/// Mel bands of the features: HTK scale between two frequencies.
struct BandLayout {
  double lowest = 10.0;      ///< Hz
  double highest = 11025.0;  ///< Hz
  std::size_t bands = 512;   ///< the columns that are bands; those after them are two channels of each semitone
  double scale = 5.0;        ///< a value is the logarithm of power, less the song's mean, divided by this
};

/// In place on frames [frames, inputs], the bands normalised with values >= floor.
void augment(Matrix<float>& frames, const AugmentationOptions& options, const AugmentationDraw& draw,
             const BandLayout& bands, float floor);

}  // namespace pop2piano::training
