// SPDX-License-Identifier: MIT
// Beats that were given for a whole file, fitted to the stretch of it that is heard.
#pragma once

#include <pop2piano/score.h>

#include <string>

namespace pop2piano {

/// The stretch of a file that is heard.
struct HeardStretch {
  std::string name;        ///< for messages
  double start = 0.0;      ///< seconds of the file
  double duration = 0.0;   ///< seconds
  bool to_the_end = true;  ///< of the file
};

struct GivenBeats {
  BeatGrid grid;       ///< seconds of the stretch
  std::string remark;  ///< for the user; empty: all of the file's beats lie in the file
};

/// `given` counts from the file's start; beats outside the stretch are left out, but for those up to 20 ms before it,
/// which the tracker finds for an onset on its first sample. Throws Error(invalid_argument) with a
/// guess where they cannot be meant: intervals that no music has (milliseconds, samples, minutes), all elsewhere.
[[nodiscard]] GivenBeats beats_within(const BeatGrid& given, const HeardStretch& heard);

}  // namespace pop2piano
