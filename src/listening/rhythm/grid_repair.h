// SPDX-License-Identifier: MIT
// From decoded frames to times a score can stand on: peaks between frames, outliers, the straight line of a machine.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

/// Frame positions moved to the nearest peak of `curve` [frames] within `reach` frames, by a parabola through it; where
/// there is no peak above the curve's neighbourhood the position stays. Returns fractional frames.
std::vector<double> refine_to_peaks(std::span<const std::size_t> frames, std::span<const float> curve,
                                    std::size_t reach = 3);

/// Beats whose two intervals disagree with the neighbourhood, but whose neighbours do not, go to the middle of them.
/// Returns how many were moved.
std::size_t repair_outliers(std::vector<double>& times, double tolerance = 0.12);

struct StraightLine {
  double first = 0;     ///< seconds, of beat 0
  double interval = 0;  ///< seconds
  double residual = 0;  ///< seconds, root mean square over the beats that lie near the line
  double share = 0;     ///< of beats within 25 ms of the line
};
/// The line through beat times by trimmed least squares; beats that were skipped or doubled keep their place in the
/// count by rounding. At least two times.
StraightLine fit_line(std::span<const double> times);

/// The times on the line from the first to the last of `times` if a machine played: 95 % of the beats near the line and
/// their residual below `residual_limit` seconds, over at least 16 beats. Otherwise false, and times stay.
bool snap_to_line(std::vector<double>& times, double residual_limit = 0.008);

/// The line of a machine that part of the beats left: at least half of them near it, 32 or more, their residual below
/// `residual_limit` seconds. Nothing where no machine played or all beats are on the line already.
std::optional<StraightLine> line_left(std::span<const double> times, double residual_limit = 0.008);

}  // namespace pop2piano
