// SPDX-License-Identifier: MIT
// Mel filterbank after HTK (O'Shaughnessy 1987: 2595 log10(1 + f/700)), triangles of height 1, no area normalisation.
#pragma once

#include <cstddef>

#include "sound/dsp/filterbank.h"

namespace pop2piano {

struct MelOptions {
  int sample_rate = 22050;
  std::size_t n_fft = 4096;
  std::size_t bands = 512;
  double f_min = 10.0;     ///< Hz, lower corner of the first band
  double f_max = 11025.0;  ///< Hz, upper corner of the last band
};

class MelFilterbank : public Filterbank {
 public:
  /// Throws Error(invalid_argument) unless 0 <= f_min < f_max <= sample_rate / 2 and bands > 0.
  explicit MelFilterbank(const MelOptions& options);
};

}  // namespace pop2piano
