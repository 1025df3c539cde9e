// SPDX-License-Identifier: MIT
// Textures that no score has.
#include <algorithm>
#include <cmath>

#include "learning/performances/performance.h"
#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

constexpr int kLow = kLowestPianoPitch, kHigh = kHighestPianoPitch;

class TextureWriter {
 public:
  TextureWriter(std::vector<PerformedNote>& notes, Random& random) : notes_(notes), random_(random) {}

  // From `at` to about `until`; returns where it ended.
  double clusters(double at, double until) {
    const double apart = random_.uniform(0.15, 1.2), width = random_.uniform(10, 50);
    const double centre = random_.uniform(40, 85);
    for (; at < until; at += apart * random_.uniform(0.7, 1.3)) {
      for (std::size_t count = 2 + random_.index(8); count > 0; --count)
        add(at + 0.006 * random_.normal(), apart * random_.uniform(0.3, 1.5), centre + width * 0.5 * random_.normal());
    }
    return at;
  }
  double run(double at, double until) {
    const double apart = random_.uniform(0.06, 0.16);
    double pitch = random_.uniform(kLow, kHigh);
    for (double step = random_.chance(0.5) ? 1.7 : -1.7; at < until; at += apart * random_.uniform(0.9, 1.1)) {
      pitch += step * random_.uniform(0.5, 1.5);
      if (pitch > kHigh || pitch < kLow || random_.chance(0.06)) step = -step;
      add(at, apart * random_.uniform(0.5, 1.6), pitch);
    }
    return at;
  }
  double repeated(double at, double until) {
    const double apart = random_.uniform(0.09, 0.35), pitch = random_.uniform(30, 100);
    const std::size_t voices = 1 + random_.index(3);
    for (; at < until; at += apart * random_.uniform(0.95, 1.05)) {
      for (std::size_t v = 0; v < voices; ++v)
        add(at + 0.004 * random_.normal(), apart * 0.6, pitch + 4.0 * static_cast<double>(v));
    }
    return at;
  }
  double lonely(double at, double until) {
    for (; at < until; at += random_.uniform(0.2, 1.5))
      add(at, random_.uniform(0.05, 2.5), random_.uniform(kLow, kHigh + 0.99));
    return at;
  }
  void choose_loudness() { loudness_ = random_.uniform(30, 105); }

 private:
  void add(double onset, double seconds, double pitch) {
    const double velocity = loudness_ + 12.0 * random_.normal();
    notes_.push_back({.onset = std::max(0.0, onset),
                      .release = std::max(0.0, onset) + std::max(0.04, seconds),
                      .pitch = std::clamp(static_cast<int>(pitch), kLow, kHigh),
                      .velocity = static_cast<int>(std::clamp(velocity, 10.0, 126.0))});
  }

  std::vector<PerformedNote>& notes_;
  Random& random_;
  double loudness_ = 70;
};

}  // namespace

PianoPerformance perform_textures(double seconds, Random random) {
  PianoPerformance performance;
  TextureWriter writer(performance.notes, random);
  double at = random.uniform(0.1, 0.6);
  while (at < seconds - 0.5) {
    const double until = std::min(seconds - 0.5, at + random.uniform(2.0, 7.0));
    writer.choose_loudness();
    switch (random.index(4)) {
      case 0:
        at = writer.clusters(at, until);
        break;
      case 1:
        at = writer.run(at, until);
        break;
      case 2:
        at = writer.repeated(at, until);
        break;
      default:
        at = writer.lonely(at, until);
    }
    at += random.uniform(0.0, 0.8);
  }
  std::ranges::sort(performance.notes, {}, &PerformedNote::onset);
  performance.pedal = draw_pedal(performance.notes, seconds, random);
  finish_performance(performance);
  return performance;
}

}  // namespace pop2piano
