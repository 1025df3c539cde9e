// SPDX-License-Identifier: MIT
#include "listening/pulse/beat_evidence.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace pop2piano {

void BeatEvidence::resize(std::size_t frames) {
  for (auto* column : {&beat, &half, &quarter, &third, &two_thirds, &downbeat, &middle, &backbeat, &waltz})
    column->resize(frames, 0.0f);
}

float strongest_around(const std::vector<float>& curve, std::size_t at, std::size_t before, std::size_t after) {
  const std::size_t first = at > before ? at - before : 0, end = std::min(curve.size(), at + after + 1);
  if (first >= end) return 0.0F;
  return *std::max_element(curve.begin() + static_cast<std::ptrdiff_t>(first),
                           curve.begin() + static_cast<std::ptrdiff_t>(end));
}

float place_in_bar(const BeatEvidence& evidence, std::size_t frame, int metre, int number) {
  const auto at = [frame](const std::vector<float>& column) { return frame < column.size() ? column[frame] : 0.0F; };
  if (number == 1) return at(evidence.downbeat);
  if (metre == 4) return at(number == 3 ? evidence.middle : evidence.backbeat);
  return metre == 3 ? at(evidence.waltz) : 0.0F;
}

BeatEvidence evidence_of(const BeatProbabilities& probabilities, const ProbabilityReading& reading) {
  const std::size_t frames = probabilities.beat.size();
  if (probabilities.downbeat.size() != frames || !(probabilities.frame_rate > 0)) {
    throw Error(ErrorCode::invalid_argument, "beat probabilities: expected two columns of one length, found " +
                                                 std::to_string(frames) + " and " +
                                                 std::to_string(probabilities.downbeat.size()));
  }
  BeatEvidence evidence;
  evidence.frame_rate = probabilities.frame_rate;
  evidence.resize(frames);
  const auto odds = [](double p, double prior) {
    p = std::clamp(p, 1e-4, 1 - 1e-4);
    return std::log(p / (1 - p)) - std::log(prior / (1 - prior));
  };
  for (std::size_t t = 0; t < frames; ++t) {
    const double beat = std::clamp<double>(probabilities.beat[t], 1e-4, 1.0);
    const double downbeat_given_beat = std::clamp(probabilities.downbeat[t] / beat, 0.0, 1.0);
    evidence.beat[t] = static_cast<float>(reading.sharpness * odds(beat, reading.beat_probability));
    // Where there is hardly a beat, the share of downbeats among beats means nothing.
    evidence.downbeat[t] = static_cast<float>(reading.sharpness * reading.downbeat_weight * beat *
                                              odds(downbeat_given_beat, reading.downbeat_share));
  }
  return evidence;
}

}  // namespace pop2piano
