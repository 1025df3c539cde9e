// SPDX-License-Identifier: MIT
// Rhythm of a piano part: grid coherence, pattern entropy and warp path deviation as Etude (2025) computes them,
// variability after Grabe and Low (2002), and densities.
#pragma once

#include <pop2piano/measure.h>

#include <span>
#include <vector>

#include "listening/align/alignment.h"
#include "music/score/played_note.h"

namespace pop2piano {

/// Rising, distinct onsets of notes in any order. Only equal times fall together, as in the published scripts.
std::vector<double> distinct_onsets(std::span<const PlayedNote> notes);

struct GridCoherenceOptions {
  std::size_t most_frequent = 8;  ///< intervals looked at
  double resolution = 1e-4;       ///< seconds to which intervals are rounded
  double shortest_pulse = 0.01;   ///< seconds
};

/// RGC, rhythmic grid coherence. Inter-onset intervals are rounded; of the 8 most frequent (ties: the earlier one),
/// each is tried as the pulse tau: mean of |ioi / tau - round(ioi / tau)| over the 8; the smallest mean counts. In [0,
/// 0.5]; 0: one pulse explains all. Good near the human value (0.042 on Etude's 100 covers), not at 0. Undefined with
/// fewer than 8 intervals, when all are equal, or when all are shorter than the shortest pulse.
Measure rhythmic_grid_coherence(std::span<const PlayedNote> notes, const GridCoherenceOptions& options = {});

struct PatternEntropyOptions {
  std::size_t clusters = 16;
  std::size_t pattern_length = 8;           ///< intervals
  double shortest = 0.0625, longest = 4.0;  ///< seconds; intervals are clipped to this
};

/// IPE, inter-onset interval pattern entropy, in bits: log intervals -> k-means symbols -> entropy of their 8-grams.
/// In [0, log2(patterns)]; good near the human value (10.13). The clustering is the optimal one (dynamic programming in
/// one dimension), where the published script takes a local optimum from a random start.
/// Undefined with fewer than 8 intervals or when all are equal after clipping.
Measure interval_pattern_entropy(std::span<const PlayedNote> notes, const PatternEntropyOptions& options = {});

/// Cluster of each value, 0 = lowest, for the partition into min(clusters, distinct values) groups with the least sum
/// of squared distances to the group's mean (Wang and Song 2011).
std::vector<std::size_t> cluster_values(std::span<const double> values, std::size_t clusters);

/// What is struck together: notes whose onset lies at most `spread` seconds after the first of the group.
struct Strike {
  double time = 0.0;  ///< seconds, of the first
  std::vector<PlayedNote> notes;
};
std::vector<Strike> group_strikes(std::span<const PlayedNote> notes, double spread = 0.05);

struct DensityScores {
  Measure notes_per_second;  ///< notes / (last offset - first onset); human covers have a median of 7.9
  Measure notes_per_onset;   ///< notes / strikes of 50 ms; human covers 1.87
  Measure lowest_pitch, highest_pitch, median_pitch;  ///< MIDI numbers; human covers have a median of 62
  /// Normalised pairwise variability index of the intervals between strikes: mean of 200 |a - b| / (a + b) over
  /// neighbours. 0 (even) to 200; speech and song 40 to 60.
  Measure rhythm_complexity;
};

/// Undefined without notes; notes_per_second also when all has no length, rhythm_complexity with fewer than 3 strikes.
DensityScores measure_density(std::span<const PlayedNote> notes);

/// WPD, warp path deviation (Etude): the path, reduced to steps in both, without the first and last `trim` seconds of
/// the song; standard deviation, in seconds, of song time around its regression line over cover time. 0 or more; good
/// near the human value (0.49 s on 100 songs), small is stiff, large is lost. Undefined when fewer than 10 points are
/// left.
Measure warp_path_deviation(const WarpPath& cover_to_song, double frame_rate, double trim = 10.0);

}  // namespace pop2piano
