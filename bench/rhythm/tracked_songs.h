// SPDX-License-Identifier: MIT
// Songs with known beats, tracked and measured.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "listening/rhythm/bar_evidence.h"
#include "listening/rhythm/beat_tracker.h"
#include "listening/rhythm/rhythm_hearing.h"

namespace pop2piano::bench {

/// Sums over songs; see evaluate/beat_metrics.h.
struct BeatFigures {
  double f = 0, cmlt = 0, amlt = 0, downbeat_f = 0;
  int songs = 0, with_downbeats = 0, octave_errors = 0;  ///< tempo off by 1.4 or more
  void add(const BeatFigures& other);
};

[[nodiscard]] BeatAnalysis track(std::span<const float> samples, const BeatTrackerOptions& options);
/// Beats outside the sounding part of the truth count as in the metric; a song in which nothing is found counts 0.
[[nodiscard]] BeatFigures measure(const BeatGrid& truth, const BeatGrid& found);

/// By how many beats the found count runs ahead of the known one, along the song: "0 x 120, 2 x 64" are 120 beats
/// counted as known, then 64 whose number is two higher (modulo the known bar). Beats that are not near a known one are
/// left out.
[[nodiscard]] std::string count_shifts(const BeatGrid& truth, const BeatGrid& found);

/// The second pass of the tracker: bars by the network and the harmony. `ear` has finished.
void count_anew(const RhythmHearing& ear, const BarSearch& search, BeatEvidence& evidence, DecodedBeats& found);

/// All songs with sound of a folder or shard; at most `most`.
struct KnownSong {
  std::string name, what;
  BeatGrid truth;
  std::vector<float> samples;
};
void for_each_song(const std::filesystem::path& records, std::size_t most,
                   const std::function<void(const KnownSong&)>& visit);

}  // namespace pop2piano::bench
