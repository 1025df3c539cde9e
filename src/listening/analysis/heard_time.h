// SPDX-License-Identifier: MIT
// Time of what is heard: a recording without its silent ends and long silent gaps. Beats go to and fro between the two.
#pragma once

#include <pop2piano/analysis.h>

#include <span>
#include <vector>

namespace pop2piano {

/// What sounds of a recording, ascending, without overlap; at least one. Seconds.
class HeardTime {
 public:
  explicit HeardTime(std::span<const TimeSpan> sounding);

  [[nodiscard]] double duration() const { return starts_.back(); }  ///< seconds that are heard
  /// Seconds heard -> of the recording; beyond the ends it goes on.
  [[nodiscard]] double in_recording(double heard) const;
  /// Seconds of the recording -> heard; within a gap where it ends; beyond the ends it goes on.
  [[nodiscard]] double heard(double in_recording) const;
  [[nodiscard]] bool in_gap(double in_recording) const;

  /// Beats of what is heard, in seconds of the recording. Through a gap they go on evenly, where whole bars fit, by
  /// whole bars, else number by number. Confidence of these: 0.
  [[nodiscard]] BeatGrid in_recording(const BeatGrid& heard) const;

 private:
  void go_on_through_gap(BeatGrid& grid, double seconds, double heard_seconds) const;
  [[nodiscard]] std::size_t part_at(double in_recording) const;

  std::vector<TimeSpan> sounding_;
  std::vector<double> starts_;  // [parts + 1] seconds heard before each part, and of all
};

/// Sets `grid` and `heard` of the analysis from the beats of its rhythm and what sounds. Throws
/// Error(invalid_argument) where fewer than two beats sound.
void lay_out_beats(Analysis& analysis);

}  // namespace pop2piano
